import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FormatError } from '../../../src/core/errors.js';
import { arMembers } from '../../../src/formats/ar.js';
import { ar } from '../../../src/scrub/normalizers/ar.js';
import { arArchive, type ArFields } from '../../formats/build-ar.js';
import { proveNormalizer, type Pair, type Sample } from './harness.js';

const EPOCH = 1_600_000_000;
const LATE = String(EPOCH + 1000);
const TOLD: ArFields = { date: LATE, uid: '1000', gid: '100', mode: '100644' };

const sample = (title: string, bytes: Uint8Array, name = 'lib.a'): Sample => ({
  title,
  name,
  bytes,
  sourceDateEpoch: EPOCH,
});
const pair = (title: string, before: ArFields, after: ArFields): Pair => ({
  ...sample(title, Buffer.alloc(0)),
  before: arArchive([before]),
  after: arArchive([after]),
});
const deb = (fields: ArFields): Buffer =>
  arArchive([
    { ...fields, name: 'debian-binary', data: '2.0\n' },
    { ...fields, name: 'control.tar.xz', data: 'control' },
    { ...fields, name: 'data.tar.xz', data: 'data' },
  ]);
const gnuNames: ArFields = {
  name: '//',
  date: '',
  uid: '',
  gid: '',
  mode: '',
  data: 'a-name-beyond-16-bytes.o/\n',
};

proveNormalizer({
  normalizer: ar,
  samples: [
    sample('one object', arArchive([{ ...TOLD, data: 'odd' }])),
    sample(
      'GNU: symbols and names',
      arArchive([
        { ...TOLD, name: '/', mode: '0', data: '\0\0\0\0' },
        gnuNames,
        { ...TOLD, name: '/0' },
        { ...TOLD, name: 'b.o/' },
      ]),
    ),
    sample(
      'BSD: symbols and names',
      arArchive([
        { ...TOLD, name: '#1/20', data: `__.SYMDEF SORTED\0\0\0\0${'\0'.repeat(8)}` },
        { ...TOLD, name: '#1/24', data: `a-name-beyond-16-bytes.o${'object'}` },
      ]),
    ),
    sample('a package', deb({ date: LATE, mode: '100644' }), 'a.deb'),
    sample('the last byte missing', arArchive([{ ...TOLD, data: 'odd', fill: '' }])),
  ],
  normal: [
    sample('as ar D writes it', arArchive([{ name: '/', mode: '0' }, gnuNames, { name: '/0' }])),
    sample('a package from its time', deb({ date: '1500000000', mode: '100644' }), 'a.deb'),
    sample('nothing in it', arArchive([])),
  ],
  left: [
    sample('a thin archive', arArchive([{ name: '/', data: '' }], '!<thin>\n')),
    sample('text behind', Buffer.concat([arArchive([TOLD]), Buffer.from('text')])),
    sample('a name beyond the table', arArchive([gnuNames, { ...TOLD, name: '/99' }])),
    sample('a date that is none', arArchive([{ date: '-1' }])),
    sample('a byte between members', arArchive([{ ...TOLD, data: 'odd', fill: 'x' }, TOLD])),
  ],
  pairs: [
    pair('date', { date: '1' }, { date: '2' }),
    pair('uid', { uid: '1000' }, { uid: '0' }),
    pair('gid', { gid: '1000' }, { gid: '1001' }),
    pair('mode', { mode: '100644' }, { mode: '100664' }),
    pair('mode as ar D', { mode: '100644' }, { mode: '644' }),
    pair('date of the symbols', { name: '/', date: '1' }, { name: '/', date: '2' }),
    pair('mode of the symbols', { name: '/', mode: '100644' }, { name: '/', mode: '0' }),
    pair('fill', { data: 'odd', fill: '\0' }, { data: 'odd' }),
    {
      ...sample('date of a package', Buffer.alloc(0), 'a.deb'),
      before: deb({ date: LATE }),
      after: deb({ date: `${EPOCH + 1}` }),
    },
  ],
  content: (bytes) => {
    try {
      return [...arMembers(bytes)].map(({ name, role, rawName, dataOffset, dataBytes }) => [
        name,
        role,
        rawName,
        Buffer.from(bytes.subarray(dataOffset, dataOffset + dataBytes)).toString('latin1'),
      ]);
    } catch (error) {
      if (error instanceof FormatError) return null;
      throw error;
    }
  },
  outside: [
    // binutils wants a newline at the end of the name table and a symbol table that is one.
    { command: ['ar', 'tv'], reads: ({ title }) => title === 'one object' },
    { command: ['bsdtar', 'tf'], reads: ({ title }) => !/symbols|missing/.test(title) },
  ],
});

test('ar: without SOURCE_DATE_EPOCH the date of a package stays', () => {
  assert.deepEqual(
    ar.normalize({
      bytes: deb({ date: LATE, mode: '100644' }),
      name: 'a.deb',
      sourceDateEpoch: null,
    }),
    { kind: 'normal' },
  );
});
