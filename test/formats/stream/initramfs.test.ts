import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import {
  initramfsSegments,
  type InitramfsEnd,
  type SegmentResult,
} from '../../../src/formats/stream/initramfs.js';
import { needs } from '../../helpers/oracle.js';
import { mutations } from '../../scrub/normalizers/mutations.js';
import { cpioArchive, cpioMember } from '../build-cpio.js';
import { readerOf } from './feed.js';

const LIMITS = { maxOutputBytes: 2 ** 20 };
const EARLY = cpioArchive('newc', [{ name: 'early_cpio', data: '1' }], 512);
const MAIN = cpioArchive('newc', [{ name: 'init', data: 'main' }, { name: 'etc' }], 256);
const APPENDED = cpioArchive('newc', [{ name: 'dev/random' }]);

interface Segment {
  readonly kind: string;
  readonly codec: string | null;
  readonly offset: number;
  readonly zerosBefore: number;
  readonly paths: readonly string[];
  readonly result: SegmentResult;
}

async function read(
  image: Uint8Array,
  sizes?: readonly number[],
): Promise<{ segments: readonly Segment[]; end: InitramfsEnd }> {
  const segments: Segment[] = [];
  const generator = initramfsSegments(readerOf(image, sizes), LIMITS);
  let step = await generator.next();
  while (step.done !== true) {
    const { kind, codec, offset, zerosBefore, members, result } = step.value;
    const paths: string[] = [];
    for await (const { member } of members())
      if (!member.isTrailer) paths.push(`${member.archive}:${member.path}`);
    step = await generator.next();
    segments.push({ kind, codec, offset, zerosBefore, paths, result: result()! });
  }
  return { segments, end: step.value };
}

test('Early, main and appended archives are segments, with the zeros between them', async () => {
  const main = gzipSync(Buffer.concat([MAIN, Buffer.alloc(12), APPENDED]));
  const padding = Buffer.alloc(((4 - ((EARLY.length + main.length) % 4)) % 4) + 8);
  const image = Buffer.concat([EARLY, main, padding, gzipSync(APPENDED), Buffer.alloc(3)]);
  for (const sizes of [[1], [100, 3], [image.length]]) {
    const { segments, end } = await read(image, sizes);
    const trailer = EARLY.indexOf('TRAILER!!!') + 14;
    assert.deepEqual(
      segments.map(({ kind, codec, zerosBefore, paths }) => [kind, codec, zerosBefore, paths]),
      [
        ['cpio', null, 0, ['0:early_cpio']],
        ['compressed', 'gzip', EARLY.length - trailer, ['0:init', '0:etc', '1:dev/random']],
        ['compressed', 'gzip', padding.length, ['0:dev/random']],
      ],
    );
    assert.ok(segments.every(({ result }) => result.problem === null && result.isComplete));
    assert.deepEqual(
      segments.map(({ offset, result }) => [offset, result.end]),
      [
        [0, trailer],
        [EARLY.length, EARLY.length + main.length],
        [EARLY.length + main.length + padding.length, image.length - 3],
      ],
    );
    assert.deepEqual(end, { offset: image.length, zerosBefore: 3, problem: null });
  }
});

test('A segment that is left early is passed, and so is one that nobody looks into', async () => {
  const image = Buffer.concat([EARLY, gzipSync(MAIN), APPENDED]);
  const seen: string[] = [];
  for await (const { index, members } of initramfsSegments(readerOf(image, [50]), LIMITS)) {
    if (index === 1) continue;
    for await (const { member } of members()) {
      seen.push(member.path);
      break;
    }
  }
  assert.deepEqual(seen, ['early_cpio', 'dev/random']);
});

test('An archive without a trailer is complete for Linux, and that is told', async () => {
  const { segments, end } = await read(
    Buffer.concat([cpioMember('newc', { name: 'a', data: 'abcd' }), gzipSync(MAIN)]),
  );
  assert.deepEqual(
    segments.map(({ result }) => result.isComplete),
    [false, true],
  );
  assert.equal(end.problem, null);
});

test('Trouble in a segment is told, and the rest is read where it can be found', async () => {
  const junk = gzipSync(Buffer.concat([MAIN, Buffer.from('junk')]));
  const bad = gzipSync(Buffer.from('070701 and then nothing of the kind'));
  const { segments, end } = await read(
    Buffer.concat([junk, Buffer.alloc(4), bad, Buffer.alloc(4), APPENDED]),
  );
  assert.deepEqual(
    segments.map(({ result }) => result.problem?.kind ?? null),
    ['junk', 'cpio', null],
  );
  assert.equal(end.problem, null);
  const cut = gzipSync(MAIN).subarray(0, -9);
  const broken = await read(cut);
  assert.equal(broken.segments[0]!.result.problem?.kind, 'compression');
  assert.notEqual(broken.end.problem, null);
  const unknown = await read(Buffer.concat([EARLY, Buffer.from('unknown')]));
  assert.notEqual(unknown.end.problem, null);
  assert.equal(unknown.end.offset, EARLY.length);
});

test('A bomb ends at the limit', async () => {
  const { segments, end } = await read(
    gzipSync(cpioArchive('newc', [{ name: 'zeros', data: '\0'.repeat(2 ** 21) }])),
  );
  assert.equal(segments[0]!.result.problem?.kind, 'compression');
  assert.notEqual(end.problem, null);
});

test('Damaged images end without a crash, their pieces do not matter', async () => {
  const image = Buffer.concat([EARLY, gzipSync(MAIN), Buffer.alloc(4), APPENDED]);
  const cuts = Array.from({ length: 40 }, (_, i) => image.subarray(0, i * 31));
  for (const damaged of [...cuts, ...mutations(image, 200, 3)]) {
    const one = await read(damaged, [17]);
    const two = await read(damaged);
    assert.deepEqual(
      one.segments.map(({ paths }) => paths),
      two.segments.map(({ paths }) => paths),
    );
    assert.equal(one.end.problem, two.end.problem);
  }
});

for (const [program, args, codec] of [
  ['zstd', ['-qc'], 'zstd'],
  ['xz', ['-c', '--check=crc32'], 'xz'],
  ['xz', ['-c', '--format=lzma'], 'lzma'],
  ['bzip2', ['-c'], 'bzip2'],
  ['lz4', ['-lc'], 'lz4-legacy'],
  ['gzip', ['-c'], 'gzip'],
] as const)
  test(
    `A main archive that ${program} ${args.join(' ')} made is read behind an early one`,
    { skip: needs(program) },
    async () => {
      const main = execFileSync(program, args, { input: MAIN });
      const { segments, end } = await read(
        Buffer.concat([EARLY, main, Buffer.alloc(4), gzipSync(APPENDED)]),
        [1000],
      );
      assert.deepEqual(
        segments.map(({ codec: found, paths }) => [found, paths.length]),
        [
          [null, 1],
          [codec, 2],
          ['gzip', 1],
        ],
      );
      assert.equal(end.problem, null);
    },
  );
