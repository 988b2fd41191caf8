/** What a file's differences follow from outside of it or among its own members: digests and copies of what changed. */

import type { TextToken } from '../../core/facts.js';
import { displayBytes, displayPath, type TreePath } from '../../core/path.js';
import { wordDigest } from '../../util/words.js';
import type { FactsComparison } from '../facts/compare-facts.js';
import type { ComparedPiece, FoundChange } from '../facts/found-change.js';
import { DigestIndex } from './digest-index.js';

/** What a change follows from, as `ExplainedChange.follows` has it. */
export interface Follows {
  readonly what: string;
  readonly confidence: 'high' | 'medium';
}

/** The changed files of a tree, to be found by digest and by name. */
export class ChangedFiles {
  readonly digests = new DigestIndex();
  readonly #byWords = new Map<string, TreePath>();
  readonly #sizes = new Map<string, { before: number; after: number }>();

  /** `loadXxh64` has to be awaited before. Digests as hex, null where that side has none. */
  add(
    path: TreePath,
    digests: { readonly before: string | null; readonly after: string | null },
    sizes: { readonly before: number; readonly after: number },
  ): void {
    const name = displayPath(path);
    this.digests.add(name, digests);
    this.#byWords.set(wordsOf(path), path);
    this.#sizes.set(name, sizes);
  }

  /** The changed file that a line names at its start or end. */
  namedIn(line: readonly TextToken[], self: TreePath): string | null {
    if (line.length > 64) return null;
    const words = line.map(({ kind, value }) =>
      kind === 'opaque' && /^[0-9a-f]{8}$/.test(value) ? value : wordsOf(value),
    );
    for (let i = 0; i < words.length; i++) {
      const path =
        this.#byWords.get(words.slice(i).join(' ')) ??
        this.#byWords.get(words.slice(0, i).join(' '));
      if (path !== undefined && path !== self) return displayPath(path);
    }
    return null;
  }

  /** The private key of which the file is the public half: `ssh_host_rsa_key` of `ssh_host_rsa_key.pub`. */
  privateKeyOf(path: TreePath): string | null {
    const name = displayPath(path.replace(/\.pub$/, '') as TreePath);
    return path.endsWith('.pub') && this.#sizes.has(name) ? name : null;
  }

  sizesOf(name: string): { readonly before: number; readonly after: number } | null {
    return this.#sizes.get(name) ?? null;
  }
}

/** Digests of the words of a path, as the facts of texts keep those of a line. */
function wordsOf(text: string): string {
  const words = text.match(/[\w\x80-\xff][\w\x80-\xff.-]*/g) ?? [];
  return words.map((word) => wordDigest(word.replace(/[.-]+$/, ''))).join(' ');
}

/** Differences that follow from what is found there; `self` is the path of the file itself. */
export function linkOutside(
  { changes, pieces }: FactsComparison,
  files: ChangedFiles,
  self: TreePath,
): ReadonlyMap<FoundChange, Follows> {
  const links = new Map<FoundChange, Follows>();
  const own = displayPath(self);
  const key = files.privateKeyOf(self);
  if (key !== null) {
    for (const change of changes) links.set(change, { what: key, confidence: 'medium' });
    return links;
  }
  const copies = copiedPieces(pieces, files, own);
  const members = memberIndex(pieces);
  const lines = new Map<string, string>();
  for (const change of changes) {
    const copy = copyOf(change, copies, files, own);
    const what = copy ?? digestOf(change, members, files, own);
    if (what !== null) {
      links.set(change, { what, confidence: 'high' });
      if (change.line !== null) lines.set(lineKey(change), what);
      continue;
    }
    const named = namedDigest(change, files, self);
    if (named === null) continue;
    links.set(change, { what: named, confidence: 'medium' });
    lines.set(lineKey(change), named);
  }
  for (const change of changes) {
    const { kind, piece } = change;
    if (kind === 'digest' && piece.format === BUILD_DESCRIPTION && !links.has(change))
      links.set(change, { what: 'the artifacts of the build', confidence: 'medium' });
  }
  // The size beside a digest, in lists that have both.
  for (const change of changes) {
    const what = change.line === null ? undefined : lines.get(lineKey(change));
    const sizes = what === undefined ? null : files.sizesOf(what);
    if (what === undefined || sizes === null || links.has(change)) continue;
    if (
      String(change.before) === String(sizes.before) &&
      String(change.after) === String(sizes.after)
    )
      links.set(change, { what, confidence: 'high' });
  }
  return links;
}

/** Has the digests of the other artifacts, of which not all are kept in the form that it has. */
const BUILD_DESCRIPTION = 'cosa-meta';

/** Members whose bytes are those of a changed file of the tree, on both sides. */
function copiedPieces(
  pieces: readonly ComparedPiece[],
  files: ChangedFiles,
  own: string,
): ReadonlyMap<ComparedPiece, string> {
  const copies = new Map<ComparedPiece, string>();
  for (const piece of pieces) {
    if (piece.parent === null) continue;
    const { before, after } = piece.digests;
    const above = copies.get(piece.parent);
    const what =
      above ?? (before === null || after === null ? null : files.digests.find(before, after, own));
    if (what !== null) copies.set(piece, what);
  }
  return copies;
}

function copyOf(
  { piece, sort, row }: FoundChange,
  copies: ReadonlyMap<ComparedPiece, string>,
  files: ChangedFiles,
  own: string,
): string | null {
  const copy = copies.get(piece);
  if (copy !== undefined) return copy;
  // A member that came or went together with a file of the tree.
  if (sort !== 'member' || row === null) return null;
  const { before, after } = row.digests;
  return (before === null) === (after === null) ? null : files.digests.find(before, after, own);
}

/** Members by their digests, to find those of which another member keeps a digest. */
function memberIndex(pieces: readonly ComparedPiece[]): DigestIndex {
  const index = new DigestIndex();
  for (const { parent, chain, digests } of pieces)
    if (parent !== null) index.add(displayBytes(chain.join('!')), digests);
  return index;
}

function digestOf(
  { sort, before, after, piece, kind }: FoundChange,
  members: DigestIndex,
  files: ChangedFiles,
  own: string,
): string | null {
  if (sort !== 'value' || kind === 'secret') return null;
  if (typeof before !== 'string' || typeof after !== 'string') return null;
  const self = displayBytes(piece.chain.join('!'));
  return members.find(before, after, self) ?? files.digests.find(before, after, own);
}

const DIGEST = /^(?:hex(?:8|32|40|56|64|96|128)|base64-(?:24|28|40|44|64|88)):/;

/** A word as long as a digest, on a line that names a changed file. */
function namedDigest(
  { sort, line, before, after }: FoundChange,
  files: ChangedFiles,
  self: TreePath,
): string | null {
  if (sort !== 'value' || line === null) return null;
  const [a, b] = [DIGEST.exec(String(before))?.[0], DIGEST.exec(String(after))?.[0]];
  return a === undefined || a !== b ? null : files.namedIn(line, self);
}

function lineKey({ piece, field }: FoundChange): string {
  return `${piece.chain.join('\0')}\0\0${field}`;
}
