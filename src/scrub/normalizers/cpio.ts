/** cpio archives, initramfs images that are not compressed among them: the inodes and times of the builder's disk. */

import { FormatError } from '../../core/errors.js';
import {
  cpioDialect,
  cpioHeaderBytes,
  cpioLimit,
  cpioMembers,
  type CpioEnd,
  type CpioHeader,
  type CpioMember,
} from '../../formats/cpio.js';
import { cpioInodes } from './cpio-inodes.js';
import { defineNormalizer, type FieldChange, type NormalizeResult } from './define.js';
import { orLeft } from './or-left.js';

export const cpio = defineNormalizer({
  id: 'cpio',
  version: 1,
  summary: 'Numbers the inodes of cpio archives anew, takes device numbers out and clamps times.',
  rationale:
    'Inode and device tell of the disk that was packed; only which names share an inode matters, and that stays. Link counts become the number of names in the archive, 2 for directories: the kernel asks only whether there are several. Times above SOURCE_DATE_EPOCH become it, without it they stay. Device numbers stay where the member is a device. Hexadecimal digits are upper case, padding within an archive is zeros. Order, owners, modes, names, data, sums and the zeros between and behind archives stay: an initramfs needs parents first, microcode first and its alignment. Left: anything that is not cpio up to its end, such as a compressed archive behind the first. cpio(5); Linux early-userspace/buffer-format.rst.',
  extensions: ['.cpio'],
  matches: (head) => cpioDialect(head) !== null,
  normalize: ({ bytes, sourceDateEpoch }) => orLeft(() => rewrite(bytes, sourceDateEpoch)),
});

/** Header fields by the names that cpio(5) gives them. */
const FIELD_NAMES = {
  ino: 'c_ino',
  nlink: 'c_nlink',
  mtime: 'c_mtime',
  devmajor: 'c_devmajor',
  devminor: 'c_devminor',
  rdevmajor: 'c_rdevmajor',
  rdevminor: 'c_rdevminor',
  uid: 'c_uid',
  gid: 'c_gid',
  mode: 'c_mode',
  check: 'c_check',
} as const satisfies Partial<Record<keyof CpioHeader, string>>;
const TYPE_BITS = 0o170000;
const CHARACTER_DEVICE = 0o020000;
const BLOCK_DEVICE = 0o060000;
const DIRECTORY = 0o040000;

function rewrite(bytes: Uint8Array, epoch: number | null): NormalizeResult {
  const { members, end } = readAll(bytes);
  if (end.offset !== bytes.length)
    throw new FormatError('cpio', end.offset, 'something else follows the archive');
  const inodes = cpioInodes(members);
  const output = Buffer.from(bytes);
  const fields: FieldChange[] = [];
  for (const [i, member] of members.entries()) {
    const header = neutral(member, inodes[i]!, epoch);
    const written = cpioHeaderBytes(member.dialect, header, member.path);
    output.set(written, member.offset);
    const dataEnd = member.dataOffset + header.sizeBytes;
    output.fill(0, dataEnd, member.end);
    if (output.compare(bytes, member.offset, member.end, member.offset, member.end) !== 0)
      fields.push(...changesOf(member, header));
  }
  return output.equals(bytes) ? { kind: 'normal' } : { kind: 'changed', bytes: output, fields };
}

function readAll(bytes: Uint8Array): { members: readonly CpioMember[]; end: CpioEnd } {
  const members: CpioMember[] = [];
  const generator = cpioMembers(bytes);
  for (;;) {
    const step = generator.next();
    if (step.done === true) return { members, end: step.value };
    members.push(step.value);
  }
}

function neutral(
  { dialect, header, isTrailer, offset }: CpioMember,
  inode: { readonly ino: number; readonly names: number },
  epoch: number | null,
): CpioHeader {
  const { mode, mtime, rdevmajor, rdevminor, check } = header;
  if (isTrailer)
    return {
      ...header,
      ino: 0,
      mode: 0,
      uid: 0,
      gid: 0,
      nlink: 1,
      mtime: 0,
      ...NO_DEVICE,
      check: 0,
    };
  const type = mode & TYPE_BITS;
  const isDevice = type === CHARACTER_DEVICE || type === BLOCK_DEVICE;
  if (inode.ino > cpioLimit(dialect, 'ino') || inode.names > cpioLimit(dialect, 'nlink'))
    throw new FormatError('cpio', offset, 'more inodes than the format can number');
  return {
    ...header,
    ...NO_DEVICE,
    ino: inode.ino,
    nlink: type === DIRECTORY ? 2 : inode.names,
    mtime: epoch === null ? mtime : Math.min(mtime, Math.max(epoch, 0)),
    rdevmajor: isDevice ? rdevmajor : 0,
    rdevminor: isDevice ? rdevminor : 0,
    check: dialect === 'newc' ? 0 : check,
  };
}

const NO_DEVICE = { devmajor: 0, devminor: 0, rdevmajor: 0, rdevminor: 0 };

function changesOf({ header, path }: CpioMember, now: CpioHeader): FieldChange[] {
  const fields: FieldChange[] = [];
  for (const [key, field] of Object.entries(FIELD_NAMES)) {
    const name = key as keyof typeof FIELD_NAMES;
    const [before, after] = [header[name], now[name]];
    if (before !== after)
      fields.push({ member: path, field, before: String(before), after: String(after) });
  }
  if (fields.length === 0)
    fields.push({
      member: path,
      field: 'digits and padding',
      before: 'lower case, or other bytes than zeros',
      after: 'upper case and zeros',
    });
  return fields;
}
