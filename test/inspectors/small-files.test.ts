import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';

import fc from 'fast-check';

import { buildMo } from '../formats/build-mo.js';
import {
  buildPyc,
  code,
  frozenset,
  int,
  marked,
  MTIME,
  name,
  ref,
  text,
  tuple,
} from '../formats/build-pyc.js';
import { differences } from './differences.js';
import { lookInto, proveEveryByte, proveTruncation } from './prove.js';

const PYC = 'usr/lib/python3/__pycache__/m.cpython-311.pyc';
const inner = code(int(5), text('deep'));
const module = buildPyc(code(int(1), text('hello'), frozenset(text('a'), text('b')), inner));

function png(chunks: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from('89504e470d0a1a0a', 'hex')];
  for (const [type, data] of chunks) {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length);
    frame.writeUInt32BE(crc32(body), 4);
    parts.push(frame.subarray(0, 4), body, frame.subarray(4));
  }
  return Uint8Array.from(Buffer.concat(parts));
}

const HEADER = Buffer.from('00000002000000020802000000', 'hex');
const LINES = Buffer.from('00010203040506000708090a0b0c', 'hex');
const image = (pixels: Uint8Array, ...others: readonly (readonly [string, Uint8Array])[]) =>
  png([['IHDR', HEADER], ...others, ['IDAT', pixels], ['IEND', Buffer.alloc(0)]]);
const time = (second: number): readonly [string, Uint8Array] => [
  'tIME',
  Buffer.from([7, 234, 2, 3, 4, 5, second]),
];

const catalogue = (date: string, hello = 'hallo'): Uint8Array =>
  buildMo(
    [
      ['', `Project-Id-Version: x 1\nPOT-Creation-Date: ${date}\nLanguage: de\nnot a field\n`],
      ['hello', hello],
    ],
    { hashSize: 3 },
  );
const po = (date: string): Uint8Array =>
  Buffer.from(
    `# German\nmsgid ""\nmsgstr ""\n"Language: de\\n"\n"POT-Creation-Date: ${date}\\n"\n\nmsgid "a"\nmsgstr "b"\n`,
  );

const SAMPLES: readonly (readonly [string, string, Uint8Array])[] = [
  ['pyc', PYC, module],
  ['pyc', PYC, buildPyc('N', { magic: 3999 })],
  ['pyc', PYC, buildPyc(code(), { words: [3, 7, 9] })],
  ['png', 'a.png', image(deflateSync(LINES), time(6), ['tEXt', Buffer.from('Software\0x 1.2')])],
  ['mo', 'a.mo', catalogue('2026-01-02 03:04+0000')],
  ['po', 'a.po', po('2026-01-02 03:04+0000')],
];

for (const [format, path, bytes] of SAMPLES) {
  test(`every byte of ${path} of ${bytes.length} bytes is in a fact, and damage never throws`, async () => {
    const looked = await lookInto(path, bytes);
    assert.deepEqual([looked.format, looked.problems], [format, []]);
    await proveEveryByte(path, bytes);
    await proveTruncation(path, bytes);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        async (changes) => {
          const changed = Uint8Array.from(bytes);
          for (const [at, value] of changes) changed[at] = value;
          assert.ok((await lookInto(path, changed)).facts.length > 0);
        },
      ),
      { numRuns: 100 },
    );
  });
}

test('the time of the source is all that differs between two modules', async () => {
  const later = buildPyc(code(int(1), text('hello'), frozenset(text('a'), text('b')), inner), {
    words: [0, MTIME + 1, 3],
  });
  assert.deepEqual(await differences(PYC, module, later), ['mtime time']);
});

test('a changed constant of an inner function is told of that function alone', async () => {
  const [a, b] = [int(5), int(6)].map((constant) =>
    buildPyc(
      code(int(1), code(constant).replace('Z\x08<module>Z\x08<module>', 'Z\x05innerZ\x05inner')),
    ),
  );
  assert.deepEqual(await differences(PYC, a!, b!), ['code!inner!co_consts opaque']);
});

test('reference flags and interning alone are a difference of layout', async () => {
  const plain = buildPyc(code(text('ab'), text('ab')));
  const referring = buildPyc(code(marked(text('ab')), ref(0)));
  const interned = buildPyc(code(name('ab'), name('ab')));
  assert.deepEqual(await differences(PYC, plain, referring), ['marshal layout']);
  assert.deepEqual(await differences(PYC, plain, interned), ['marshal layout']);
});

test('elements of a set in another sequence are told as an order', async () => {
  const of = (...items: readonly string[]): Uint8Array =>
    buildPyc(code(tuple(frozenset(...items.map(text)))));
  assert.deepEqual(await differences(PYC, of('a', 'b', 'c'), of('c', 'a', 'b')), [
    'sets!order order',
  ]);
  assert.ok(
    (await differences(PYC, of('a', 'b'), of('a', 'c'))).includes('code!<module>!co_consts opaque'),
  );
});

test('the file name of a module is a path', async () => {
  const moved = buildPyc(code(int(1)).replace('z\x04m.py', 'z\x06/x/m.p'));
  assert.deepEqual(await differences(PYC, buildPyc(code(int(1))), moved), ['co_filename path']);
});

test('the time of an image is all that differs', async () => {
  const [a, b] = [image(deflateSync(LINES), time(6)), image(deflateSync(LINES), time(7))];
  assert.deepEqual(await differences('a.png', a, b), ['chunks!tIME!time time']);
});

test('equal pixels under another level of compression are a stream', async () => {
  const [a, b] = [0, 9].map((level) => image(deflateSync(LINES, { level })));
  const found = await differences('a.png', a!, b!);
  assert.ok(found.includes('chunks!IDAT!stream stream'));
  assert.ok(
    found.every((change) => /stream|checksum|size/.test(change)),
    found.join(),
  );
});

test('a text of an image that tells version and time is told by both', async () => {
  const of = (value: string): Uint8Array =>
    image(deflateSync(LINES), ['tEXt', Buffer.from(`Software\0${value}`)]);
  assert.deepEqual(await differences('a.png', of('Gimp 2.10.1'), of('Gimp 2.10.2')), [
    'chunks!tEXt Software!version version',
  ]);
});

test('dates of catalogues are times, compiled or not', async () => {
  const [a, b] = ['2026-01-02 03:04+0000', '2026-02-02 03:04+0000'] as const;
  for (const [path, of] of [
    ['a.mo', catalogue],
    ['a.po', po],
  ] as const)
    assert.deepEqual(await differences(path, of(a), of(b)), ['POT-Creation-Date time'], path);
  assert.deepEqual(await differences('a.mo', catalogue(a), catalogue(a, 'guten')), [
    'msgstr opaque',
  ]);
});
