/** tar archives: who packed them, when, with which program and in which order; the files in them stay as they are. */

import { FormatError } from '../../core/errors.js';
import { TAR_BLOCK } from '../../formats/tar-header.js';
import { tarEntryBlocks, tarGlobalBlocks } from '../../formats/tar-write.js';
import { isTar, tarMembers, type TarEnd, type TarMember } from '../../formats/tar.js';
import {
  defineNormalizer,
  type FieldChange,
  type NormalizeInput,
  type NormalizeResult,
} from './define.js';
import { orLeft } from './or-left.js';
import { compareMember, type WrittenMember } from './tar-changes.js';
import { tarEntry, TRANSIENT_RECORDS } from './tar-entry.js';
import { orderTar } from './tar-order.js';
import { tarOwners } from './tar-owners.js';

export const tar = defineNormalizer({
  id: 'tar',
  version: 1,
  summary:
    'Writes tar headers in one way: clamped times, no user names, no file type in modes, sorted members, ustar with pax where needed.',
  rationale:
    'Modes lose the file type that Go writes and others do not; times above SOURCE_DATE_EPOCH become it and fractions go (without it times stay). User and group names go, as with --numeric-owner: they are those of the packing machine. Numeric owners stay, because layers and root file systems need them; only archives that say they are a release (package/package.json, NAME-VERSION/PKG-INFO, or one directory named as the file with a version, all of one owner) get 0. pax records of access and change times, device, inode and link count go; attributes, ACLs, flags and comments stay, sorted. Values go into ustar headers where they fit and into pax records where not (GNU long names that are not ASCII stay as GNU has them: pax would call them UTF-8); process ids leave the names of extension headers. Members are sorted, the first name of a hard-linked file gets its content, whiteouts come first in their directory; not where a name comes twice or a path leads through a link. Padding is zeros, and the end fills 20 blocks. Contents and sparse maps stay. Left: incremental, multi-volume, star and Solaris archives, global headers that give values, data behind the end, a missing end, a format that fixes the order (Gentoo gpkg, OVA, gem). POSIX.1-2017 pax; GNU tar manual, Tar Internals; OCI image-spec layer.md.',
  extensions: ['.tar'],
  matches: (head) => isTar(head),
  normalize: (input) => normalizeTar(input),
});

export interface TarOptions {
  /** Default: as the archive says, see `tarOwners`. */
  readonly owners?: 'keep' | 'root';
}

/** POSIX's record: 20 blocks, what tar reads from a tape at once. */
const RECORD = 20 * TAR_BLOCK;
const FIXED_ORDER = /\.(?:gpkg\.tar|ova|gem)$/i;

/** The normaliser with a choice of owners. */
export function normalizeTar(input: NormalizeInput, options: TarOptions = {}): NormalizeResult {
  return orLeft(() => rewrite(input, options));
}

function rewrite(
  { bytes, name, sourceDateEpoch }: NormalizeInput,
  options: TarOptions,
): NormalizeResult {
  if (FIXED_ORDER.test(name))
    return { kind: 'left', reason: 'its format fixes the order of members, or signs them' };
  const { members, end } = readAll(bytes);
  checkEnd(end);
  const rules = { sourceDateEpoch, owners: options.owners ?? tarOwners(members, name) };
  const written: WrittenMember[] = members.map((member) => {
    const entry = tarEntry(bytes, member, rules);
    return { entry, content: member };
  });
  const sorted = globalsAfterStart(members) ? null : orderTar(written);
  const output = join(bytes, members, sorted ?? written, sourceDateEpoch);
  if (output.equals(bytes)) return { kind: 'normal' };
  const fields = changedFields(bytes, written, sorted ?? written, end, output.length);
  return { kind: 'changed', bytes: output, fields };
}

function readAll(bytes: Uint8Array): { members: readonly TarMember[]; end: TarEnd } {
  const members: TarMember[] = [];
  const generator = tarMembers(bytes);
  for (;;) {
    const step = generator.next();
    if (step.done === true) return { members, end: step.value };
    members.push(step.value);
  }
}

function checkEnd(end: TarEnd): void {
  if (end.trailingOffset !== null)
    throw new FormatError('tar', end.trailingOffset, 'data behind the end of the archive');
  if (end.zeroBlocks < 2)
    throw new FormatError('tar', end.offset, 'the two blocks that end the archive are missing');
  if (end.extensions.length > 0)
    throw new FormatError('tar', end.offset, 'extension headers without a member');
}

function globalsAfterStart(members: readonly TarMember[]): boolean {
  return members
    .slice(1)
    .some(({ extensions }) => extensions.some(({ kind }) => kind === 'global'));
}

function join(
  bytes: Uint8Array,
  members: readonly TarMember[],
  ordered: readonly WrittenMember[],
  epoch: number | null,
): Buffer {
  // Global headers keep their place: before the member at the same position, or before all.
  const pieces: Uint8Array[] = [];
  let length = 0;
  const put = (piece: Uint8Array): void => {
    pieces.push(piece);
    length += piece.length;
  };
  for (const [i, { entry, content }] of ordered.entries()) {
    for (const blocks of globalBlocks(members[i]!, epoch)) put(blocks);
    put(tarEntryBlocks(entry));
    const { dataOffset, sparseBlocks, dataBytes } = content;
    const data = bytes.subarray(dataOffset, dataOffset + sparseBlocks * TAR_BLOCK + dataBytes);
    put(data);
    put(new Uint8Array((TAR_BLOCK - (data.length % TAR_BLOCK)) % TAR_BLOCK));
  }
  put(new Uint8Array(Math.ceil((length + 2 * TAR_BLOCK) / RECORD) * RECORD - length));
  return Buffer.concat(pieces, length);
}

/** A comment (git's commit) may stand in a global header; a value would be one of every member. */
function globalBlocks({ extensions }: TarMember, epoch: number | null): Buffer[] {
  const blocks: Buffer[] = [];
  for (const extension of extensions) {
    if (extension.kind !== 'global') continue;
    const { header, records } = extension;
    const kept = records.filter(({ key }) => !TRANSIENT_RECORDS.includes(key));
    if (kept.length > 1 || kept.some(({ key }) => key !== 'comment') || header.mtime.value < 0)
      throw new FormatError('tar', header.offset, 'a global header that gives values to members');
    const mtime = Math.min(header.mtime.value, epoch ?? header.mtime.value, 0o77777777777);
    if (kept.length > 0) blocks.push(tarGlobalBlocks(kept, mtime));
  }
  return blocks;
}

function changedFields(
  bytes: Uint8Array,
  before: readonly WrittenMember[],
  after: readonly WrittenMember[],
  end: TarEnd,
  length: number,
): FieldChange[] {
  const written = new Map(after.map(({ entry }) => [entry.path, entry]));
  const fields: FieldChange[] = [];
  const isMoved = after.some(({ entry }, i) => entry.path !== before[i]!.entry.path);
  if (isMoved) {
    const at = after.findIndex(({ entry }, i) => entry.path !== before[i]!.entry.path);
    const path = (list: readonly WrittenMember[]): string => `#${at + 1} ${list[at]!.entry.path}`;
    fields.push({ member: '', field: 'order', before: path(before), after: path(after) });
  }
  for (const { entry, content } of before)
    // Names that come twice are never moved.
    fields.push(...compareMember(bytes, content, isMoved ? written.get(entry.path)! : entry));
  const padding = bytes.length - end.offset;
  if (fields.length === 0 || length !== bytes.length)
    fields.push({
      member: '',
      field: 'archive',
      before: `${bytes.length} bytes, ${padding} at the end`,
      after: `${length} bytes, filled to ${RECORD}`,
    });
  return fields;
}
