/** What changed in one tar member, field by field, as the header has it. */

import { displayBytes } from '../../core/path.js';
import { tarBlock, TAR_BLOCK, tarText, type TarFieldName } from '../../formats/tar-header.js';
import { tarEntryBlocks, type TarEntry } from '../../formats/tar-write.js';
import type { TarMember } from '../../formats/tar.js';
import type { FieldChange } from './define.js';
import type { OrderedEntry } from './tar-order.js';

export type WrittenMember = OrderedEntry<TarMember>;

const FIELDS: readonly TarFieldName[] = [
  'name',
  'mode',
  'uid',
  'gid',
  'size',
  'mtime',
  'checksum',
  'typeflag',
  'linkname',
  'magic',
  'uname',
  'gname',
  'devmajor',
  'devminor',
  'prefix',
];

/** Headers first, then extension headers, then padding; empty when nothing of it changed. */
export function compareMember(
  bytes: Uint8Array,
  member: TarMember,
  entry: TarEntry,
): FieldChange[] {
  const blocks = tarEntryBlocks(entry);
  const before = tarBlock(bytes, member.header.offset);
  const after = blocks.subarray(blocks.length - TAR_BLOCK);
  const fields: FieldChange[] = [];
  const change = (field: string, was: string, is: string): void => {
    if (was === is) return;
    const [a, b] = [trimmed(was), trimmed(is)];
    // Where only the padding or the terminator differs, it is what has to be shown.
    fields.push({
      member: entry.path,
      field,
      before: displayBytes(a === b ? was : a),
      after: displayBytes(a === b ? is : b),
    });
  };
  for (const field of FIELDS) change(field, tarText(before, field), tarText(after, field));
  // A checksum that follows from other fields is no change of its own.
  if (fields.length > 1) fields.splice(0, fields.length, ...fields.filter(isNoChecksum));
  const wasExtended = extensionText(bytes, member);
  const isExtended = blocks.toString('latin1', 0, blocks.length - TAR_BLOCK);
  if (wasExtended !== isExtended)
    change('extended header', summary(member), recordNames(isExtended));
  return fields;
}

function isNoChecksum({ field }: FieldChange): boolean {
  return field !== 'checksum';
}

function trimmed(text: string): string {
  return text.replace(/[ \0]+$/, '');
}

/** Global headers belong to the archive. */
function extensionText(bytes: Uint8Array, { extensions, offset, header }: TarMember): string {
  const last = extensions.findLast(({ kind }) => kind === 'global');
  const size = last === undefined ? 0 : last.header.size.value;
  const start =
    last === undefined
      ? offset
      : last.header.offset + TAR_BLOCK + Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'latin1',
    start,
    header.offset,
  );
}

function summary(member: TarMember): string {
  const extensions = member.extensions.filter(({ kind }) => kind !== 'global');
  const parts = extensions.map(({ kind, header }) => `${kind} ${header.name}`);
  const keys = extensions.flatMap((e) =>
    'records' in e ? e.records.map(({ key, value }) => `${key}=${value.slice(0, 80)}`) : [],
  );
  return [...parts, ...keys].join(', ');
}

function recordNames(blocks: string): string {
  return blocks === '' ? 'none' : `written anew, ${blocks.length / TAR_BLOCK} blocks`;
}
