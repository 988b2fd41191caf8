/** Layers of an image, streamed from the lowest up into one tree; each blob is read and hashed once. */

import { createHash, type Hash } from 'node:crypto';

import { FormatError } from '../../core/errors.js';
import type { TreePath } from '../../core/path.js';
import type { RandomAccess } from '../../core/random-access.js';
import { decompress } from '../../formats/codec/decompress.js';
import { CODEC_HEAD_BYTES, detectCodec } from '../../formats/codec/detect.js';
import { parseOciDigest } from '../../formats/oci-digest.js';
import { ByteReader } from '../../formats/stream/byte-reader.js';
import { tarStream } from '../../formats/stream/tar-stream.js';
import { isTar } from '../../formats/tar.js';
import type { ArchiveTarget } from '../archive/open-archive.js';
import type { PrepareOptions } from '../define.js';
import { addMember } from '../tar/index.js';
import type { Image, ImageLayer } from './image.js';
import { LayerMerger } from './merge-layer.js';

/** A name that is a hard link to bytes of the same or a lower layer. */
export interface LinkedName {
  readonly path: TreePath;
  readonly target: TreePath;
}

const CHUNK_BYTES = 1024 * 1024;
/** A decompressed layer may have this many times the bytes of its blob, and at least 16 GiB: beyond is a bomb. */
const MAX_RATIO = 1100;
const ALWAYS_ALLOWED = 16 * 1024 ** 3;

/** Fills the tree, and returns the hard links whose names `isWanted` takes. */
export async function readLayers(
  { layers }: Pick<Image, 'layers'>,
  target: ArchiveTarget,
  options: PrepareOptions,
  isWanted: (name: string) => boolean,
): Promise<readonly LinkedName[]> {
  const links: LinkedName[] = [];
  let readBytes = 0;
  for (const [i, layer] of layers.entries()) {
    const tell = (detail: string): void =>
      void target.tree.diagnostics.push({
        code: 'format',
        path: null,
        detail: `layer ${i + 1}: ${detail}`,
      });
    if (layer.access === null) {
      tell(layer.absence);
      continue;
    }
    const before = readBytes;
    await readLayer(layer, layer.access, {
      target,
      signal: options.signal,
      tell,
      link: (link) => {
        if (isWanted(link.path)) links.push(link);
      },
      progress: (bytes) => {
        readBytes = before + bytes;
        options.progress({ entries: target.tree.count, bytes: readBytes });
      },
    });
  }
  return links;
}

interface LayerRun {
  readonly target: ArchiveTarget;
  readonly signal: AbortSignal;
  tell(detail: string): void;
  link(link: LinkedName): void;
  /** Bytes of the blob so far. */
  progress(bytes: number): void;
}

async function readLayer(layer: ImageLayer, access: RandomAccess, run: LayerRun): Promise<void> {
  const blob = new HashedBlob(access, layer.digest, run);
  const content = hashOf(layer.diffId);
  const chunks = tee(layerContent(access, blob.chunks(), run.signal), content);
  try {
    await mergeLayer(chunks, run);
    // Behind the end of the archive: bytes that count for the digest all the same.
    for await (const _ of chunks) run.signal.throwIfAborted();
    tellMismatch(layer.diffId, content, 'diff_id', run);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    run.tell(`read up to here only: ${error.message}`);
  } finally {
    await chunks.return(undefined);
  }
  const size = blob.finish();
  if (layer.size !== null && size !== layer.size)
    run.tell(`expected ${layer.size} bytes by its descriptor, found ${size}`);
}

/** What the layer has without its compression, which is told by its bytes. */
export function layerContent(
  access: RandomAccess,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const codec = isTar(access.read(0, 512)) ? null : detectCodec(access.read(0, CODEC_HEAD_BYTES));
  const maxOutputBytes = Math.max(ALWAYS_ALLOWED, access.size * MAX_RATIO);
  return codec === null ? chunks : decompress(codec, chunks, { maxOutputBytes, signal });
}

async function mergeLayer(chunks: AsyncIterable<Uint8Array>, run: LayerRun): Promise<void> {
  const { target } = run;
  const merger = new LayerMerger(target.tree);
  const stream = tarStream(new ByteReader(chunks, { format: 'tar' }));
  for (;;) {
    const found = stream.tryNext();
    const streamed = found === undefined ? await stream.next() : found;
    if (streamed === null) return;
    target.step();
    const placed = merger.place(streamed);
    if (placed === null) continue;
    const { path, linkTarget, header } = placed.member;
    if (header.typeflag === '1')
      run.link({ path: path as TreePath, target: linkTarget as TreePath });
    await addMember(placed, target);
  }
}

async function* tee(
  chunks: AsyncIterable<Uint8Array>,
  hash: Hash | null,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    hash?.update(chunk);
    yield chunk;
  }
}

/** The bytes of a blob, once more. */
export async function* blobChunks(access: RandomAccess): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < access.size; at += CHUNK_BYTES) yield access.read(at, CHUNK_BYTES);
}

/** The bytes of a blob on their way to whoever reads them, hashed to the end whether or not they are all wanted. */
class HashedBlob {
  readonly #access: RandomAccess;
  readonly #digest: string | null;
  readonly #hash: Hash | null;
  readonly #run: LayerRun;
  #at = 0;

  constructor(access: RandomAccess, digest: string | null, run: LayerRun) {
    this.#access = access;
    this.#digest = digest;
    this.#hash = hashOf(digest);
    this.#run = run;
  }

  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let chunk = this.#next(); chunk !== null; chunk = this.#next()) yield chunk;
  }

  /** Bytes there are. */
  finish(): number {
    while (this.#next() !== null);
    tellMismatch(this.#digest, this.#hash, 'digest', this.#run);
    return this.#at;
  }

  #next(): Uint8Array | null {
    this.#run.signal.throwIfAborted();
    const chunk = this.#access.read(this.#at, CHUNK_BYTES);
    if (chunk.length === 0) return null;
    this.#hash?.update(chunk);
    this.#at += chunk.length;
    this.#run.progress(this.#at);
    return chunk;
  }
}

function hashOf(digest: string | null): Hash | null {
  return digest === null ? null : createHash(parseOciDigest(digest).algorithm);
}

function tellMismatch(digest: string | null, hash: Hash | null, what: string, run: LayerRun): void {
  if (digest === null || hash === null) return;
  const { algorithm, hex } = parseOciDigest(digest);
  const found = hash.digest('hex');
  if (found !== hex) run.tell(`expected the ${what} ${digest}, found ${algorithm}:${found}`);
}
