import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  buildZip,
  extraRecord,
  pack,
  type ZipFile,
  type ZipOptions,
} from '../../formats/build-zip.js';
import { textBytes } from '../../formats/codec/samples.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';
import { differing, lines, top } from '../show-facts.js';

const NAME = 'META-INF/MANIFEST.MF';

async function zipFacts(fields: Partial<ZipFile> = {}, options: ZipOptions = {}) {
  const looked = await lookInto(
    'x.jar',
    buildZip([{ name: NAME, content: 'Manifest-Version: 1.0\n', ...fields }], options),
  );
  assert.equal(looked.format, 'zip');
  assert.deepEqual(looked.problems, []);
  return top(looked);
}

const TIME = 0x58214020;
const TIMESTAMP = (seconds: number): Buffer =>
  extraRecord(0x5455, Buffer.concat([Buffer.from([1]), pack('I', [seconds])]));
const OWNER = (uid: number): Buffer =>
  extraRecord(
    0x7875,
    Buffer.concat([Buffer.from([1, 4]), pack('I', [uid]), Buffer.from([4]), pack('I', [0])]),
  );

for (const [planted, before, after, expected] of [
  [
    'time',
    { dosTime: TIME, localDosTime: TIME },
    { dosTime: TIME + 5, localDosTime: TIME + 5 },
    ['last mod'],
  ],
  ['time in the local header', {}, { localDosTime: TIME }, ['local last mod']],
  ['version', {}, { versionMadeBy: 0x0314 + 256 }, ['version made by']],
  [
    'permissions',
    { externalAttributes: 0o100644 * 65536 },
    { externalAttributes: 0o100600 * 65536 },
    ['mode'],
  ],
  [
    'attributes of DOS',
    { externalAttributes: 0 },
    { externalAttributes: 0x20 },
    ['external attributes'],
  ],
  ['internal attributes', {}, { internalAttributes: 1 }, ['internal attributes']],
  ['comment', { comment: 'a' }, { comment: 'b' }, ['comment']],
  [
    'extended time',
    { extra: TIMESTAMP(1), localExtra: TIMESTAMP(1) },
    { extra: TIMESTAMP(2), localExtra: TIMESTAMP(2) },
    ['mtime'],
  ],
  [
    'owner',
    { extra: OWNER(0), localExtra: OWNER(0) },
    { extra: OWNER(1), localExtra: OWNER(1) },
    ['uid'],
  ],
  [
    'unknown extra field',
    { extra: extraRecord(0xcafe, 'a') },
    { extra: extraRecord(0xcafe, 'b') },
    ['extra'],
  ],
  ['gap', { gap: 'a' }, { gap: 'b' }, ['gap']],
  ['method', { method: 0 }, { method: 8 }, ['compressed size', 'data', 'method']],
  ['flags', {}, { flags: 0x800, localFlags: 0x800 }, ['flags']],
] as const satisfies readonly (readonly [
  string,
  Partial<ZipFile>,
  Partial<ZipFile>,
  readonly string[],
])[])
  test(`a zip entry that differs in its ${planted} gives that fact alone`, async () => {
    const found = differing(await zipFacts(before), await zipFacts(after));
    const wanted = expected.map((name) => `/${NAME}/${name}`);
    // The local header may have nothing where the central one has something.
    assert.deepEqual(
      found.filter((name) => !name.startsWith(`/${NAME}/local `) || wanted.includes(name)),
      wanted,
    );
  });

for (const [planted, before, after, expected] of [
  ['comment', { comment: 'a' }, { comment: 'b' }, ['comment']],
  ['trailing bytes', { trailing: 'a' }, { trailing: 'b' }, ['trailing']],
  ['bytes before the end', { beforeEnd: 'a' }, { beforeEnd: 'b' }, ['before end']],
  ['signature', { centralTail: 'a' }, { centralTail: 'b' }, ['central directory tail']],
] as const satisfies readonly (readonly [string, ZipOptions, ZipOptions, readonly string[]])[])
  test(`a zip archive that differs in its ${planted} gives that fact alone`, async () => {
    assert.deepEqual(differing(await zipFacts({}, before), await zipFacts({}, after)), expected);
  });

test('a line in front of an archive is told', async () => {
  const build = async (prefix: string) =>
    top(await lookInto('x.pyz', buildZip([{ name: 'a', content: 'x' }], { prefix })));
  const [before, after] = [
    await build('#!/usr/bin/python2\n'),
    await build('#!/usr/bin/python3\n'),
  ];
  assert.equal(before.format, 'zip');
  assert.deepEqual(differing(before, after), ['prefix']);
});

test('entries in another order are the same rows in another order', async () => {
  const [a, b]: ZipFile[] = [
    { name: 'a', content: 'one\n' },
    { name: 'b', content: 'two\n' },
  ];
  const [before, after] = [
    top(await lookInto('x.zip', buildZip([a!, b!]))),
    top(await lookInto('x.zip', buildZip([b!, a!]))),
  ];
  assert.deepEqual(differing(before, after), []);
  const data = top(await lookInto('x.zip', buildZip([a!, b!], { localOrder: [1, 0] })));
  assert.deepEqual(differing(before, data), ['/a/local position', '/b/local position']);
});

test('a manifest is text, with its lines', async () => {
  const facts = await zipFacts();
  assert.equal(facts.tables[0]!.rows[0]!.part!.format, 'text');
});

test('large entries are inflated as a stream', async () => {
  const content = textBytes(3_000_000, 4);
  const facts = top(await lookInto('x.zip', buildZip([{ name: 'a', content }])));
  assert.equal(facts.tables[0]!.rows[0]!.part!.size, content.length);
});

test('a size that is a lie is told, and bounds nothing', async () => {
  const bytes = buildZip([{ name: 'a', content: Buffer.alloc(100_000) }]);
  const at = bytes.indexOf(Buffer.from('PK\x01\x02', 'latin1'));
  bytes.writeUInt32LE(10, at + 24);
  const looked = await lookInto('x.zip', bytes);
  assert.equal(top(looked).tables[0]!.rows[0]!.part!.size, 100_000);
});

test('entries that overlap are problems and are not followed', async () => {
  const bytes = buildZip([
    { name: 'a', content: 'one\n' },
    { name: 'b', content: 'two\n' },
  ]);
  const second = bytes.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'));
  bytes.writeUInt32LE(0, second + 42);
  const looked = await lookInto('x.zip', bytes);
  assert.equal(looked.format, 'zip');
  assert.ok(looked.problems.length > 0);
  assert.ok(lines(top(looked)).some((line) => line.startsWith('entries=')));
});

test('the checksum of a secret is keyed', async () => {
  const looked = await lookInto('x.zip', buildZip([{ name: 'etc/shadow', content: 'root:x\n' }]));
  const names = top(looked).tables[0]!.columns.map(({ name }) => name);
  assert.ok(names.includes('sealed'));
  assert.ok(!names.includes('crc-32') && !names.includes('data'));
});

test('every byte of zip archives is in a fact', async () => {
  const files: ZipFile[] = [
    { name: 'd/', externalAttributes: 0x10 },
    {
      name: 'a',
      content: 'text of a\n',
      extra: TIMESTAMP(5),
      localExtra: TIMESTAMP(5),
      comment: 'c',
    },
    { name: 'b', content: 'text of b\n', method: 0, descriptor: 'signed', gap: 'gap' },
    { name: 'c', content: 'text of c\n', zip64: 'both', extra: OWNER(7) },
  ];
  for (const options of [{}, { zip64End: true, comment: 'comment', centralTail: 'tail' }]) {
    const bytes = buildZip(files, options);
    assert.deepEqual((await lookInto('x.zip', bytes)).problems, []);
    await proveEveryByte('x.zip', bytes, 700);
    await proveTruncation('x.zip', bytes, 150);
  }
});
