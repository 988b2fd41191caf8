import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';

import { LimitError, type Codec } from '../../../src/formats/codec/codec.js';
import { decompress, decompressFrom } from '../../../src/formats/codec/decompress.js';
import { chunkInput } from '../../../src/formats/codec/input.js';
import { needs } from '../../helpers/oracle.js';
import { chunksOf, compress, PLAIN, randomBytes, textBytes, TOOLS } from './samples.js';

const skip = needs(...TOOLS);

for (const { codec, command } of PLAIN) {
  test(`${codec} stops at the limit of content, and gives all up to it`, { skip }, async () => {
    const content = textBytes(200_000, 20);
    const packed = compress(command, content);
    for (const maxOutputBytes of [0, 1, 65_536, 199_999]) {
      const parts: Uint8Array[] = [];
      await assert.rejects(
        async () => {
          for await (const chunk of decompress(codec, chunksOf(packed), { maxOutputBytes }))
            parts.push(chunk);
        },
        (error) => error instanceof LimitError && error.limit === 'output',
      );
      assert.ok(Buffer.concat(parts).equals(content.subarray(0, maxOutputBytes)));
    }
    let total = 0;
    for await (const chunk of decompress(codec, chunksOf(packed), { maxOutputBytes: 200_000 }))
      total += chunk.length;
    assert.equal(total, 200_000);
  });

  test(`stopping ${codec} early stops the producer of its input`, { skip }, async () => {
    const packed = compress(command, randomBytes(500_000, 21));
    let wasStopped = false;
    let pulled = 0;
    async function* produce(): AsyncGenerator<Uint8Array> {
      try {
        for await (const chunk of chunksOf(packed, 1000)) {
          pulled += chunk.length;
          yield chunk;
        }
        await new Promise((resolve) => setTimeout(resolve, 0));
        yield* chunksOf(packed, 1000);
      } finally {
        wasStopped = true;
      }
    }
    for await (const chunk of decompress(codec, produce(), { maxOutputBytes: 1e9 })) {
      assert.ok(chunk.length > 0);
      break;
    }
    assert.ok(wasStopped);
    assert.ok(pulled <= packed.length);
  });
}

/** A bomb made while it is read: zeros without end through a compressor. */
async function* bomb(program: string, args: readonly string[]): AsyncGenerator<Uint8Array> {
  const child = spawn(
    'sh',
    ['-c', `head -c 10000000000 /dev/zero | ${[program, ...args].join(' ')}`],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    },
  );
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
  } finally {
    if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL');
  }
}

const BOMBS: readonly (readonly [Codec, string, readonly string[]])[] = [
  ['gzip', 'gzip', ['-1c']],
  ['xz', 'xz', ['-0', '-T1', '-c']],
  ['zstd', 'zstd', ['-q1c']],
  ['lz4', 'lz4', ['-qc']],
  ['lzma', 'xz', ['--format=lzma', '-0', '-c']],
];

for (const [codec, program, args] of BOMBS) {
  test(`a ${codec} bomb ends at the limit within little memory`, { skip }, async () => {
    const before = process.memoryUsage().rss;
    let most = before;
    const limit = 100_000_000;
    await assert.rejects(
      async () => {
        for await (const chunk of decompress(codec, bomb(program, args), {
          maxOutputBytes: limit,
        })) {
          assert.ok(chunk.length <= 8 << 20);
          most = Math.max(most, process.memoryUsage.rss());
        }
      },
      (error) => error instanceof LimitError && error.limit === 'output',
    );
    assert.ok(most - before < 150_000_000, `${most - before} bytes more`);
  });
}

test('a bzip2 bomb of many streams ends at the limit', { skip }, async () => {
  const one = compress('bzip2 -9c', new Uint8Array(50_000_000));
  async function* repeated(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 200; i++) yield* chunksOf(one);
  }
  const run = async (): Promise<void> => {
    for await (const chunk of decompress('bzip2', repeated(), { maxOutputBytes: 100_000_000 }))
      assert.ok(chunk.length <= 65_536);
  };
  await assert.rejects(run(), (error) => error instanceof LimitError && error.limit === 'output');
});

test('a consumer that waits makes gzip wait', { skip }, async () => {
  const packed = compress('gzip -9c', new Uint8Array(60_000_000));
  const run = decompress('gzip', chunksOf(packed), { maxOutputBytes: 1e9 });
  assert.equal((await run.next()).done, false);
  const before = process.memoryUsage().rss;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(process.memoryUsage().rss - before < 30_000_000);
  await run.return({ inputBytes: 0, paddingBytes: 0, outputBytes: 0, memberCount: 0 });
});

test('more members than allowed are refused', { skip }, async () => {
  const one = compress('gzip -nc', Uint8Array.of(1));
  const many = Buffer.concat(Array.from({ length: 20 }, () => one));
  const run = async (): Promise<void> => {
    const input = chunkInput(chunksOf(many));
    const options = { maxOutputBytes: 1e6, maxMembers: 10 };
    for await (const chunk of decompressFrom('gzip', input, options)) assert.equal(chunk.length, 1);
  };
  await assert.rejects(run(), (error) => error instanceof LimitError && error.limit === 'members');
});

test('a signal ends it', { skip }, async () => {
  const packed = compress('zstd -qc', new Uint8Array(50_000_000));
  const controller = new AbortController();
  const reason = new Error('enough');
  setTimeout(() => controller.abort(reason), 0);
  const run = async (): Promise<void> => {
    const options = { maxOutputBytes: 1e9, signal: controller.signal };
    for await (const chunk of decompress('zstd', chunksOf(packed), options))
      assert.ok(chunk.length > 0);
  };
  await assert.rejects(run(), reason);
});

test('trouble of the input passes as it is', { skip }, async () => {
  const trouble = new Error('disk');
  for (const { codec, command } of PLAIN) {
    const packed = compress(command, randomBytes(20_000, 22));
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield* chunksOf(packed.subarray(0, 10_000));
      throw trouble;
    }
    const run = async (): Promise<void> => {
      for await (const chunk of decompress(codec, broken(), { maxOutputBytes: 1e9 }))
        assert.ok(chunk.length > 0);
    };
    await assert.rejects(run(), trouble, codec);
  }
});
