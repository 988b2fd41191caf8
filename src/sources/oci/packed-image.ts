/**
 * An archive of an image that is compressed as a whole (`docker save | gzip`): nothing in it lies at a known place, so it is read
 * front to back twice, first its documents, then its layers. What a layer says is held as a list until its turn: members of the
 * archive are in any order.
 */

import { AuditError, FormatError } from '../../core/errors.js';
import { bufferAccess } from '../../core/random-access.js';
import { CODEC_HEAD_BYTES, detectCodec } from '../../formats/codec/detect.js';
import { decompress } from '../../formats/codec/decompress.js';
import { MOST_DOCUMENT_BYTES } from '../../formats/oci-json.js';
import { ByteReader } from '../../formats/stream/byte-reader.js';
import { tarStream, type TarStreamMember } from '../../formats/stream/tar-stream.js';
import type { ArchiveInput } from '../archive/input.js';
import { imageMembers, type FilePlace, type ImageFiles } from './image-files.js';
import type { Image } from './image.js';
import type { LayerItem } from './layer-batch.js';
import { MergedLayers } from './merged-layers.js';
import { readLayer } from './read-layer.js';
import type { LayersRequest } from './read-layers.js';

export interface PackedImage {
  readonly image: Image;
  /** Where each layer lies; null: not in the image. */
  readonly members: readonly (string | null)[];
}

export type PackedInput = Pick<ArchiveInput, 'location' | 'chunks'> & { readonly size: number };

/** A decompressed archive may have this many times the bytes of the file, and at least 16 GiB: beyond is a bomb. */
const MAX_RATIO = 1100;
const ALWAYS_ALLOWED = 16 * 1024 ** 3;
/** Of all documents together. */
const MOST_HELD_BYTES = 128 * 1024 * 1024;

/** Whether the archive begins with the head of a compressed file. */
export function isPacked(head: Uint8Array): boolean {
  return detectCodec(head.subarray(0, CODEC_HEAD_BYTES)) !== null;
}

/** The first time. Throws `SOURCE_UNUSABLE`, and `FormatError` for documents that make no sense. */
export async function findPackedImage(
  input: PackedInput,
  readImage: (files: ImageFiles) => Image,
  onRead: (bytes: number) => void,
  signal: AbortSignal,
): Promise<PackedImage> {
  const found = imageMembers();
  const documents = new Map<string, Uint8Array>();
  let held = 0;
  let problem: string | null = null;
  try {
    for await (const { member, data } of membersOf(input, onRead, signal)) {
      const name = found.add(member);
      if (name === null || data.size > MOST_DOCUMENT_BYTES) continue;
      const bytes = await data.all(MOST_DOCUMENT_BYTES);
      if (!isDocument(bytes) || (held += bytes.length) > MOST_HELD_BYTES) continue;
      documents.set(name, Uint8Array.from(bytes));
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    problem = error.message;
    if (documents.size === 0) throw unusable(input.location, problem, error);
  }
  const names = new Map<FilePlace, string>();
  const image = readImage({
    open: (name) => {
      const at = found.find(name);
      if (at === null) return null;
      const bytes = documents.get(at.name);
      const access = bytes === undefined ? elsewhere(at.size) : bufferAccess(bytes);
      const place = { ...access, path: input.location, offset: 0 };
      names.set(place, at.name);
      return place;
    },
    close: () => {},
  });
  const problems = problem === null ? [] : [`the archive is read up to here only: ${problem}`];
  return {
    image: { ...image, problems: [...image.problems, ...problems] },
    members: image.layers.map(({ access }) => (access === null ? null : names.get(access)!)),
  };
}

/** The second time: fills the tree. */
export async function readPackedLayers(
  input: PackedInput,
  { image: { layers }, members }: PackedImage,
  { target, signal, progress }: Omit<LayersRequest, 'digests'>,
): Promise<void> {
  let read = 0;
  const onRead = (bytes: number): void => {
    read += bytes;
    progress({ entries: target.tree.count, bytes: read });
  };
  const items = new Map<string, readonly LayerItem[]>();
  let keptBytes = 0;
  const tools = {
    signal,
    hasher: target.hasher,
    wants: (path: string, size: number): boolean => {
      if (!target.kept.wants(path, keptBytes + size)) return false;
      keptBytes += size;
      return true;
    },
  };
  const names = imageMembers();
  try {
    for await (const { member, data } of membersOf(input, onRead, signal)) {
      const name = names.add(member);
      const layer = name === null ? undefined : layers[members.indexOf(name)];
      if (name === null || layer === undefined) continue;
      const found: LayerItem[] = [];
      items.set(name, found);
      const blob = { size: data.size, chunks: () => data.chunks() };
      await readLayer(layer, blob, tools, {
        member: (each) => void found.push(each),
        problem: (problem) => void found.push({ problem }),
        progress: () => {},
      });
    }
  } catch (error) {
    // Told when it was read for the first time.
    if (!(error instanceof FormatError)) throw error;
  }
  const merged = new MergedLayers(layers, target);
  for (const [i, name] of members.entries())
    if (name !== null) for (const item of items.get(name) ?? GONE) merged.take(i, item);
  merged.finish();
}

const GONE: readonly LayerItem[] = [{ problem: 'it is not there any more' }];

async function* membersOf(
  { chunks, size }: PackedInput,
  onRead: (bytes: number) => void,
  signal: AbortSignal,
): AsyncGenerator<TarStreamMember, void, undefined> {
  const packed = new ByteReader(chunks(onRead, signal));
  const codec = detectCodec(await packed.peek(CODEC_HEAD_BYTES));
  const raw = packed.chunks(Infinity);
  const maxOutputBytes = Math.max(ALWAYS_ALLOWED, size * MAX_RATIO);
  const content = codec === null ? raw : decompress(codec, raw, { maxOutputBytes, signal });
  const reader = new ByteReader(content, { format: 'tar' });
  try {
    yield* tarStream(reader);
  } finally {
    await reader.close();
    await packed.close();
  }
}

/** JSON begins so, and no layer does. */
function isDocument([first]: Uint8Array): boolean {
  return first === 0x7b || first === 0x5b;
}

/** Bytes that are only there while they pass. */
function elsewhere(size: number) {
  return { size, read: () => new Uint8Array(0) };
}

function unusable(location: string, found: string, cause: unknown): AuditError {
  const message = `cannot open ${location}: expected an archive of an image, found ${found}`;
  return new AuditError('SOURCE_UNUSABLE', message, { cause });
}
