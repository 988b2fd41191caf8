/** Lists of files as sources: one pass that fills a tree. There are no contents, only what the list says of them. */

import type { TreeFiles } from '../../core/tree-files.js';
import { FormatError } from '../../core/errors.js';
import { lineError, type ListingReader } from '../../formats/listing.js';
import { openArchive, type ArchiveTarget, type Carried } from '../archive/open-archive.js';
import type { OpenSource } from '../define.js';
import { ListedTree, treePath, UNLISTED, type Habits } from './listed-tree.js';
import { eachLine } from './text-lines.js';

export interface ListingKind {
  /** Of the prefix. */
  readonly id: string;
  readonly mediaType: string;
  /** A reader for the lines of a list that begins like this. */
  reader(head: Uint8Array): ListingReader;
  /** The byte that ends lines. */
  readonly endsIn?: (head: Uint8Array) => string;
  readonly habits?: Habits;
  /** Lists contents alone. */
  readonly lists?: 'contents';
}

/** A file on this machine or `-`, compressed or not. Throws `SOURCE_UNUSABLE`. */
export function openListing(location: string, kind: ListingKind): OpenSource {
  const source = openArchive(location, {
    mediaType: kind.mediaType,
    capture: SAYS_NOTHING,
    implied: UNLISTED,
    hint: 'name the kind of list by a prefix: mtree:, aide:, composefs-dump: or sha256sums:',
    reads: 'content',
    read: (chunks, target) => readListing(chunks, kind, target),
  });
  // A list is no archive: of two that say the same nobody wants to know how their bytes differ.
  return { ...source, files: NO_FILES, container: null };
}

const SAYS_NOTHING: Carried = {
  digests: [],
  xattrs: 'none',
  mtime: false,
  ownership: false,
  hardLinks: false,
};

const NO_FILES: TreeFiles = {
  read: () => null,
  open: () => null,
  list: () => [],
  readLink: () => null,
};

/** Lines that make no sense, and entries that cannot be recorded: beyond this the list is taken for something else. */
const MAX_DIAGNOSTICS = 10_000;

async function readListing(
  chunks: AsyncIterable<Uint8Array>,
  kind: ListingKind,
  target: ArchiveTarget,
): Promise<void> {
  const { tree } = target;
  const { diagnostics } = tree;
  const listed = new ListedTree(tree, kind.habits ?? {});
  let reader: ListingReader | null = null;
  const endsIn = (head: Uint8Array): string => {
    reader = kind.reader(head);
    return kind.endsIn?.(head) ?? '\n';
  };
  let [entries, first]: [number, FormatError | null] = [0, null];
  const tell = (error: FormatError): void => {
    first ??= error;
    if (diagnostics.length >= MAX_DIAGNOSTICS) throw error;
    diagnostics.push({ code: 'format', path: null, detail: error.message });
  };
  try {
    await eachLine(chunks, { format: kind.id, endsIn }, ({ text, number, offset }) => {
      if (number % 1024 === 0) target.step();
      try {
        const entry = reader!.line(text);
        if (entry === null) return;
        for (const detail of entry.problems)
          diagnostics.push({
            code: 'format',
            path: treePath(entry.path),
            detail: `line ${number}: ${detail}`,
          });
        listed.add(entry);
        if (entry.type !== null || entry.linkTo !== null) entries += 1;
        if (diagnostics.length > MAX_DIAGNOSTICS)
          throw new RangeError(`more than ${MAX_DIAGNOSTICS} lines make no sense`);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        tell(lineError(kind.id, offset, number, error.message));
      }
    });
    if (entries === 0) throw first ?? new FormatError(kind.id, 0, 'expected entries, found none');
    const missing = reader!.end();
    if (missing !== null) diagnostics.push({ code: 'format', path: null, detail: missing });
  } finally {
    listed.finish();
    target.carries({
      ...listed.carried(),
      ...(kind.lists === undefined ? {} : { lists: kind.lists }),
    });
  }
}
