/** PNG images: chunks that say when the image was made or saved (W3C PNG, third edition, sections 11.3.3 and 11.3.6). */

import { isPng, pngKeyword, pngPlainText, readPng, type PngChunk } from '../../formats/png.js';
import { defineNormalizer, type FieldChange } from './define.js';
import { orLeft } from './or-left.js';

export const png = defineNormalizer({
  id: 'png',
  version: 1,
  summary: 'Takes the chunks out of PNG images that say when they were saved.',
  rationale:
    'tIME goes, and the texts date:create, date:modify and date:timestamp that ImageMagick writes: nothing shows them, and all have one absent form. `Creation Time` goes too, unless SOURCE_DATE_EPOCH says that it is older than the sources: then it is that of the original. All other chunks, and data behind IEND, stay byte for byte: Software is the same for the same program, Thumb::MTime is how a thumbnail is known to be fresh, Exif and XMP belong to the picture. An image with a signature (dSIG, caBX of C2PA) is left.',
  extensions: ['.png', '.apng'],
  matches: (head) => isPng(head),
  normalize: ({ bytes, sourceDateEpoch }) =>
    orLeft(() => {
      const chunks = readPng(bytes);
      const signature = chunks.find(({ type }) => SIGNATURES.includes(type));
      if (signature !== undefined)
        return { kind: 'left', reason: `it is signed (chunk ${signature.type})` };
      const varying = chunks.filter((chunk) => varies(chunk, sourceDateEpoch));
      if (varying.length === 0) return { kind: 'normal' };
      return { kind: 'changed', bytes: without(bytes, varying), fields: varying.map(fieldOf) };
    }),
});

const SIGNATURES: readonly string[] = ['dSIG', 'caBX'];
const SAVED: readonly string[] = ['date:create', 'date:modify', 'date:timestamp'];
const CREATED = 'Creation Time';

function varies(chunk: PngChunk, sourceDateEpoch: number | null): boolean {
  if (chunk.type === 'tIME') return true;
  const keyword = pngKeyword(chunk);
  if (keyword === null) return false;
  if (SAVED.includes(keyword)) return true;
  return keyword === CREATED && !isOlder(chunk, sourceDateEpoch);
}

/** Whether the time is written so that it can be read, and is not after the epoch. */
function isOlder(chunk: PngChunk, sourceDateEpoch: number | null): boolean {
  const text = pngPlainText(chunk);
  if (text === null || sourceDateEpoch === null) return false;
  // Without a zone the text would mean another time on another machine.
  const zoned = /(Z|GMT|UTC?|[+-]\d\d:?\d\d)$/.test(text.trim()) ? text : `${text} UTC`;
  return Date.parse(zoned) <= sourceDateEpoch * 1000;
}

function without(bytes: Uint8Array, chunks: readonly PngChunk[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const { offset, end } of chunks) {
    parts.push(bytes.subarray(from, offset));
    from = end;
  }
  return Buffer.concat([...parts, bytes.subarray(from)]);
}

function fieldOf(chunk: PngChunk): FieldChange {
  const keyword = pngKeyword(chunk);
  return {
    member: '',
    field: keyword === null ? chunk.type : `${chunk.type} ${keyword}`,
    before: keyword === null ? timeOf(chunk) : (pngPlainText(chunk) ?? 'compressed text'),
    after: 'none',
  };
}

/** A tIME chunk: year, month, day, hour, minute, second; whatever it holds otherwise is told in hex. */
function timeOf({ data }: PngChunk): string {
  if (data.length !== 7) return `hex ${Buffer.from(data).toString('hex')}`;
  const [high, low, ...rest] = data;
  const [month, day, hour, minute, second] = rest.map((value) => String(value).padStart(2, '0'));
  return `${high! * 256 + low!}-${month}-${day}T${hour}:${minute}:${second}Z`;
}
