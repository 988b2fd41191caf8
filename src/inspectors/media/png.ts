/** PNG images: chunk by chunk, with the time and the texts that programs leave, and pixels apart from their compression. */

import { inflateSync } from 'node:zlib';

import type { FactPart, FactProblem, FactRow, FactValue } from '../../core/facts.js';
import { bufferAccess } from '../../core/random-access.js';
import { isPng, pngKeyword, readPng, type PngChunk } from '../../formats/png.js';
import { isSecretName } from '../../core/secret-words.js';
import { xxh64Hex } from '../../util/xxh64.js';
import { narrow } from '../common/narrow.js';
import { shortDigest } from '../common/short-digest.js';
import { literalValues, VALUE_COLUMNS } from '../common/literal.js';
import { defineInspector, type InspectContext } from '../define.js';

const MOST_BYTES = 64 * 1024 * 1024;
/** Pixels beyond this are compared by their compressed bytes. */
const MOST_PIXEL_BYTES = 64 * 1024 * 1024;

export const pngInspector = defineInspector({
  id: 'png',
  version: 1,
  summary:
    'PNG images (ISO/IEC 15948): times and texts of their chunks; scan lines apart from their compression.',
  streams: false,
  claims: ({ head }) => isPng(head),
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MOST_BYTES);
    const chunks = readPng(bytes);
    context.spend(chunks.length);
    const problems: FactProblem[] = [];
    const rows = await rowsOf(chunks, context, problems);
    const end = chunks.at(-1)!.end;
    const trailing = end < bytes.length ? shortDigest(bytes.subarray(end)) : null;
    return {
      facts: [{ name: 'trailing', kind: 'opaque', value: trailing, offset: end }],
      tables: [narrow({ name: 'chunks', ordered: true, columns: COLUMNS, rows })],
      problems,
    };
  },
});

const COLUMNS = [
  { name: 'length', kind: 'size' },
  { name: 'CRC', kind: 'checksum' },
  { name: 'header', kind: 'text' },
  { name: 'stream', kind: 'stream' },
  ...VALUE_COLUMNS,
] as const;

async function rowsOf(
  chunks: readonly PngChunk[],
  context: InspectContext,
  problems: FactProblem[],
): Promise<FactRow[]> {
  const pixels = chunks.filter(({ type }) => type === 'IDAT');
  const rows: FactRow[] = [];
  for (const chunk of chunks) {
    const { type, data, offset, end } = chunk;
    const keyword = pngKeyword(chunk);
    const isFirst = chunk === pixels[0];
    const part = isFirst ? await pixelPart(pixels, context, problems) : null;
    const crc = Buffer.from(data.buffer, data.byteOffset, end - offset - 8).readUInt32BE(
      data.length,
    );
    rows.push({
      key: keyword === null ? type : `${type} ${keyword}`,
      values: [data.length, crc, ...valuesOf(chunk, keyword, context)],
      offset,
      part,
    });
  }
  return rows;
}

/** From `header` on. */
function valuesOf(
  { type, data }: PngChunk,
  keyword: string | null,
  context: InspectContext,
): FactValue[] {
  const none = VALUE_COLUMNS.map(() => null);
  if (type === 'IHDR') return [Buffer.from(data).toString('hex'), null, ...none];
  if (type === 'IDAT') return [null, xxh64Hex(data), ...none];
  const text = Buffer.from(data).toString('latin1');
  if (type === 'tIME' && data.length === 7) {
    const [year, month, day, hour, minute, second] = [
      data[0]! * 256 + data[1]!,
      ...data.subarray(2),
    ];
    const digits = (value: number, width = 2): string => String(value).padStart(width, '0');
    const time = `${digits(year!, 4)}-${digits(month!)}-${digits(day!)}T${digits(hour!)}:${digits(minute!)}:${digits(second!)}Z`;
    return [null, null, ...none.map((_, i) => (VALUE_COLUMNS[i]!.kind === 'time' ? time : null))];
  }
  const value = keyword === null ? text : text.slice(keyword.length + 1);
  if (type === 'tEXt')
    return [null, null, ...literalValues(value, isSecretName(keyword ?? ''), context)];
  return [
    null,
    null,
    ...none.map((_, i) =>
      VALUE_COLUMNS[i]!.kind === 'opaque' && text !== '' ? xxh64Hex(data) : null,
    ),
  ];
}

/** Scan lines as they were before compression (section 10.1: one zlib stream in all IDAT chunks). */
async function pixelPart(
  chunks: readonly PngChunk[],
  context: InspectContext,
  problems: FactProblem[],
): Promise<FactPart | null> {
  const stream = Buffer.concat(chunks.map(({ data }) => data));
  const most = Math.min(MOST_PIXEL_BYTES, context.outputBudget());
  try {
    const lines = inflateSync(stream, { maxOutputLength: Math.max(1, most) });
    return await context.part('IDAT', bufferAccess(lines), 'blocks');
  } catch (error) {
    if (!isZlibError(error)) throw error;
    problems.push({ offset: chunks[0]!.offset, detail: `IDAT: ${error.code}` });
    return null;
  }
}

function isZlibError(error: unknown): error is Error & { readonly code: string } {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    (error.code.startsWith('Z_') || error.code === 'ERR_BUFFER_TOO_LARGE')
  );
}
