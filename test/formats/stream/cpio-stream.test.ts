import assert from 'node:assert/strict';
import { execFileSync, type ExecFileSyncOptions } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import fc from 'fast-check';

import { FormatError } from '../../../src/core/errors.js';
import {
  cpioMembers,
  type CpioEnd,
  type CpioMember,
  type CpioStepOptions,
} from '../../../src/formats/cpio.js';
import { cpioStream } from '../../../src/formats/stream/cpio-stream.js';
import { needs } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { mutations } from '../../scrub/normalizers/mutations.js';
import { cpioArchive, cpioMember, type CpioDialectName } from '../build-cpio.js';
import { readerOf } from './feed.js';

const DIALECTS: readonly CpioDialectName[] = ['newc', 'crc', 'odc', 'bin-le', 'bin-be'];

interface Read {
  readonly members: readonly CpioMember[];
  readonly contents: readonly string[];
  readonly all: Buffer;
  readonly end: CpioEnd;
}

async function read(
  bytes: Uint8Array,
  sizes?: readonly number[],
  options: CpioStepOptions = {},
): Promise<Read> {
  const stream = cpioStream(readerOf(bytes, sizes), options);
  const members: CpioMember[] = [];
  const contents: string[] = [];
  const all: Uint8Array[] = [];
  for await (const { member, data } of stream) {
    const content = await data.all(2 ** 20);
    await data.finish();
    members.push(member);
    contents.push(Buffer.from(content).toString('latin1'));
    all.push(Buffer.alloc(member.zerosBefore), member.raw, content, data.padding!);
  }
  const end = stream.end!;
  all.push(Buffer.alloc(end.zerosBefore));
  return { members, contents, all: Buffer.concat(all), end };
}

for (const dialect of DIALECTS)
  test(`${dialect} in pieces of any size is what it is in memory, and no byte is left out`, async () => {
    const bytes = Buffer.concat([
      Buffer.alloc(4),
      cpioArchive(dialect, [{ name: 'a', data: 'odd', padding: 9 }, { name: 'b' }], 64),
      cpioArchive('newc', [{ name: 'second', data: 'x' }], 512),
    ]);
    const members = [...cpioMembers(bytes)];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
        async (sizes) => {
          const found = await read(bytes, sizes);
          assert.deepEqual(found.members, members);
          assert.deepEqual(found.contents, ['odd', '', '', 'x', '']);
          assert.equal(found.end.offset, bytes.length);
          assert.ok(found.all.equals(bytes));
        },
      ),
      { numRuns: 30 },
    );
  });

test('Without a trailer an archive ends where none follows, if that is allowed', async () => {
  const bytes = Buffer.concat([cpioMember('newc', { name: 'a' }), Buffer.from([0x1f, 0x8b])]);
  await assert.rejects(read(bytes), FormatError);
  const { end } = await read(bytes, [3], { trailerOptional: true });
  assert.deepEqual(end, { offset: bytes.length - 2, zerosBefore: 0, isComplete: false });
});

test('A single archive ends behind its trailer, in front of zeros', async () => {
  const bytes = cpioArchive('newc', [{ name: 'a' }], 512);
  const { end } = await read(bytes, [7], { single: true });
  assert.equal(end.isComplete, true);
  assert.ok(end.offset < bytes.length);
});

test('Cut anywhere, or damaged, a stream ends in a FormatError as memory does', async () => {
  const bytes = cpioArchive('newc', [{ name: 'name', data: 'data' }, { name: 'more' }]);
  const cuts = Array.from({ length: bytes.length - 4 }, (_, i) => bytes.subarray(0, i));
  for (const damaged of [...cuts, ...mutations(bytes, 300, 9)]) {
    let whole: readonly string[] | null = null;
    try {
      whole = [...cpioMembers(damaged)].map(({ path }) => path);
    } catch (error) {
      assert.ok(error instanceof FormatError);
    }
    const found = await read(damaged, [11]).then(
      ({ members }) => members.map(({ path }) => path),
      (error: unknown) => {
        assert.ok(error instanceof FormatError, String(error));
        return null;
      },
    );
    assert.deepEqual(found, whole);
  }
});

for (const format of ['newc', 'crc', 'odc', 'bin'])
  for (const program of ['cpio', 'bsdtar'])
    if (program === 'cpio' || (format !== 'crc' && format !== 'bin'))
      test(
        `${program} and ${format}: names and sizes are those that cpio lists`,
        { skip: needs('cpio', program) },
        async (t) => {
          const root = tempFolder(t);
          mkdirSync(join(root, 'd'));
          writeFileSync(join(root, 'd/file'), 'x'.repeat(777));
          linkSync(join(root, 'd/file'), join(root, 'hard'));
          symlinkSync('d/file', join(root, 'link'));
          const options: ExecFileSyncOptions = {
            cwd: root,
            input: 'd\nd/file\nhard\nlink\n',
            stdio: ['pipe', 'pipe', 'ignore'],
          };
          const archive = Buffer.from(
            program === 'cpio'
              ? execFileSync('cpio', ['-o', '-H', format], options)
              : execFileSync(
                  'bsdtar',
                  ['-cf', '-', `--format=${format}`, '-n', '-T', '-'],
                  options,
                ),
          );
          const found = await read(archive, [13]);
          assert.ok(found.all.equals(archive));
          const listing = execFileSync('cpio', ['-t', '--quiet'], { input: archive }).toString();
          const names = found.members.filter(({ isTrailer }) => !isTrailer).map(({ path }) => path);
          assert.deepEqual(names, listing.trim().split('\n'));
          // newc stores the content of linked files once, with the last name.
          assert.ok(found.contents.includes('x'.repeat(777)));
          assert.ok(found.contents.includes('d/file'));
        },
      );
