/** Archives as sources: one pass that fills a tree, then answers like any other source. */

import type { CaptureSet, DigestAlgorithm } from '../../core/capture.js';
import { AuditError, FormatError } from '../../core/errors.js';
import type { TreePath } from '../../core/path.js';
import type { RandomAccess } from '../../core/random-access.js';
import { CODEC_HEAD_BYTES, detectCodec } from '../../formats/codec/detect.js';
import { decompress } from '../../formats/codec/decompress.js';
import { ByteReader } from '../../formats/stream/byte-reader.js';
import { compileGlob } from '../../util/glob.js';
import type { OpenSource, PrepareOptions, ScanOptions } from '../define.js';
import { chunkHashers, type ChunkHasher } from './hash-content.js';
import { treeAnswers } from './filled-tree.js';
import { openInput, type ArchiveInput } from './input.js';
import { KeptFiles } from './kept-files.js';
import { TreeBuilder, type Node } from './tree-builder.js';

/** What the manifest of an archive can hold; exclusions and digests come with the scan. */
export type Carried = Pick<
  CaptureSet,
  | 'xattrs'
  | 'mtime'
  | 'mtimeResolution'
  | 'ownership'
  | 'hardLinks'
  | 'omissions'
  | 'unlistedDirectories'
  | 'lists'
  | 'otherDigests'
> & {
  /** Where contents are not at hand and only these digests are; absent: those that are asked for. */
  readonly digests?: readonly DigestAlgorithm[];
};

/** What the reader of one format fills. */
export interface ArchiveTarget {
  readonly tree: TreeBuilder;
  readonly kept: KeptFiles;
  /** A hasher for the content of one member. */
  hasher(): ChunkHasher;
  /** Call for each member; throws when the user has had enough. */
  step(): void;
  /** Says what this archive carries, where that is not what all of its kind do. */
  carries(carried: Partial<Carried>): void;
  /** For what the reader decompresses itself. */
  readonly limits: { readonly maxOutputBytes: number; readonly signal: AbortSignal };
}

interface ArchiveKindBase {
  readonly mediaType: string;
  readonly capture: Carried;
  /** What a directory has that no member describes; absent: mode 0755, owner 0, time 0. */
  readonly implied?: Node;
  /** The next thing to try for who gave something else. */
  readonly hint?: string;
}

/** Reading throws `FormatError` for what ends it. */
export type ArchiveKind = ArchiveKindBase &
  (
    | {
        readonly reads: 'content' | 'bytes';
        /** The bytes to their end: decompressed (`content`), or as they are. */
        read(chunks: AsyncIterable<Uint8Array>, target: ArchiveTarget): Promise<void>;
      }
    | {
        readonly reads: 'places';
        /** For formats with a directory: what is no file cannot be read. */
        read(bytes: RandomAccess, target: ArchiveTarget): Promise<void>;
      }
  );

/** A decompressed archive may have this many times the bytes of the file, and at least 16 GiB: beyond is a bomb. */
const MAX_RATIO = 1100;
const ALWAYS_ALLOWED = 16 * 1024 ** 3;

/** A file on this machine or `-`, compressed or not. Throws `SOURCE_UNUSABLE`. */
export function openArchive(location: string, kind: ArchiveKind): OpenSource {
  const input = openInput(location);
  let carried = kind.capture;
  const capture = (options: Pick<ScanOptions, 'digests' | 'exclusions'>): CaptureSet => ({
    version: 1,
    digests: options.digests,
    ...carried,
    exclusions: options.exclusions,
    mountPoints: [],
  });
  const answers = treeAnswers(capture);
  return {
    location: input.location,
    mediaType: kind.mediaType,
    fileSystem: null,
    container: input.container,
    files: answers.files,
    capture,
    prepare: async (options) => {
      const globs = options.exclusions.map(({ pattern }) => compileGlob(pattern));
      const isExcluded = (path: TreePath): boolean => globs.some((matches) => matches(path));
      const tree = new TreeBuilder(isExcluded, kind.implied);
      const kept = new KeptFiles(options.keeps);
      const { signal } = options;
      const size = input.container?.bytes.size ?? Infinity;
      await readInto(input, kind, options, {
        tree,
        kept,
        hasher: await chunkHashers(options.digests),
        step: () => signal.throwIfAborted(),
        carries: (its) => (carried = { ...carried, ...its }),
        limits: { maxOutputBytes: Math.max(ALWAYS_ALLOWED, size * MAX_RATIO), signal },
      });
      answers.fill({ tree, files: kept.files(tree) });
    },
    scan: answers.scan,
    close: () => input.close(),
  };
}

async function readInto(
  input: ArchiveInput,
  kind: ArchiveKind,
  options: PrepareOptions,
  target: ArchiveTarget,
): Promise<void> {
  const { tree } = target;
  try {
    await readKind(input, kind, options, target);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    if (tree.count === 0)
      throw new AuditError('SOURCE_UNUSABLE', `cannot read ${input.location}: ${error.message}`, {
        hint:
          kind.hint ??
          'it is damaged, cut short, or of another kind than its name or prefix says (tar:, cpio: ...)',
        cause: error,
      });
    tree.diagnostics.push({
      code: 'format',
      path: null,
      detail: `the archive is read up to here only: ${error.message}`,
    });
  }
}

async function readKind(
  input: ArchiveInput,
  kind: ArchiveKind,
  options: PrepareOptions,
  target: ArchiveTarget,
): Promise<void> {
  const { signal } = options;
  let readBytes = 0;
  const onRead = (count: number): void => {
    readBytes += count;
    options.progress({ entries: target.tree.count, bytes: readBytes });
  };
  if (kind.reads === 'places') {
    if (input.container === null)
      throw new FormatError(
        'archive',
        0,
        'expected a file, found a stream: this kind is not read front to back',
      );
    const { bytes } = input.container;
    const told: RandomAccess = {
      size: bytes.size,
      read: (offset, length) => {
        signal.throwIfAborted();
        const part = bytes.read(offset, length);
        onRead(part.length);
        return part;
      },
    };
    await kind.read(told, target);
    return;
  }
  const reader = new ByteReader(input.chunks(onRead, signal));
  try {
    const head = await reader.peek(CODEC_HEAD_BYTES);
    if (head.length === 0)
      throw new FormatError('archive', 0, 'expected an archive, found no bytes');
    const codec = kind.reads === 'content' ? detectCodec(head) : null;
    const raw = reader.chunks(Infinity);
    await kind.read(codec === null ? raw : decompress(codec, raw, target.limits), target);
  } finally {
    await reader.close();
  }
}
