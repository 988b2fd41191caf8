/** Writes a tree as a list of files that other tools read: of a source that is read now, or of a recorded build. */

import type { CaptureSet, Exclusion } from '../core/capture.js';
import { isKnown } from '../core/coverage.js';
import type { Diagnostic } from '../core/diagnostic.js';
import { AuditError } from '../core/errors.js';
import type { ArtifactReader, TreeEntry, TreeRef } from '../core/manifest.js';
import { joinPath, ROOT_PATH, type TreePath } from '../core/path.js';
import { aideWriter } from '../formats/aide-write.js';
import type { ListingWriter } from '../formats/listing-write.js';
import { mtreeWriter } from '../formats/mtree-write.js';
import { sha256sumsWriter } from '../formats/sha256sums-write.js';
import type { OpenOptions, ScanProgress } from '../sources/define.js';
import { composefsDump, refuseUndumpable } from './dump.js';
import { withWord } from './locate.js';
import { openSource } from './open-location.js';
import { scanTree, type ScannedTree } from './scanned-tree.js';

export const EXPORT_FORMATS = ['composefs-dump', 'mtree', 'aide', 'sha256sums'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportRequest {
  /** A source or a build. */
  readonly word: string;
  readonly format: ExportFormat;
  readonly storeLocation: string;
  readonly platforms: OpenOptions;
  /** For sources. */
  readonly exclusions: readonly Exclusion[];
  readonly startedNs: bigint;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ScanProgress) => void;
  /** Takes the text, latin1, one character per byte, in pieces. */
  readonly write: (latin1: string) => Promise<void>;
}

export interface Exported {
  /** What could not be read: it is not in the list, or without its content. */
  readonly diagnostics: readonly Diagnostic[];
  /** What the list does not tell of itself. */
  readonly notes: readonly string[];
}

/** Throws `SOURCE_UNUSABLE` for a tree that the format cannot say. */
export async function exportTree(request: ExportRequest): Promise<Exported> {
  return withWord(request.word, request.storeLocation, {
    source: async (location) => {
      const source = openSource(location, request.platforms);
      try {
        const tree = await scanTree(source, { ...request, digests: ['xxh64', 'sha256'] });
        return await written(request, request.word, tree);
      } finally {
        source.close();
      }
    },
    build: ({ build, artifacts }) => {
      const reader = artifacts[0]!;
      return written(request, build.name, { ...reader, ...reader.artifact, root: reader.root });
    },
  });
}

async function written(
  { format, write }: ExportRequest,
  name: string,
  tree: ScannedTree,
): Promise<Exported> {
  const { capture, diagnostics } = tree;
  refuseUnsayable(format, name, capture);
  const pieces =
    format === 'composefs-dump'
      ? composefsDump(tree)
      : listing(WRITERS[format](capture), tree, format === 'sha256sums');
  for await (const piece of pieces) await write(piece);
  return { diagnostics, notes: notesOn(format, capture) };
}

const WRITERS: Readonly<
  Record<Exclude<ExportFormat, 'composefs-dump'>, (capture: CaptureSet) => ListingWriter>
> = { mtree: mtreeWriter, aide: aideWriter, sha256sums: sha256sumsWriter };

const PIECE_LENGTH = 1 << 16;

/** Parents before what they hold, names in byte order; in pieces of some kilobytes. */
async function* listing(
  writer: ListingWriter,
  { root, entries }: Pick<ArtifactReader, 'root' | 'entries'>,
  listsContents: boolean,
): AsyncGenerator<string> {
  let piece = writer.head;
  const add = (path: TreePath, each: TreeEntry): void => {
    if (listsContents || !isUnlisted(each)) piece += writer.line(path, each.entry);
  };
  const visit = async function* (path: TreePath, directory: TreeRef): AsyncGenerator<string> {
    for (const each of await entries(directory)) {
      const entryPath = joinPath(path, each.entry.name);
      add(entryPath, each);
      if (each.child !== null) yield* visit(entryPath, each.child);
      if (piece.length > PIECE_LENGTH) {
        yield piece;
        piece = '';
      }
    }
  };
  add(ROOT_PATH, root);
  if (root.child !== null) yield* visit(ROOT_PATH, root.child);
  yield piece + writer.tail;
}

/** A directory of which nothing is known but what lies in it: no line says less than one that says nothing. */
function isUnlisted({ entry, child }: TreeEntry): boolean {
  const knowsNothing = (['mode', 'owner', 'mtime'] as const).every((one) => !isKnown(entry, one));
  return knowsNothing && child !== null && child.entryCount > 0;
}

function refuseUnsayable(format: ExportFormat, name: string, capture: CaptureSet): void {
  if (format === 'composefs-dump') return refuseUndumpable(name, capture);
  if (format !== 'sha256sums' && capture.lists === 'contents')
    throw new AuditError(
      'SOURCE_UNUSABLE',
      `${name} lists contents alone: it does not say what a path is, which ${format} has to`,
      { hint: 'export it with --format sha256sums' },
    );
  if (format === 'sha256sums' && !capture.digests.includes('sha256'))
    throw new AuditError('SOURCE_UNUSABLE', `${name} was recorded without SHA-256`, {
      hint: 'record it without --digest xxh64',
    });
}

function notesOn(format: ExportFormat, capture: CaptureSet): readonly string[] {
  const notes = capture.exclusions.map(
    ({ pattern, reason }) => `not in it, as excluded: ${pattern} (${reason})`,
  );
  if (!capture.digests.includes('sha256'))
    notes.push('contents are not in it: there is no SHA-256');
  if (format !== 'composefs-dump') return notes;
  // The format has no way to leave them out.
  if (!capture.ownership) notes.push('owners are not recorded: it says 0');
  if (!capture.mtime) notes.push('modification times are not recorded: it says 0');
  return notes;
}
