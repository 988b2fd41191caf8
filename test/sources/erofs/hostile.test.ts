import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import fc from 'fast-check';

import { AuditError } from '../../../src/core/errors.js';
import { erofs } from '../../../src/sources/erofs/index.js';
import { direntBlock, erofsSample } from '../../formats/build-erofs.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { manifestOf, type Manifest } from '../contract.js';

/** Offsets of the sample: its root directory, the entries of that, and its file. */
const METADATA = 1536;
const ROOT = METADATA;
const ENTRIES = ROOT + 32;
const FILE = METADATA + 96;

async function read(t: TestContext, bytes: Uint8Array): Promise<Manifest> {
  const image = join(tempFolder(t), 'a.img');
  writeFileSync(image, bytes);
  return manifestOf(erofs.open(image));
}

function changed(change: (bytes: Buffer) => void): Uint8Array {
  const bytes = Buffer.from(erofsSample());
  change(bytes);
  // Nobody has to agree with the checksum of a sample.
  bytes.writeUInt32LE(0, 1032);
  return bytes;
}

const problems = ({ diagnostics }: Manifest): unknown =>
  diagnostics.map(({ code, path }) => `${code} ${path ?? '-'}`);

test('the sample has a file with an attribute and a time before 1970, and a link with the build time', async (t) => {
  const { entries, diagnostics } = await read(t, erofsSample());
  assert.deepEqual(diagnostics, []);
  assert.deepEqual([...entries.keys()].toSorted(), ['', 'file', 'link']);
  const file = entries.get('file')!;
  assert.deepEqual(
    [file.uid, file.mtimeNs, file.size, file.xattrs],
    [70_000, -1_500_000_000n, 6, ['user.n=val']],
  );
  const link = entries.get('link')!;
  assert.deepEqual([link.target, link.mtimeNs], ['file', 1_700_000_000_000_000_077n]);
});

test('a directory that lies in itself ends, and is told', async (t) => {
  const bytes = changed((b) => {
    b.writeBigUInt64LE(0n, ENTRIES + 24);
  });
  const found = await read(t, bytes);
  assert.deepEqual([...found.entries.keys()].toSorted(), ['', 'link']);
  assert.deepEqual(problems(found), ['unreadable file']);
});

test('names with a slash are left out, and two names of an inode are a hard link', async (t) => {
  const bytes = changed((b) => {
    const block = direntBlock(['.', '..', 'f/le', 'link'], [0, 0, 3, 8], [2, 2, 1, 7]);
    block.copy(b, ENTRIES);
  });
  assert.deepEqual([...(await read(t, bytes)).entries.keys()].toSorted(), ['', 'link']);
  const twice = changed((b) => {
    direntBlock(['.', '..', 'file', 'link'], [0, 0, 3, 3], [2, 2, 1, 1]).copy(b, ENTRIES);
  });
  const { entries } = await read(t, twice);
  assert.equal(entries.get('link')!.links, 'file link');
});

test('a file that claims to be endless, or lies beyond the end, is unreadable; the rest is read', async (t) => {
  for (const size of [2n ** 40n, 2n ** 63n, 2n ** 64n - 1n]) {
    const found = await read(
      t,
      changed((b) => void b.writeBigUInt64LE(size, FILE + 8)),
    );
    assert.deepEqual(problems(found), ['unreadable file']);
    assert.equal(found.entries.get('file')!.sha256, null);
    assert.equal(found.entries.get('link')!.target, 'file');
  }
});

test('a hole of exabytes is not read', async (t) => {
  const bytes = changed((b) => {
    b.writeUInt16LE((4 << 1) | 1, FILE);
    b.writeBigUInt64LE(2n ** 40n, FILE + 8);
    b.writeUInt32LE(0x1f, FILE + 16);
    b.fill(0xff, FILE + 84, FILE + 88);
  });
  assert.deepEqual(problems(await read(t, bytes)), ['unreadable file']);
});

test('a file that refers to another layer has no digest, and the image says so once', async (t) => {
  const bytes = changed((b) => {
    const entry = Buffer.from('\x10\x04\x00\x00overlay.metacopy', 'latin1');
    b.writeUInt16LE(1 + entry.length / 4, FILE + 2);
    entry.copy(b, FILE + 76);
    b.write('hello\n', FILE + 76 + entry.length, 'latin1');
  });
  const found = await read(t, bytes);
  const { sha256, size, xattrs } = found.entries.get('file')!;
  assert.deepEqual([sha256, size, xattrs], [null, 6, ['trusted.overlay.metacopy=']]);
  assert.deepEqual(problems(found), ['unreadable -']);
});

test('features that are not known are named, and the image is refused', async (t) => {
  const bytes = changed((b) => void b.writeUInt32LE(0x80, 1024 + 80));
  await assert.rejects(
    read(t, bytes),
    (error) => error instanceof AuditError && error.code === 'SOURCE_UNUSABLE',
  );
});

test('cut at every byte and changed at random, an image is read in part or refused', async (t) => {
  const sample = erofsSample();
  const tryIt = async (bytes: Uint8Array): Promise<void> => {
    try {
      await read(t, bytes);
    } catch (error) {
      if (!(error instanceof AuditError)) throw error;
    }
  };
  for (let length = 1024; length < sample.length; length += 3)
    await tryIt(sample.subarray(0, length));
  const place = fc.oneof(
    fc.integer({ min: 1024, max: 1151 }),
    fc.integer({ min: 1536, max: 2047 }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 6 }),
      async (changes) => {
        const bytes = Uint8Array.from(sample);
        for (const [at, value] of changes) bytes[at] = value;
        await tryIt(bytes);
      },
    ),
    { numRuns: 300 },
  );
});
