import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  openSync,
  ftruncateSync,
  mkdirSync,
  symlinkSync,
  linkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';

import fc from 'fast-check';

import { FormatError } from '../../../src/core/errors.js';
import { ByteReader } from '../../../src/formats/stream/byte-reader.js';
import { tarStream } from '../../../src/formats/stream/tar-stream.js';
import type { TarEnd, TarMember, TarStepOptions } from '../../../src/formats/tar-steps.js';
import { tarMembers, tarValue } from '../../../src/formats/tar.js';
import { needs } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { mutations } from '../../scrub/normalizers/mutations.js';
import { base256, GNU, longName, paxHeader, tarArchive, tarMember } from '../build-tar.js';
import { readerOf } from './feed.js';

interface Read {
  readonly members: readonly TarMember[];
  readonly contents: readonly Buffer[];
  /** Everything that was handed out, put together in order. */
  readonly all: Buffer;
  readonly end: TarEnd;
}

async function read(reader: ByteReader, options: TarStepOptions = {}): Promise<Read> {
  const stream = tarStream(reader, options);
  const members: TarMember[] = [];
  const contents: Buffer[] = [];
  const all: Uint8Array[] = [];
  for await (const { member, data } of stream) {
    const parts: Uint8Array[] = [];
    for await (const chunk of data.chunks()) parts.push(chunk);
    await data.finish();
    members.push(member);
    contents.push(Buffer.concat(parts));
    all.push(
      Buffer.alloc(member.zerosBefore),
      ...member.extensions.map(({ raw }) => raw),
      member.block,
      member.map,
      ...parts,
      data.padding!,
    );
  }
  const end = stream.end!;
  all.push(...end.extensions.map(({ raw }) => raw), Buffer.alloc(end.end - end.offset));
  return { members, contents, all: Buffer.concat(all), end };
}

const SPARSE_10 = [
  paxHeader([
    ['GNU.sparse.major', '1'],
    ['GNU.sparse.minor', '0'],
    ['GNU.sparse.realsize', '1024'],
    ['GNU.sparse.name', 'real'],
  ]),
  tarMember({ data: `2\n512\n5\n1024\n0\n`.padEnd(512, '\0') + 'hole!' }),
];
const SPARSE_GNU = tarMember({
  typeflag: 'S',
  magic: GNU,
  data: 'hole!',
  prefix: `${'\0'.repeat(41)}00000001000\x0000000000005\x0000000002000\x0000000000000\0${'\0'.repeat(49)}00000002000`,
});
const SAMPLE = tarArchive(
  [
    paxHeader([['comment', 'of all']], { typeflag: 'g' }),
    tarMember({ name: 'dir/', typeflag: '5' }),
    tarMember({ name: 'a', data: 'x'.repeat(700), padding: 7 }),
    longName('L', 'long'.repeat(50)),
    tarMember({ magic: GNU, data: 'content' }),
    ...SPARSE_10,
    SPARSE_GNU,
    paxHeader([['mtime', '-12.25']]),
    tarMember({ name: 'old', mtime: base256(-13n, 12) }),
  ],
  20,
);

test('In pieces of any size an archive is what it is in memory, and no byte is left out', async () => {
  const generator = tarMembers(SAMPLE);
  const expected: TarMember[] = [];
  let step = generator.next();
  for (; step.done !== true; step = generator.next()) expected.push(step.value);
  const check = async (sizes: readonly number[]): Promise<void> => {
    const found = await read(readerOf(SAMPLE, sizes));
    assert.deepEqual(found.members, expected);
    assert.deepEqual(found.end, step.value);
    assert.ok(found.all.equals(SAMPLE));
  };
  await check([1]);
  await check([SAMPLE.length]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1 }), check),
    { numRuns: 30 },
  );
});

test('Data that nobody reads is passed, and data is read as far as wanted', async () => {
  for (const size of [1, 100, 65_536]) {
    const stream = tarStream(readerOf(SAMPLE, [size]));
    const paths: string[] = [];
    for (let found = await stream.next(); found !== null; found = await stream.next()) {
      paths.push(found.member.path);
      if (found.member.path === 'a') assert.equal((await found.data.all(700)).length, 700);
    }
    assert.deepEqual(paths, ['dir/', 'a', 'long'.repeat(50), 'real', 'file', 'old']);
    assert.equal(stream.end?.end, SAMPLE.length);
  }
});

test('What is buffered is handed out without waiting', async () => {
  const reader = readerOf(SAMPLE);
  await reader.fill(1);
  const stream = tarStream(reader);
  assert.equal(stream.tryNext()!.member.path, 'dir/');
  const { data } = stream.tryNext()!;
  assert.equal(data.tryAll()!.length, 700);
  assert.equal(stream.tryNext()!.member.path, 'long'.repeat(50));
  assert.equal(Buffer.from(data.padding!).toString('latin1'), '\x07'.repeat(324));
});

test('Content of a sparse file comes without its map', async () => {
  const { contents, members } = await read(readerOf(SAMPLE, [333]));
  for (const i of [3, 4]) {
    assert.equal(contents[i]!.toString(), 'hole!');
    assert.equal(members[i]!.sparse?.realSize, 1024);
  }
  assert.equal(members[3]!.map.length, 512);
});

test('Values of global headers count until a member has its own, or takes them back', async () => {
  const { members } = await read(
    readerOf(
      tarArchive([
        paxHeader(
          [
            ['uname', 'all'],
            ['path', 'global'],
          ],
          { typeflag: 'g' },
        ),
        tarMember({ name: 'one' }),
        paxHeader([
          ['uname', ''],
          ['path', 'own'],
        ]),
        tarMember({ name: 'two' }),
        paxHeader([['path', '']], { typeflag: 'g' }),
        tarMember({ name: 'three' }),
      ]),
    ),
  );
  assert.deepEqual(
    members.map((member) => [member.path, tarValue(member, 'uname')]),
    [
      ['global', 'all'],
      ['own', null],
      ['three', 'all'],
    ],
  );
});

test('Archives behind archives are one when that is asked for, trailing bytes are told', async () => {
  const one = tarArchive([tarMember({ name: 'one' })], 20);
  const two = tarArchive([tarMember({ name: 'two' })], 2);
  const bytes = Buffer.concat([one, two, Buffer.from('more')]);
  const first = await read(readerOf(bytes, [77]));
  assert.equal(first.end.trailingOffset, one.length);
  const { members, end, all } = await read(readerOf(bytes, [77]), { concatenated: true });
  assert.deepEqual(
    members.map(({ path, zerosBefore, offset }) => [path, zerosBefore, offset]),
    [
      ['one', 0, 0],
      ['two', one.length - 512, one.length],
    ],
  );
  assert.equal(end.trailingOffset, one.length + two.length);
  assert.ok(all.equals(bytes.subarray(0, -4)));
});

test('Cut anywhere, a stream gives its first members and a FormatError, whatever the pieces', async () => {
  const body = SAMPLE.indexOf(Buffer.alloc(1024));
  for (let length = 1; length < Math.min(SAMPLE.length, body + 600); length += 53) {
    const results = await Promise.all(
      [[13], [511], [65_536]].map(async (sizes) => {
        try {
          return (await read(readerOf(SAMPLE.subarray(0, length), sizes))).members.length;
        } catch (error) {
          assert.ok(error instanceof FormatError, String(error));
          assert.ok(error.offset <= length + 512);
          return 'cut';
        }
      }),
    );
    assert.equal(new Set(results).size, 1, `${length}: ${results.join()}`);
  }
});

test('Mutants end in members or a FormatError, the same from memory and from a stream', async () => {
  for (const mutant of mutations(SAMPLE, 300, 4)) {
    const whole = outcome(() => [...tarMembers(mutant)].map(({ path }) => path));
    const found = await read(readerOf(mutant, [97])).then(
      ({ members }) => members.map(({ path }) => path),
      (error: unknown) => {
        assert.ok(error instanceof FormatError, String(error));
        return 'FormatError';
      },
    );
    assert.deepEqual(found, whole);
  }
});

function outcome<T>(run: () => T): T | 'FormatError' {
  try {
    return run();
  } catch (error) {
    assert.ok(error instanceof FormatError, String(error));
    return 'FormatError';
  }
}

test('Sizes and counts that lie cost nothing', async () => {
  const huge = [
    tarMember({ size: base256(2n ** 52n, 12) }),
    tarMember({ typeflag: 'x', size: base256(2n ** 40n, 12) }),
    tarMember({ typeflag: 'L', size: base256(-1n, 12) }),
    tarMember({ size: base256(-5n, 12) }),
    Buffer.concat([
      paxHeader([
        ['GNU.sparse.major', '1'],
        ['GNU.sparse.minor', '0'],
        ['GNU.sparse.realsize', '1'],
      ]),
      tarMember({ size: base256(2n ** 40n, 12), data: '999999999\n'.padEnd(512, '\0') }),
    ]),
  ];
  for (const bytes of huge)
    await assert.rejects(read(readerOf(Buffer.concat([bytes, Buffer.alloc(2048)]))), FormatError);
  const headers = Array.from({ length: 10_001 }, () => paxHeader([['comment', 'x']]));
  await assert.rejects(read(readerOf(tarArchive(headers))), FormatError);
});

test('A hundred thousand members need the memory of one', async () => {
  const count = 100_000;
  const reader = new ByteReader(generated(count));
  const stream = tarStream(reader);
  let members = 0;
  let peak = 0;
  for (let found = await stream.next(); found !== null; found = await stream.next()) {
    members++;
    if (members % 10_000 === 0) peak = Math.max(peak, reader.buffered);
  }
  assert.equal(members, count);
  assert.ok(peak < 2 * 2 ** 20);
});

/** Members with 100 bytes each, in chunks of 64 KiB. */
async function* generated(count: number): AsyncGenerator<Uint8Array> {
  const member = tarMember({ name: 'file', data: 'x'.repeat(100) });
  const chunk = Buffer.concat(Array.from({ length: 64 }, () => member));
  let left = count;
  for (; left >= 64; left -= 64) {
    await Promise.resolve();
    yield chunk;
  }
  yield chunk.subarray(0, left * member.length);
  yield Buffer.alloc(10_240);
}

const FORMATS: readonly (readonly [string, readonly string[]])[] = [
  ['tar', ['--format=gnu']],
  ['tar', ['--format=pax', '--xattrs']],
  ['tar', ['--format=ustar']],
  ['tar', ['--format=v7']],
  ['tar', ['--format=gnu', '-S']],
  ['tar', ['--format=pax', '-S', '--sparse-version=0.0']],
  ['tar', ['--format=pax', '-S', '--sparse-version=0.1']],
  ['tar', ['--format=pax', '-S', '--sparse-version=1.0']],
  ['bsdtar', ['--format=gnutar']],
  ['bsdtar', ['--format=pax']],
  ['bsdtar', ['--format=ustar']],
];

for (const [program, options] of FORMATS)
  test(
    `${program} ${options.join(' ')}: names, types, sizes and contents are those of Python`,
    { skip: needs(program, 'python3') },
    async (t) => {
      const root = plant(tempFolder(t), !/ustar|v7/.test(options.join()));
      const archive = execFileSync(program, [...options, '-cf', '-', '-C', root, '.'], {
        maxBuffer: 2 ** 28,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const found = await read(readerOf(archive, [4099]));
      assert.ok(found.all.equals(archive));
      const listed = found.members.map((member, i) => [
        member.path.replace(/\/$/, ''),
        sizeOf(member),
        member.linkTarget,
        contentHash(member, found.contents[i]!),
      ]);
      assert.deepEqual(listed, await python(archive));
    },
  );

function plant(root: string, isLong: boolean): string {
  mkdirSync(join(root, 'dir'));
  writeFileSync(join(root, 'dir/file'), 'content');
  writeFileSync(join(root, 'empty'), '');
  writeFileSync(join(root, `${'n'.repeat(60)}`), 'x'.repeat(5000));
  if (isLong) {
    mkdirSync(join(root, 'd'.repeat(120)));
    writeFileSync(join(root, 'd'.repeat(120), 'f'.repeat(130)), 'long');
    symlinkSync('t'.repeat(130), join(root, 'far'));
  }
  symlinkSync('file', join(root, 'dir/link'));
  linkSync(join(root, 'dir/file'), join(root, 'hard'));
  const sparse = openSync(join(root, 'sparse'), 'w');
  for (let i = 0; i < 30; i++) writeSync(sparse, `island ${i}`, i * 100_000);
  ftruncateSync(sparse, 4_000_000);
  closeSync(sparse);
  return root;
}

function sizeOf(member: TarMember): number {
  return member.sparse?.realSize ?? member.dataBytes;
}

/** Of the file with its holes. */
function contentHash(member: TarMember, content: Buffer): string {
  const file = Buffer.alloc(sizeOf(member));
  if (member.sparse === null) content.copy(file);
  let at = 0;
  for (const { offset, length } of member.sparse?.regions ?? []) {
    content.copy(file, offset, at, at + length);
    at += length;
  }
  return createHash('sha256').update(file).digest('hex');
}

const LISTING = `
import tarfile, sys, json, hashlib
t = tarfile.open(fileobj=sys.stdin.buffer, mode='r|', encoding='latin-1')
out = []
for m in t:
    f = t.extractfile(m) if m.isreg() else None
    d = f.read() if f else b''
    out.append([m.name, len(d), m.linkname, hashlib.sha256(d).hexdigest()])
print(json.dumps(out))
`;

async function python(archive: Buffer): Promise<unknown> {
  const child = spawn('python3', ['-c', LISTING], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(archive);
  let text = '';
  for await (const chunk of child.stdout) text += String(chunk);
  return JSON.parse(text);
}
