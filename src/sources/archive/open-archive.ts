/** Archives as sources: one pass that fills a tree, then answers like any other source. */

import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';

import type { CaptureSet } from '../../core/capture.js';
import { AuditError, errnoOf, FormatError } from '../../core/errors.js';
import { displayBytes } from '../../core/path.js';
import type { RandomAccess } from '../../core/random-access.js';
import { CODEC_HEAD_BYTES, detectCodec } from '../../formats/codec/detect.js';
import { decompress } from '../../formats/codec/decompress.js';
import type { TreeFiles } from '../../core/tree-files.js';
import { compileGlob } from '../../util/glob.js';
import type { OpenSource, PrepareOptions, ScanOptions } from '../define.js';
import { chunkHashers, type ChunkHasher } from './hash-content.js';
import { KeptFiles } from './kept-files.js';
import { TreeBuilder } from './tree-builder.js';

/** What the reader of one format fills. */
export interface ArchiveTarget {
  readonly tree: TreeBuilder;
  readonly kept: KeptFiles;
  /** A hasher for the content of one member. */
  hasher(): ChunkHasher;
  /** Call for each member; throws when the user has had enough. */
  step(): void;
}

export interface ArchiveKind {
  readonly mediaType: string;
  /** What a manifest of this format can hold; exclusions and digests come with the scan. */
  readonly capture: Pick<CaptureSet, 'xattrs' | 'mtime' | 'ownership' | 'hardLinks'>;
  /** Reads the uncompressed bytes to their end. Throws `FormatError` for what ends the reading. */
  read(chunks: AsyncIterable<Uint8Array>, target: ArchiveTarget): Promise<void>;
}

const CHUNK_BYTES = 1024 * 1024;
/** A decompressed archive may have this many times the bytes of the file, and at least 16 GiB: beyond is a bomb. */
const MAX_RATIO = 1100;
const ALWAYS_ALLOWED = 16 * 1024 ** 3;

/** A file on this machine, compressed or not. Throws `SOURCE_UNUSABLE`. */
export function openArchive(location: string, kind: ArchiveKind): OpenSource {
  const file = openFile(location);
  let state: { readonly tree: TreeBuilder; readonly files: TreeFiles } | null = null;
  const capture = (options: Pick<ScanOptions, 'digests' | 'exclusions'>): CaptureSet => ({
    version: 1,
    ...kind.capture,
    digests: options.digests,
    exclusions: options.exclusions,
    mountPoints: [],
  });
  const prepared = (): NonNullable<typeof state> => {
    if (state === null) throw new Error('the archive was not read yet');
    return state;
  };
  return {
    location: displayBytes(realpathSync.native(location, 'buffer').toString('latin1')),
    mediaType: kind.mediaType,
    fileSystem: null,
    container: { name: basename(location), bytes: file.bytes },
    files: {
      read: (path) => prepared().files.read(path),
      open: (path) => prepared().files.open(path),
      list: (path) => prepared().files.list(path),
      readLink: (path) => prepared().files.readLink(path),
    },
    capture,
    prepare: async (options) => {
      const globs = options.exclusions.map(({ pattern }) => compileGlob(pattern));
      const tree = new TreeBuilder((path) => globs.some((matches) => matches(path)));
      const kept = new KeptFiles();
      await readInto(location, file.bytes, kind, tree, kept, options);
      state = { tree, files: kept.files(tree) };
    },
    scan: (options, sink) => {
      const { tree } = prepared();
      for (const directory of tree.directories()) {
        options.signal.throwIfAborted();
        sink.directory(directory);
      }
      for (const diagnostic of tree.diagnostics) sink.diagnostic(diagnostic);
      return Promise.resolve({ root: tree.root(), capture: capture(options), cachedFiles: 0 });
    },
    close: () => file.close(),
  };
}

async function readInto(
  location: string,
  bytes: RandomAccess,
  kind: ArchiveKind,
  tree: TreeBuilder,
  kept: KeptFiles,
  { digests, signal, progress }: PrepareOptions,
): Promise<void> {
  const hasher = await chunkHashers(digests);
  let readBytes = 0;
  const raw = (async function* (): AsyncGenerator<Uint8Array> {
    for (; readBytes < bytes.size;) {
      signal.throwIfAborted();
      const chunk = bytes.read(readBytes, CHUNK_BYTES);
      if (chunk.length === 0) return;
      readBytes += chunk.length;
      progress({ entries: tree.count, bytes: readBytes });
      yield chunk;
    }
  })();
  const codec = detectCodec(bytes.read(0, CODEC_HEAD_BYTES));
  const maxOutputBytes = Math.max(ALWAYS_ALLOWED, bytes.size * MAX_RATIO);
  const chunks = codec === null ? raw : decompress(codec, raw, { maxOutputBytes, signal });
  try {
    await kind.read(chunks, { tree, kept, hasher, step: () => signal.throwIfAborted() });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    if (tree.count === 0)
      throw new AuditError('SOURCE_UNUSABLE', `cannot read ${location}: ${error.message}`, {
        hint: 'name the kind of archive by a prefix, such as tar: or cpio:',
        cause: error,
      });
    tree.diagnostics.push({
      code: 'format',
      path: null,
      detail: `the archive is read up to here only: ${error.message}`,
    });
  }
}

function openFile(location: string): { readonly bytes: RandomAccess; close(): void } {
  try {
    const fd = openSync(location, 'r');
    const { size } = fstatSync(fd);
    return {
      bytes: {
        size,
        read: (offset, length) => {
          const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, size - offset)));
          const count = readSync(fd, buffer, 0, buffer.length, offset);
          return count === buffer.length ? buffer : buffer.subarray(0, count);
        },
      },
      close: () => closeSync(fd),
    };
  } catch (error) {
    throw new AuditError(
      'SOURCE_UNUSABLE',
      `cannot open ${location}: expected a file, found ${errnoOf(error) ?? 'an error'}`,
      { cause: error },
    );
  }
}
