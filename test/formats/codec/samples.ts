/** Content and compressors that the tests of the codecs share. */

import { spawnSync } from 'node:child_process';

import {
  decompressFrom,
  type DecompressedExtent,
  type DecompressOptions,
} from '../../../src/formats/codec/decompress.js';
import type { Codec } from '../../../src/formats/codec/codec.js';
import { chunkInput, type ByteInput } from '../../../src/formats/codec/input.js';

/** What compresses standard input to standard output, and the codec that it makes. */
export interface Compressor {
  readonly codec: Codec;
  readonly command: string;
}

const COMMANDS: Readonly<Partial<Record<Codec, readonly string[]>>> = {
  gzip: ['gzip -nc', 'gzip -1c', 'gzip -9c'],
  xz: [
    'xz -T1 -c',
    'xz -0 -c',
    'xz -9e -c',
    'xz -T2 --block-size=64KiB -c',
    'xz -C none -c',
    'xz -C crc32 -c',
    'xz -C sha256 -c',
    ...['x86', 'arm', 'armthumb', 'arm64', 'powerpc', 'sparc', 'ia64'].map(
      (filter) => `xz --${filter} --lzma2 -c`,
    ),
    'xz --x86 --delta=dist=2 --lzma2=lc=1,lp=3,pb=0 -c',
  ],
  lzma: ['xz --format=lzma -c', 'xz --format=lzma -0 -c'],
  zstd: [
    'zstd -qc',
    'zstd -q1c',
    'zstd -q19c',
    'zstd -qc --fast=5',
    'zstd -qc --long=31',
    'zstd -qc --no-check',
  ],
  lz4: [
    'lz4 -qc',
    'lz4 -q9c',
    'lz4 -qc -B4 --content-size',
    'lz4 -qc -BD -BX',
    'lz4 -qc --no-frame-crc',
  ],
  'lz4-legacy': ['lz4 -qlc', 'lz4 -ql9c'],
  bzip2: ['bzip2 -c', 'bzip2 -1c'],
};

export const TOOLS = ['gzip', 'xz', 'zstd', 'lz4', 'bzip2'] as const;

export const COMPRESSORS: readonly Compressor[] = Object.entries(COMMANDS).flatMap(
  ([codec, commands]) => commands.map((command) => ({ codec: codec as Codec, command })),
);

/** One plain compressor of each codec. */
export const PLAIN: readonly Compressor[] = Object.entries(COMMANDS).map(([codec, commands]) => ({
  codec: codec as Codec,
  command: commands[0]!,
}));

export function compress(command: string, content: Uint8Array): Uint8Array {
  const [program, ...args] = command.split(' ');
  const { status, stdout, stderr } = spawnSync(program!, args, {
    input: content,
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${command}: ${stderr.toString()}`);
  return new Uint8Array(stdout);
}

/** Numbers that look random and are the same in every run. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 0x1000000;
  };
}

export function randomBytes(length: number, seed: number): Uint8Array {
  const random = generator(seed);
  return Uint8Array.from({ length }, () => random() * 256);
}

/** Words, numbers and repeats near and far. */
export function textBytes(length: number, seed: number): Uint8Array {
  const random = generator(seed);
  const words = Array.from({ length: 200 }, () => Math.floor(random() * 1e9).toString(36));
  let text = '';
  while (text.length < length) text += `${words[Math.floor(random() * random() * 200)]!} `;
  return new TextEncoder().encode(text.slice(0, length));
}

/** Chunks of `bytes`, each of `step`. */
export async function* chunksOf(bytes: Uint8Array, step = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) {
    await Promise.resolve();
    yield bytes.subarray(at, at + step);
  }
}

export interface Decompressed {
  readonly content: Uint8Array;
  readonly extent: DecompressedExtent;
  /** What is left in the input. */
  readonly rest: Uint8Array;
}

export async function decompressAll(
  codec: Codec,
  bytes: Uint8Array,
  options: Partial<DecompressOptions> & { readonly step?: number } = {},
): Promise<Decompressed> {
  const input = chunkInput(chunksOf(bytes, options.step));
  const run = decompressFrom(codec, input, { maxOutputBytes: 1 << 28, ...options });
  const parts: Uint8Array[] = [];
  for (;;) {
    const step = await run.next();
    if (step.done === true)
      return { content: Buffer.concat(parts), extent: step.value, rest: await drain(input) };
    parts.push(step.value);
  }
}

async function drain(input: ByteInput): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let chunk = await input.next(); chunk !== null; chunk = await input.next())
    parts.push(chunk);
  return Buffer.concat(parts);
}
