/** One layer, front to back: its members with the digests of their contents; blob and content are held against their names. */

import { createHash, type Hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

import { FormatError } from '../../core/errors.js';
import type { TreePath } from '../../core/path.js';
import type { RandomAccess } from '../../core/random-access.js';
import { decompress } from '../../formats/codec/decompress.js';
import { CODEC_HEAD_BYTES, detectCodec } from '../../formats/codec/detect.js';
import { parseOciDigest } from '../../formats/oci-digest.js';
import { ByteReader } from '../../formats/stream/byte-reader.js';
import { tarStream } from '../../formats/stream/tar-stream.js';
import { isTar } from '../../formats/tar.js';
import type { ChunkHasher } from '../archive/hash-content.js';
import { readMember, type ReadMember } from '../tar/index.js';
import type { ImageLayer } from './image.js';

export interface LayerMember extends ReadMember {
  /** Content of a file that will be asked for by its name. */
  readonly kept: Uint8Array | null;
}

/** What of a layer has to be known to check it. */
export type LayerNames = Pick<ImageLayer, 'digest' | 'size' | 'diffId'>;

export interface LayerSink {
  /** In the order of the layer; what it waits for is waited for. */
  member(member: LayerMember): void | Promise<void>;
  /** What is not as it should be, between the members where it was found. */
  problem(detail: string): void;
  /** Bytes of the blob so far. */
  progress(bytes: number): void;
}

export interface LayerTools {
  readonly signal: AbortSignal;
  readonly hasher: () => ChunkHasher;
  /** Whether the bytes of a file are to be kept. */
  readonly wants: (path: string, size: number) => boolean;
}

const CHUNK_BYTES = 1024 * 1024;
const CHUNKS_PER_TURN = 16;
const TAR_BLOCK = 512;
/** A decompressed layer may have this many times the bytes of its blob, and at least 16 GiB: beyond is a bomb. */
const MAX_RATIO = 1100;
const ALWAYS_ALLOWED = 16 * 1024 ** 3;

/** The bytes of a layer as they are stored. */
export interface LayerBlob {
  readonly size: number;
  /** From front to back, once. */
  chunks(): AsyncIterable<Uint8Array>;
}

export async function readLayer(
  names: LayerNames,
  input: LayerBlob,
  tools: LayerTools,
  sink: LayerSink,
): Promise<void> {
  const { signal } = tools;
  const blob = new HashedBlob(input, names.digest, signal, sink);
  const chunks = checked(layerContent(blob.chunks(), input.size, signal), names.diffId, sink);
  try {
    await readMembers(chunks, tools, sink);
    // Behind the end of the archive: bytes that count for the digest all the same.
    for await (const _ of chunks) signal.throwIfAborted();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    sink.problem(`read up to here only: ${error.message}`);
  } finally {
    await chunks.return(undefined);
  }
  const size = await blob.finish();
  if (names.size !== null && size !== names.size)
    sink.problem(`expected ${names.size} bytes by its descriptor, found ${size}`);
}

/** What a layer of so many bytes has without its compression, which is told by its bytes. */
export async function* layerContent(
  blob: AsyncIterable<Uint8Array>,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = new ByteReader(blob);
  try {
    const head = await reader.peek(TAR_BLOCK);
    const codec = isTar(head) ? null : detectCodec(head.subarray(0, CODEC_HEAD_BYTES));
    const chunks = reader.chunks(Infinity);
    const maxOutputBytes = Math.max(ALWAYS_ALLOWED, size * MAX_RATIO);
    yield* codec === null ? chunks : decompress(codec, chunks, { maxOutputBytes, signal });
  } finally {
    await reader.close();
  }
}

/** A blob that lies in a file, read as often as asked. */
export function storedBlob(access: RandomAccess): LayerBlob {
  return {
    size: access.size,
    chunks: async function* () {
      for (let at = 0, count = 1; at < access.size; count++) {
        const chunk = access.read(at, CHUNK_BYTES);
        if (chunk.length === 0) return;
        at += chunk.length;
        yield chunk;
        // A wish to stop must be able to arrive.
        if (count % CHUNKS_PER_TURN === 0) await setImmediate();
      }
    },
  };
}

async function readMembers(
  chunks: AsyncIterable<Uint8Array>,
  { signal, hasher, wants }: LayerTools,
  sink: LayerSink,
): Promise<void> {
  let kept: Uint8Array | null = null;
  const keep = (_: TreePath, bytes: Uint8Array): void => void (kept = bytes);
  const target = { hasher, kept: { wants, keep } };
  const stream = tarStream(new ByteReader(chunks, { format: 'tar' }));
  for (;;) {
    const found = stream.tryNext();
    const streamed = found === undefined ? await stream.next() : found;
    if (streamed === null) return;
    signal.throwIfAborted();
    kept = null;
    const { path, linkTarget, header } = streamed.member;
    const node = await readMember(streamed, target);
    const told = sink.member({ path, linkTarget, typeflag: header.typeflag, node, kept });
    if (told !== undefined) await told;
  }
}

/**
 * Held against the diff_id at the end. Some writers (umoci) leave out the zeros behind the last file: where the diff_id says
 * that nothing was cut off, they are put there.
 */
async function* checked(
  chunks: AsyncIterable<Uint8Array>,
  diffId: string | null,
  sink: LayerSink,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = hashOf(diffId);
  let size = 0;
  for await (const chunk of chunks) {
    hash?.update(chunk);
    size += chunk.length;
    yield chunk;
  }
  const isWhole = isAsNamed(diffId, hash, 'diff_id', sink);
  if (isWhole && size % TAR_BLOCK > 0) yield new Uint8Array(TAR_BLOCK - (size % TAR_BLOCK));
}

/** The bytes of a blob on their way to whoever reads them, hashed to the end whether or not they are all wanted. */
class HashedBlob {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #digest: string | null;
  readonly #hash: Hash | null;
  readonly #signal: AbortSignal;
  readonly #sink: LayerSink;
  #size = 0;

  constructor(input: LayerBlob, digest: string | null, signal: AbortSignal, sink: LayerSink) {
    this.#chunks = input.chunks()[Symbol.asyncIterator]();
    this.#digest = digest;
    this.#hash = hashOf(digest);
    this.#signal = signal;
    this.#sink = sink;
  }

  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let chunk = await this.#next(); chunk !== null; chunk = await this.#next()) yield chunk;
  }

  /** Bytes there are. */
  async finish(): Promise<number> {
    while ((await this.#next()) !== null);
    isAsNamed(this.#digest, this.#hash, 'digest', this.#sink);
    return this.#size;
  }

  async #next(): Promise<Uint8Array | null> {
    this.#signal.throwIfAborted();
    const next = await this.#chunks.next();
    if (next.done === true) return null;
    this.#hash?.update(next.value);
    this.#size += next.value.length;
    this.#sink.progress(this.#size);
    return next.value;
  }
}

function hashOf(digest: string | null): Hash | null {
  return digest === null ? null : createHash(parseOciDigest(digest).algorithm);
}

/** Tells what is not; false too where nothing is known. */
function isAsNamed(
  digest: string | null,
  hash: Hash | null,
  what: string,
  sink: LayerSink,
): boolean {
  if (digest === null || hash === null) return false;
  const { algorithm, hex } = parseOciDigest(digest);
  const found = hash.digest('hex');
  if (found !== hex) sink.problem(`expected the ${what} ${digest}, found ${algorithm}:${found}`);
  return found === hex;
}
