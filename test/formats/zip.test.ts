import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';

import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import type { RandomAccess } from '../../src/core/random-access.js';
import { readZip, readZipDirectory, writeZip } from '../../src/formats/zip.js';
import { needs } from '../helpers/oracle.js';
import { tempTree } from '../helpers/temp-tree.js';
import { buildZip, extraRecord, pack, type ZipFile, type ZipOptions } from './build-zip.js';
import { mutations } from '../scrub/normalizers/mutations.js';

const TEXT = 'a text that repeats itself, a text that repeats itself\n';
const times = extraRecord(0x5455, Buffer.from([3, 1, 2, 3, 4, 5, 6, 7, 8]));

const rich: readonly ZipFile[] = [
  { name: 'd/', externalAttributes: 0o40755 * 65536 + 16 },
  { name: 'd/streamed', content: TEXT, descriptor: 'signed', extra: times },
  { name: 'bare', content: TEXT, descriptor: 'bare', comment: 'of an entry' },
  { name: 'wide', content: TEXT, descriptor: 'signed-wide', zip64: 'both' },
  { name: 'bare-wide', content: TEXT, descriptor: 'bare-wide', zip64: 'local', extra: times },
  { name: 'stored', content: TEXT, method: 0, localExtra: Buffer.alloc(3), gap: 'unaccounted' },
];
const richOptions: ZipOptions = {
  prefix: '#!/bin/sh\n',
  comment: 'of the archive',
  trailing: 'behind',
  beforeEnd: 'before the end',
  centralTail: Buffer.from('\x05\x05KP\x01\x00x', 'latin1'),
};
const samples: readonly Buffer[] = [
  buildZip(rich, richOptions),
  buildZip(rich, { prefix: 'JM\x01\x00', relative: true, zip64End: true }),
  buildZip(rich.slice(1), { localOrder: [3, 1, 0, 2, 4], comment: 'c' }),
  buildZip([]),
  buildZip([], { prefix: 'before', relative: true, zip64End: true, trailing: 'x' }),
];

test('Every field of an archive is read, with descriptors of all forms', () => {
  const archive = readZip(samples[0]!);
  assert.equal(Buffer.from(archive.prefix).toString(), '#!/bin/sh\n');
  assert.equal(Buffer.from(archive.trailing).toString(), 'behind');
  assert.equal(Buffer.from(archive.beforeEnd).toString(), 'before the end');
  assert.equal(Buffer.from(archive.end.comment).toString(), 'of the archive');
  assert.equal(archive.centralTail.length, 7);
  assert.deepEqual(
    archive.entries.map((entry) => [entry.central.name, entry.descriptor, entry.uncompressedSize]),
    [
      ['d/', null, 0],
      ['d/streamed', { signature: true, wide: false }, 55],
      ['bare', { signature: false, wide: false }, 55],
      ['wide', { signature: true, wide: true }, 55],
      ['bare-wide', { signature: false, wide: true }, 55],
      ['stored', null, 55],
    ],
  );
  const stored = archive.entries[5]!;
  assert.equal(Buffer.from(stored.data).toString(), TEXT);
  assert.equal(stored.central.crc32, crc32(TEXT));
  assert.equal(Buffer.from(stored.gap).toString(), 'unaccounted');
  assert.equal(Buffer.from(archive.entries[2]!.central.comment).toString(), 'of an entry');
});

test('Offsets that count from an appended archive are understood, and so is zip64', () => {
  const archive = readZip(samples[1]!);
  assert.equal(archive.offsetBase, 4);
  assert.equal(archive.prefix.length, 4);
  assert.deepEqual(archive.zip64?.versionNeeded, 45);
  assert.deepEqual(readZip(samples[2]!).localOrder, [3, 1, 0, 2, 4]);
});

test('An untouched archive is written as it was', () => {
  for (const bytes of samples) assert.deepEqual(Buffer.from(writeZip(readZip(bytes))), bytes);
});

test('Offsets follow when something in front of them grows', () => {
  for (const bytes of samples.slice(0, 3)) {
    const archive = readZip(bytes);
    const grown = { ...archive, prefix: Buffer.concat([archive.prefix, Buffer.alloc(100)]) };
    const again = readZip(writeZip(grown));
    assert.deepEqual(
      again.entries.map((entry) => entry.offset),
      archive.entries.map((entry) => entry.offset + 100),
    );
    assert.deepEqual(
      again.entries.map((entry) => Buffer.from(entry.data)),
      archive.entries.map((entry) => Buffer.from(entry.data)),
    );
  }
});

test('What cannot be one archive is a fault with an offset', () => {
  const plain = buildZip([{ name: 'a', content: TEXT, method: 0 }]);
  const patched = (at: number, ...values: number[]): Buffer => {
    const copy = Buffer.from(plain);
    copy.set(values, at < 0 ? copy.length + at : at);
    return copy;
  };
  const faults: Record<string, Buffer> = {
    'nothing at all': Buffer.alloc(0),
    'no end record': Buffer.alloc(100_000),
    'in two parts': patched(-18, 1),
    'more entries than there are': patched(-14, 2, 0, 2),
    'fewer entries than there are': buildWithCount(0),
    'counts that contradict': patched(-14, 2),
    'a directory too long': patched(-10, 255),
    'an entry without a local header': patched(0, 0x51),
    'a second end record in the comment': buildZip([], { comment: `x${'PK\x05\x06'.padEnd(30)}` }),
    'two directories to choose from': Buffer.concat([plain, plain]),
  };
  for (const [title, bytes] of Object.entries(faults))
    assert.throws(
      () => readZip(bytes),
      (error) => error instanceof FormatError && error.offset >= 0,
      title,
    );
});

function buildWithCount(count: number): Buffer {
  const bytes = buildZip([{ name: 'a' }, { name: 'b' }]);
  bytes.writeUInt16LE(count, bytes.length - 14);
  bytes.writeUInt16LE(count, bytes.length - 12);
  return bytes;
}

test('Entries that share bytes are refused, as bombs are made of them', () => {
  const one = buildZip([
    { name: 'a', content: TEXT, method: 0 },
    { name: 'b', content: TEXT, method: 0 },
  ]);
  const second = one.lastIndexOf('PK\x01\x02');
  for (const offset of [0, 1, 20]) {
    const bytes = Buffer.from(one);
    bytes.writeUInt32LE(offset, second + 42);
    assert.throws(() => readZip(bytes), FormatError);
  }
  const kernel = one.indexOf('PK\x01\x02');
  const longer = Buffer.from(one);
  longer.writeUInt32LE(100, kernel + 20);
  assert.throws(() => readZip(longer), FormatError);
});

test('A size of 5 GB that needs zip64 is read and written though its data is short', () => {
  const size = 5e9;
  const bytes = buildZip([{ name: 'a', content: TEXT, zip64: 'both' }]);
  for (
    let at = bytes.indexOf(pack('Q', [55]));
    at >= 0;
    at = bytes.indexOf(pack('Q', [55]), at + 1)
  )
    pack('Q', [size]).copy(bytes, at);
  const archive = readZip(bytes);
  assert.equal(archive.entries[0]!.uncompressedSize, size);
  assert.deepEqual(Buffer.from(writeZip(archive)), bytes);
});

test('Cut at every byte, an archive is a fault or something that is written as it was read', () => {
  for (const bytes of samples)
    for (let length = 0; length < bytes.length; length++) expectLossless(bytes.subarray(0, length));
});

test('Damaged at random, an archive is a fault or something that is written as it was read', () => {
  samples.forEach((bytes, i) => {
    for (const mutant of mutations(bytes, 2500, i + 1)) expectLossless(mutant);
  });
});

function expectLossless(bytes: Uint8Array): void {
  try {
    const archive = readZip(bytes);
    assert.ok(
      Buffer.compare(writeZip(archive), bytes) === 0,
      Buffer.from(bytes).toString('base64'),
    );
  } catch (error) {
    assert.ok(error instanceof FormatError, Buffer.from(bytes).toString('base64'));
  }
}

test('Random archives come back byte for byte', () => {
  const extra = fc.array(fc.tuple(fc.nat(0xffff), fc.uint8Array({ maxLength: 9 })), {
    maxLength: 3,
  });
  const file = fc.record({
    name: fc.string({ minLength: 1, maxLength: 9, unit: 'grapheme-ascii' }),
    content: fc.uint8Array({ maxLength: 40 }),
    method: fc.constantFrom(0, 8),
    versionMadeBy: fc.nat(0xffff),
    flags: fc.constantFrom(0, 2, 1 << 11),
    externalAttributes: fc.nat(0xffffffff),
    internalAttributes: fc.nat(0xffff),
    comment: fc.uint8Array({ maxLength: 9 }),
    extra: extra.map((records) =>
      // Id 1 would be taken for zip64.
      Buffer.concat(records.map(([id, data]) => extraRecord(id === 1 ? 2 : id, data))),
    ),
    descriptor: fc.constantFrom(undefined, 'signed', 'bare', 'signed-wide', 'bare-wide'),
    zip64: fc.constantFrom(undefined, 'local', 'both'),
    gap: fc.constantFrom('', '', 'PK', 'gap'),
  });
  const options = fc.record({
    prefix: fc.constantFrom('', '#!\n', 'MZ stub'),
    relative: fc.boolean(),
    comment: fc.constantFrom('', 'c', '{"ome":{}}'),
    trailing: fc.constantFrom('', '', '\0\0'),
    zip64End: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(file, { maxLength: 5 }), options, (files, how) => {
      const bytes = buildZip(files as readonly ZipFile[], how);
      const archive = readZip(bytes);
      assert.deepEqual(
        archive.entries.map(({ central }) => central.name),
        files.map(({ name }) => name),
      );
      assert.deepEqual(Buffer.from(writeZip(archive)), bytes);
    }),
    { numRuns: 300 },
  );
});

const tree = {
  'd/a.txt': TEXT,
  'd/b.bin': Buffer.alloc(5000, 7),
  empty: '',
  link: { link: 'empty' },
};
const tools: readonly (readonly [program: string, script: string])[] = [
  ['zip', 'zip -qr $OUT .'],
  ['zip', 'zip -qry0 -z $OUT . <<< comment'],
  ['zip', 'tar c . | zip -q - - > $OUT'],
  ['zip', 'zip -qr -fz $OUT .'],
  ['zip', 'zip -qr t.zip d; (echo "#!stub"; cat t.zip) > $OUT; zip -qA $OUT; rm t.zip'],
  ['zip', 'zip -qr t.zip d; (echo "#!stub"; cat t.zip) > $OUT; rm t.zip'],
  ['bsdtar', 'bsdtar --format zip -cf $OUT d empty link'],
  ['bsdtar', 'bsdtar --format zip --options zip:compression=store -cf - d empty > $OUT'],
  ['bsdtar', 'bsdtar --format zip --options zip:zip64 -cf $OUT d empty'],
  ['jar', 'jar --create --file $OUT d'],
  ['python3', 'python3 -m zipfile -c $OUT d empty'],
  ['python3', `python3 -c '${python('open(sys.argv[1], "wb")', 'force_zip64=True')}' $OUT`],
  ['python3', `python3 -c '${python('sys.stdout.buffer', '')}' | cat > $OUT`],
  ['python3', `python3 -c '${python('sys.stdout.buffer', 'force_zip64=True')}' | cat > $OUT`],
  ['python3', 'mv empty d/__main__.py; python3 -m zipapp -p /usr/bin/python3 -o $OUT d'],
];

function python(target: string, how: string): string {
  return [
    'import sys, zipfile',
    `z = zipfile.ZipFile(${target}, "w", zipfile.ZIP_DEFLATED)`,
    'for n in ["d/a.txt", "d/b.bin", "empty"]:',
    `    with z.open(n, "w"${how === '' ? '' : `, ${how}`}) as f: f.write(open(n, "rb").read())`,
    'z.close()',
  ].join('\n');
}

for (const [i, [program, script]] of tools.entries())
  test(
    `An archive of ${program} comes back byte for byte (${i + 1}: ${script.split('\n')[0]})`,
    { skip: needs(program, 'bash') },
    (t) => {
      const root = tempTree(t, tree);
      const out = join(root, '..', 'out.zip');
      execFileSync('bash', ['-c', script], { cwd: root, env: { ...process.env, OUT: out } });
      const bytes = readFileSync(out);
      const archive = readZip(bytes);
      assert.ok(archive.entries.length > 0);
      assert.deepEqual(Buffer.from(writeZip(archive)), bytes);
      for (const { gap } of archive.entries) assert.equal(gap.length, 0);
    },
  );

/** What reads of a file see, counted. */
function counted(bytes: Uint8Array): RandomAccess & { bytesRead: number } {
  const access = {
    size: bytes.length,
    bytesRead: 0,
    read: (offset: number, length: number): Uint8Array => {
      const part = new Uint8Array(bytes.subarray(offset, Math.min(bytes.length, offset + length)));
      access.bytesRead += part.length;
      return part;
    },
  };
  return access;
}

test('A directory read from a file is that of the bytes in memory, and no data is read', () => {
  for (const bytes of samples)
    assert.deepEqual(readZipDirectory(counted(bytes)), readZipDirectory(new Uint8Array(bytes)));
  const big = buildZip([{ name: 'big', content: Buffer.alloc(4_000_000), method: 0 }]);
  const access = counted(big);
  assert.equal(readZipDirectory(access).entries[0]!.compressedSize, 4_000_000);
  assert.ok(access.bytesRead < 300_000, String(access.bytesRead));
});

test('The parts of a directory cover the file', () => {
  for (const bytes of samples) {
    const { size, prefixBytes, entries, localOrder, ends, centralEnd } = readZipDirectory(bytes);
    let at = prefixBytes;
    for (const index of localOrder) {
      const entry = entries[index]!;
      assert.equal(entry.offset, at);
      assert.equal(
        entry.gapOffset,
        entry.dataOffset + entry.compressedSize + entry.descriptorBytes,
      );
      at = entry.gapOffset + entry.gapBytes;
    }
    assert.equal(at, ends.centralAt);
    assert.ok(centralEnd <= ends.endAt && ends.endAt < ends.trailingAt && ends.trailingAt <= size);
  }
});

test('An entry that overlaps another is told, and the others are read', () => {
  const bytes = buildZip([
    { name: 'a', content: TEXT, method: 0 },
    { name: 'b', content: TEXT, method: 0 },
    { name: 'c', content: TEXT, method: 0 },
  ]);
  // All three headers name the first data, as the entries of a bomb do.
  const first = bytes.indexOf('PK\x01\x02');
  const second = bytes.indexOf('PK\x01\x02', first + 4);
  bytes.writeUInt32LE(0, second + 42);
  assert.throws(() => readZip(bytes), FormatError);
  const { entries } = readZipDirectory(bytes);
  assert.deepEqual(
    entries.map(({ problem }) => problem !== null),
    [true, false, false],
  );
});

test('Mutants read from a file end as they do in memory', () => {
  for (const mutant of mutations(samples[0]!, 200, 5)) {
    const outcome = (input: Uint8Array | RandomAccess): unknown => {
      try {
        return readZipDirectory(input);
      } catch (error) {
        assert.ok(error instanceof FormatError, String(error));
        return error.offset;
      }
    };
    assert.deepEqual(outcome(counted(mutant)), outcome(new Uint8Array(mutant)));
  }
});
