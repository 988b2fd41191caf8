/** Tar archives that the tests of its normaliser share. */

import { GNU, paxHeader, tarArchive, tarMember, type TarFields } from '../../formats/build-tar.js';

export const EPOCH = 1_600_000_000;
export const LATE = EPOCH + 1000;
export const LONG = `${'d'.repeat(90)}/${'e'.repeat(90)}/${'f'.repeat(90)}`;
export const SPLIT = `${'d'.repeat(90)}/${'f'.repeat(90)}`;

export const file = (fields: TarFields = {}): Buffer => tarMember({ data: 'content', ...fields });
export const one = (fields: TarFields = {}, blocks = 1): Buffer =>
  tarArchive([file(fields)], blocks);

export const linked = [
  file({ name: 'z' }),
  tarMember({ name: 'b', typeflag: '1', linkname: 'z' }),
  tarMember({ name: 'a', typeflag: '1', linkname: 'z' }),
];
export const gnuSparse = tarMember({
  name: 'sparse',
  typeflag: 'S',
  magic: GNU,
  mode: 0o100644,
  mtime: LATE,
  data: 'hole!',
  // atime, ctime, offset, names, then pairs of offset and length, and the size with holes.
  prefix: `${'00000000001\0'.repeat(2)}${'\0'.repeat(17)}00000001000\x0000000000005\x0000000002000\x0000000000000\0${'\0'.repeat(49)}00000002000`,
});
export const paxSparse = Buffer.concat([
  paxHeader(
    [
      ['GNU.sparse.major', '1'],
      ['GNU.sparse.minor', '0'],
      ['GNU.sparse.name', 'dir/sparse'],
      ['GNU.sparse.realsize', '1024'],
    ],
    { name: 'dir/PaxHeaders.31208/sparse' },
  ),
  tarMember({
    name: 'dir/GNUSparseFile.31208/sparse',
    data: `1\n512\n5\n${'\0'.repeat(504)}hole!`,
  }),
]);

export function withRecords(
  records: readonly (readonly [string, string])[],
  name = './PaxHeaders/file',
): Buffer {
  return tarArchive([paxHeader(records, { name }), file()]);
}
