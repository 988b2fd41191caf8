/** Streams of .xz files (The .xz File Format 1.2.1): settings of the compressor, checks, compressed data. */

import type { Fact } from '../../core/facts.js';
import type { RandomAccess } from '../../core/random-access.js';
import { lzma2DictionaryBytes, XZ_CHECK, XZ_FILTER } from '../../formats/codec/xz-fields.js';
import { readXzStructure, type XzBlock, type XzStream } from '../../formats/codec/xz-structure.js';
import { regionDigest } from '../common/region-digest.js';
import { shortDigest } from '../common/short-digest.js';
import { fact, paddingFacts, type CodecUnit, type CodecUnits } from './units.js';

/** Index and footer agree with the blocks, and every field in them has one form: the blocks tell all. */
export function readXzUnits(input: RandomAccess): CodecUnits {
  const { streams } = readXzStructure(input);
  let end = 0;
  const units = streams.map((stream): CodecUnit => {
    const facts = [...paddingFacts(end, stream.offset), ...streamFacts(input, stream)];
    end = stream.end;
    return { offset: stream.offset, facts };
  });
  return { name: 'streams', units, end };
}

function streamFacts(input: RandomAccess, { offset, check, blocks }: XzStream): readonly Fact[] {
  const facts = [fact('Check', 'codec', CHECKS.get(check) ?? String(check), offset + 7)];
  const [first] = blocks;
  if (first === undefined) return facts;
  const data = blocks.map(({ dataOffset, checkOffset }) => ({
    offset: dataOffset,
    length: checkOffset - dataOffset,
  }));
  const checks = blocks.map((block) => Buffer.from(block.check).toString('hex'));
  facts.push(
    fact('Filters', 'codec', filtersText(first), first.offset + 2),
    fact('Block Header', 'codec', headerText(first), first.offset),
    fact('lc lp pb', 'codec', properties(first.data.properties), first.dataOffset),
  );
  if (blocks.length > 1) {
    const headers = blocks.map((block) => `${filtersText(block)} ${headerText(block)}`);
    facts.push(
      fact('Block Size', 'codec', first.data.contentBytes, first.offset),
      fact('Blocks', 'size', blocks.length, first.offset),
    );
    // What mostly is the same for all of them.
    if (new Set(headers).size > 1)
      facts.push(fact('Block Headers', 'codec', shortDigest(headers.join('\n')), first.offset));
  }
  facts.push(fact('Compressed Data', 'stream', regionDigest(input, ...data), first.dataOffset));
  if (first.check.length > 0) {
    const value = checks.length === 1 ? checks[0]! : shortDigest(checks.join());
    facts.push(fact('Checks', 'checksum', value, first.checkOffset));
  }
  return facts;
}

const CHECKS = new Map<number, string>(Object.entries(XZ_CHECK).map(([name, id]) => [id, name]));
const FILTERS = new Map<number, string>(Object.entries(XZ_FILTER).map(([name, id]) => [id, name]));

function filtersText({ filters }: XzBlock): string {
  return filters
    .map(({ id, properties: bytes }) => {
      const name = FILTERS.get(id) ?? String(id);
      const dictionary = id === XZ_FILTER.LZMA2 ? lzma2DictionaryBytes(bytes) : null;
      if (dictionary !== null) return `${name}=${dictionary}`;
      return bytes.length === 0 ? name : `${name}=${Buffer.from(bytes).toString('hex')}`;
    })
    .join(' ');
}

/** Encoders with several threads write the sizes; room that is left says which encoder it was. */
function headerText({ compressedBytes, contentBytes, headerBytes, paddingBytes }: XzBlock): string {
  const sizes = [
    compressedBytes === null ? '' : 'compressed',
    contentBytes === null ? '' : 'uncompressed',
  ];
  const told = sizes.filter((text) => text !== '').join(' and ');
  // The sizes make the header longer or shorter: their own length says nothing.
  const room =
    told === '' ? `${headerBytes} bytes` : paddingBytes < 4 ? 'tight' : `${paddingBytes} left`;
  return `${told === '' ? 'no' : told} size, ${room}`;
}

/** Bytes that hold `(pb * 5 + lp) * 9 + lc`. */
function properties(bytes: readonly number[]): string | null {
  if (bytes.length === 0) return null;
  return bytes
    .map((byte) => `${byte % 9} ${Math.floor(byte / 9) % 5} ${Math.floor(byte / 45)}`)
    .join(', ');
}
