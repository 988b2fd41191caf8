/** `mime.cache` as update-mime-database writes it (Shared MIME-info Database specification, "The cache files"). */

import { FormatError } from '../core/errors.js';
import { dissect, type ByteAccount, type ByteRange, type Dissector } from './byte-fields.js';

export interface MimeSection extends ByteRange {
  readonly name: keyof typeof SECTIONS;
  /** Records of its first list. */
  readonly count: number;
}

export interface MimePair {
  readonly section: MimeSection['name'];
  readonly offset: number;
  readonly key: string;
  /** Names that belong to it: one, but for the parents of a type. */
  readonly values: readonly string[];
  /** Weight and flags of a glob or literal; 0 elsewhere. */
  readonly weight: number;
}

export interface MimeCache {
  readonly major: number;
  readonly minor: number;
  /** In the order of the file; a section goes to the start of the next, and strings lie among them. */
  readonly sections: readonly MimeSection[];
  /** Aliases, parents, literals, globs, namespaces and icons; suffix trees and magic are in the gaps as bytes. */
  readonly pairs: readonly MimePair[];
  /** The header's fields. */
  readonly account: ByteAccount;
}

/** There is no magic number: a version 1.x and offsets of sections. */
export function isMimeCache(head: Uint8Array): boolean {
  if (head.length < 40) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const offsets = Array.from({ length: 9 }, (_, i) => view.getUint32(4 + 4 * i));
  return (
    view.getUint16(0) === 1 &&
    view.getUint16(2) <= 2 &&
    view.getUint16(2) >= 1 &&
    offsets.every((at) => at >= 36)
  );
}

/** Throws `FormatError` when there is no header; damage behind it is in the account's problems. */
export function readMimeCache(bytes: Uint8Array): MimeCache {
  if (!isMimeCache(bytes)) throw new FormatError('mime-cache', 0, 'no header of version 1');
  const input = dissect('mime-cache', bytes, false);
  const header = input.struct(HEADER, 0, '');
  const starts = (Object.keys(SECTIONS) as MimeSection['name'][])
    .map((name) => ({ name, offset: header[name] }))
    .sort((a, b) => a.offset - b.offset);
  const pairs: MimePair[] = [];
  const sections = starts.map(({ name, offset }, i) => {
    const end = Math.min(starts[i + 1]?.offset ?? bytes.length, bytes.length);
    const count =
      input.attempt(() => {
        const { count: found } = input.struct({ count: 'u32' }, offset, name);
        const size = SECTIONS[name];
        for (let record = 0; size > 0 && record < found; record++)
          pairs.push(readPair(input, name, offset + 4 + record * size));
        return found;
      }) ?? 0;
    return { name, offset, length: Math.max(0, end - offset), count };
  });
  return { major: header.major, minor: header.minor, sections, pairs, account: input.account() };
}

function readPair(input: Dissector, section: MimeSection['name'], offset: number): MimePair {
  if (section === 'namespaces') {
    const { first, second, type } = input.struct(NAMESPACE, offset);
    return {
      section,
      offset,
      key: `${input.text(first)} ${input.text(second)}`,
      values: [input.text(type)],
      weight: 0,
    };
  }
  const { key, value } = input.struct(PAIR, offset);
  const isWeighted = section === 'literals' || section === 'globs';
  return {
    section,
    offset,
    key: input.text(key),
    values: section === 'parents' ? parents(input, value) : [input.text(value)],
    weight: isWeighted ? input.struct({ weight: 'u32' }, offset + 8).weight : 0,
  };
}

function parents(input: Dissector, at: number): readonly string[] {
  const { count } = input.struct({ count: 'u32' }, at);
  if (count > (input.size - at) / 4)
    throw new FormatError('mime-cache', at, `${count} parents of a type`);
  return Array.from({ length: count }, (_, i) =>
    input.text(input.struct({ name: 'u32' }, at + 4 + 4 * i).name),
  );
}

/** Bytes of a record; 0 for sections that are trees. */
const SECTIONS = {
  aliases: 8,
  parents: 8,
  literals: 12,
  suffixes: 0,
  globs: 12,
  magic: 0,
  namespaces: 12,
  icons: 8,
  genericIcons: 8,
} as const;
const HEADER = {
  major: 'u16',
  minor: 'u16',
  aliases: 'u32',
  parents: 'u32',
  literals: 'u32',
  suffixes: 'u32',
  globs: 'u32',
  magic: 'u32',
  namespaces: 'u32',
  icons: 'u32',
  genericIcons: 'u32',
} as const;
const PAIR = { key: 'u32', value: 'u32' } as const;
const NAMESPACE = { first: 'u32', second: 'u32', type: 'u32' } as const;
