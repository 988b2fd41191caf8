import assert from 'node:assert/strict';
import { test } from 'node:test';

import { needs } from '../../helpers/oracle.js';
import { gzipMember, type GzipFields } from '../../formats/build-gzip.js';
import { compress, PLAIN, textBytes, TOOLS } from '../../formats/codec/samples.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';
import { differing, lines, top } from '../show-facts.js';

const TEXT = 'a line\nand another\n';

async function gzipFacts(fields: GzipFields, content = TEXT) {
  return top(await lookInto('usr/share/x.txt.gz', gzipMember(content, fields)));
}

for (const [planted, before, after, expected] of [
  ['modification time', { mtime: 1 }, { mtime: 2 }, ['MTIME']],
  ['flags of the compressor', { xfl: 2 }, { xfl: 4 }, ['XFL']],
  ['system', { os: 3 }, { os: 255 }, ['OS']],
  ['name', { name: 'a' }, { name: 'b' }, ['FNAME']],
  ['comment', { comment: 'a' }, { comment: 'b' }, ['FCOMMENT']],
  ['extra field', { extra: Buffer.from('AB') }, { extra: Buffer.from('AC') }, ['FEXTRA']],
  ['text flag', {}, { text: true }, ['FTEXT']],
  ['header checksum', {}, { headerCrc: true }, ['CRC16']],
  [
    'time under a header checksum',
    { mtime: 1, headerCrc: true },
    { mtime: 2, headerCrc: true },
    ['CRC16', 'MTIME'],
  ],
  ['level', { level: 9 }, { level: 0 }, ['data']],
] as const satisfies readonly (readonly [string, GzipFields, GzipFields, readonly string[]])[])
  test(`a gzip header that differs in its ${planted} gives that fact alone`, async () => {
    assert.deepEqual(differing(await gzipFacts(before), await gzipFacts(after)), expected);
  });

test('content that differs in a gzip member shows in its part, and in what follows from it', async () => {
  const [before, after] = [await gzipFacts({}, 'one\n'), await gzipFacts({}, 'two\n')];
  assert.deepEqual(differing(before, after), ['/x.txt@', 'CRC32', 'data']);
});

test('every gzip member is seen, also behind zeros', async () => {
  const build = (mtime: number): Uint8Array =>
    Buffer.concat([gzipMember('one\n'), Buffer.alloc(7), gzipMember('two\n', { mtime })]);
  const before = await lookInto('x.gz', build(1));
  assert.ok(lines(top(before)).includes('members/2/padding=7'));
  assert.deepEqual(before.problems, []);
  const after = await lookInto('x.gz', build(2));
  assert.deepEqual(differing(top(before), top(after)), ['members/2/MTIME']);
});

test('bytes behind the last member are told, and zeros there are counted', async () => {
  const junk = top(await lookInto('x.gz', Buffer.concat([gzipMember(TEXT), Buffer.from('junk')])));
  assert.equal(junk.facts.at(-1)?.name, 'rest');
  const zeros = top(await lookInto('x.gz', Buffer.concat([gzipMember(TEXT), Buffer.alloc(5)])));
  assert.deepEqual(zeros.facts.at(-1), {
    name: 'padding at the end',
    kind: 'slack',
    value: 5,
    offset: gzipMember(TEXT).length,
  });
});

test('content is named after the file without its suffix', async () => {
  for (const [name, content] of [
    ['boot/initrd.img', 'initrd.img'],
    ['lib/x.ko.gz', 'x.ko'],
    ['a/b.tgz', 'b.tar'],
    ['.gz', '.gz'],
  ] as const) {
    const { tables } = top(await lookInto(name, gzipMember('#!/bin/sh\n')));
    assert.deepEqual(
      tables.map(({ rows }) => rows.map(({ key }) => key)),
      [[content]],
    );
  }
});

test('a compressed secret leaves no digest that could be guessed', async () => {
  const looked = await lookInto('etc/shadow.gz', gzipMember('root:$6$abc:1:::\n'));
  const { facts } = top(looked);
  assert.deepEqual(
    facts.filter(({ kind }) => kind === 'stream' || kind === 'checksum'),
    [],
  );
  assert.ok(facts.some(({ name, kind }) => name === 'data' && kind === 'secret'));
});

test('a cut gzip member keeps what could be read and tells the damage', async () => {
  const whole = gzipMember(textBytes(100_000, 1));
  const looked = await lookInto('x.gz', whole.subarray(0, whole.length - 20));
  assert.equal(looked.format, 'gzip');
  assert.ok(looked.problems.length > 0);
  assert.ok(top(looked).facts.some(({ name }) => name === 'rest'));
});

test('every byte of gzip files is in a fact', async () => {
  const all: GzipFields = {
    mtime: 7,
    name: 'n',
    comment: 'c',
    extra: Buffer.from('EXtra'),
    headerCrc: true,
  };
  const bytes = Buffer.concat([
    gzipMember(TEXT, all),
    Buffer.alloc(3),
    gzipMember(TEXT),
    Buffer.from('end'),
  ]);
  await proveEveryByte('x.gz', bytes);
  await proveTruncation('x.gz', bytes);
});

for (const { codec, command } of PLAIN)
  test(
    `every byte of the output of ${command} is in a fact`,
    { skip: needs(...TOOLS) },
    async () => {
      const bytes = compress(command, textBytes(3000, 5));
      const looked = await lookInto('x.bin', bytes);
      assert.equal(looked.format, codec === 'lz4-legacy' ? 'lz4' : codec);
      assert.deepEqual(looked.problems, []);
      await proveEveryByte('x', bytes, 300);
      await proveTruncation('x', bytes, 100);
    },
  );

for (const [codec, before, after, expected] of [
  ['xz', 'xz -C crc32 -c', 'xz -C crc64 -c', ['Check', 'Checks']],
  ['xz', 'xz --lzma2=lc=3,dict=1MiB -c', 'xz --lzma2=lc=3,dict=2MiB -c', ['Filters']],
  ['xz', 'xz --lzma2=lc=3,lp=0 -c', 'xz --lzma2=lc=0,lp=0 -c', ['Compressed Data', 'lc lp pb']],
  ['zstd', 'zstd -qc', 'zstd -qc --no-check', ['Content_Checksum', 'Content_Checksum_Flag']],
  ['lz4', 'lz4 -qc', 'lz4 -qc -BX', ['Block Checksum', 'Data Blocks']],
  ['bzip2', 'bzip2 -1c', 'bzip2 -9c', ['level']],
] as const)
  test(`another setting in ${after} is that fact`, { skip: needs(codec) }, async () => {
    const content = textBytes(3000, 6);
    const [old, now] = [
      await lookInto(`x.${codec}`, compress(before, content)),
      await lookInto(`x.${codec}`, compress(after, content)),
    ];
    assert.deepEqual(differing(top(old), top(now)), expected);
  });

test('lzop is named, and compared in blocks', async () => {
  const bytes = Buffer.concat([
    Buffer.from([0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a, 0x1a, 0x0a]),
    Buffer.alloc(100, 1),
  ]);
  const looked = await lookInto('x.lzo', bytes);
  assert.equal(looked.format, 'blocks');
  assert.equal(looked.problems.length, 1);
});
