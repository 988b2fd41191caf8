import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cpioMember } from '../../formats/build-cpio.js';
import { buildRpmHeader, numbers, text, texts } from '../../formats/build-rpm-header.js';
import { RPM_TAG, RPM_TYPE } from '../../../src/formats/rpm-header.js';
import { everyDifference } from '../every-difference.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';

type RpmTestEntry = ReturnType<typeof numbers>;

interface Parts {
  readonly name?: string;
  readonly buildTime?: number;
  readonly host?: string;
  readonly signature?: readonly number[];
  readonly payload?: string | Buffer;
  /** Tags of the header behind those that all have. */
  readonly files?: readonly RpmTestEntry[];
}

function build({
  name = 'x-1-1',
  buildTime = 1_790_000_000,
  host = 'a.example',
  signature = [1, 2, 3],
  payload = 'payload text\n',
  files = [],
}: Parts = {}): Buffer {
  const lead = Buffer.alloc(96);
  lead.writeUInt32BE(0xedabeedb, 0);
  lead[4] = 3;
  lead.writeUInt16BE(1, 8);
  lead.write(name, 10, 'latin1');
  lead.writeUInt16BE(1, 76);
  lead.writeUInt16BE(5, 78);
  const magic = Buffer.from('8eade80100000000', 'hex');
  const first = buildRpmHeader(null, [
    numbers(268, signature, RPM_TYPE.BIN),
    numbers(1008, Array<number>(16).fill(0), RPM_TYPE.BIN),
  ]);
  const second = buildRpmHeader(
    [text(RPM_TAG.NAME, 'x'), numbers(1006, [buildTime]), text(1007, host), ...files],
    [],
  );
  const end = lead.length + 8 + first.length;
  const padding = Buffer.alloc((8 - (end % 8)) % 8);
  return Buffer.concat([lead, magic, first, padding, magic, second, Buffer.from(payload)]);
}

test('every byte of a package file is in some fact', async () => {
  await proveEveryByte('x.rpm', build(), 5000);
  await proveTruncation('x.rpm', build());
});

test('each difference is named by header and tag', async () => {
  const cases: readonly (readonly [Parts, string])[] = [
    [{ name: 'y-1-1' }, 'lead.name text'],
    [{ buildTime: 1_790_000_001 }, 'header!BUILDTIME time'],
    [{ host: 'b.example' }, 'header!BUILDHOST host'],
    [{ signature: [1, 2, 4] }, 'signature!RSAHEADER signature'],
    [{ payload: 'payload next\n' }, 'payload!line 1 opaque'],
  ];
  for (const [parts, expected] of cases)
    assert.deepEqual(await everyDifference('x.rpm', build(), build(parts)), [expected]);
});

test('a package file is healthy, and its reserved space is no difference', async () => {
  const { format, problems, facts } = await lookInto('x.rpm', build());
  assert.equal(format, 'rpm');
  assert.deepEqual(problems, []);
  const signature = facts.find((each) => each.facts.format === 'rpm-signature')!.facts;
  assert.equal(signature.facts.find(({ name }) => name === 'RESERVEDSPACE')?.value, '16 zeros');
});

test('members that have only their numbers are told by the names in the header', async () => {
  const files = [
    numbers(RPM_TAG.DIRINDEXES, [0, 0]),
    texts(RPM_TAG.BASENAMES, ['one', 'two']),
    texts(RPM_TAG.DIRNAMES, ['/usr/']),
    numbers(RPM_TAG.FILEMODES, [0o100644, 0o100644], RPM_TYPE.INT16),
    numbers(RPM_TAG.LONGFILESIZES, [4, 8]),
  ];
  const payload = (first: string, second: string): Buffer =>
    Buffer.concat([
      Buffer.from(`07070X00000000\0\0${first}`),
      Buffer.from(`07070X00000001\0\0${second}`),
      cpioMember('newc', { name: 'TRAILER!!!' }),
    ]);
  const bytes = build({ files, payload: payload('abc\n', 'of line\n') });
  const { format, problems } = await lookInto('x.rpm', bytes);
  assert.deepEqual([format, problems], ['rpm', []]);
  await proveEveryByte('x.rpm', bytes, 5000);
  assert.deepEqual(
    await everyDifference('x.rpm', bytes, build({ files, payload: payload('abd\n', 'of line\n') })),
    ['payload!usr/one!line 1 opaque'],
  );
  // What makes no sense is looked into as the bytes that it is.
  const other = await lookInto('x.rpm', build({ files, payload: 'payload text\n' }));
  assert.equal(other.format, 'rpm');
});
