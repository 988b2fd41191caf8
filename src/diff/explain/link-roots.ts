/**
 * Tells roots from consequences inside of one file: a CRC that differs because the bytes beneath it differ is no finding of its
 * own.
 */

import { DERIVED_KINDS, type FactKind } from '../../core/facts.js';
import type { ComparedPiece, ComparedRow, FoundChange } from '../facts/found-change.js';

/** What follows from nothing else becomes a root in this order: the first explains those behind it. */
const PRECEDENCE = [
  'layout',
  'build-id',
  'signature',
  'digest',
  'size',
  'offset',
  'checksum',
] as const satisfies readonly FactKind[];

/** Cover bytes beside their own piece too. */
const COVERS_CONTAINER: ReadonlySet<FactKind> = new Set(['digest', 'signature', 'build-id']);

/**
 * The root that each consequence follows from; roots are not in it. `given`: changes that are known to follow from something
 * outside of the file; what is derived from them follows from them.
 */
export function linkRoots(
  changes: readonly FoundChange[],
  given: ReadonlyMap<FoundChange, unknown>,
): ReadonlyMap<FoundChange, FoundChange> {
  const roots = new Roots();
  const waiting: FoundChange[] = [];
  for (const change of changes)
    if (isDerived(change) && !given.has(change)) waiting.push(change);
    else roots.add(change);
  const links = new Map<FoundChange, FoundChange>();
  let open = waiting;
  const settle = (): void => {
    open = open.filter((change) => {
      const root = roots.of(change);
      if (root !== null) links.set(change, root);
      return root === null;
    });
  };
  // Sizes and offsets follow from compressed bytes, which follow from few things.
  const others = open.filter(({ kind }) => kind !== 'stream');
  open = open.filter(({ kind }) => kind === 'stream');
  settle();
  for (const change of open) roots.add(change);
  open = others;
  settle();
  for (const kind of PRECEDENCE) {
    if (open.length === 0) break;
    const promoted = open.filter((change) => change.kind === kind);
    if (promoted.length === 0) continue;
    open = open.filter((change) => change.kind !== kind);
    for (const change of promoted) roots.add(change);
    settle();
  }
  return links;
}

function isDerived({ kind, sort }: FoundChange): boolean {
  return sort === 'value' && DERIVED_KINDS.has(kind);
}

/** The first root in every row and every piece, and below them. */
class Roots {
  /** In the row itself or in what it stands for. */
  readonly #inRow = new Map<ComparedRow, FoundChange>();
  /** In what the row stands for. */
  readonly #belowRow = new Map<ComparedRow, FoundChange>();
  readonly #inPiece = new Map<ComparedPiece, FoundChange>();
  /** In a piece's members. */
  readonly #belowPiece = new Map<ComparedPiece, FoundChange>();
  readonly #streamOfRow = new Map<ComparedRow, FoundChange>();
  readonly #codecOfRow = new Map<ComparedRow, FoundChange>();
  readonly #codecOfPiece = new Map<ComparedPiece, FoundChange>();

  add(root: FoundChange): void {
    const { row, piece, kind } = root;
    if (row !== null) put(this.#inRow, row, root);
    put(this.#inPiece, piece, root);
    if (kind === 'stream' && row !== null) put(this.#streamOfRow, row, root);
    if (kind === 'codec') {
      if (row !== null) put(this.#codecOfRow, row, root);
      else put(this.#codecOfPiece, piece, root);
    }
    for (let at = piece; at.parent !== null; at = at.parent) {
      const first = put(this.#inPiece, at.parent, root);
      const below = put(this.#belowPiece, at.parent, root);
      const rows = at.row !== null && put(this.#belowRow, at.row, root);
      if (at.row !== null) put(this.#inRow, at.row, root);
      // All that lies above was told of an earlier root already.
      if (!first && !below && !rows) break;
    }
  }

  of({ kind, row, piece }: FoundChange): FoundChange | null {
    if (kind === 'stream')
      return (
        (row === null
          ? (this.#belowPiece.get(piece) ?? this.#codecOfPiece.get(piece))
          : (this.#belowRow.get(row) ??
            this.#codecOfRow.get(row) ??
            this.#codecOfPiece.get(piece))) ?? null
      );
    const own =
      row === null
        ? undefined
        : (this.#belowRow.get(row) ?? this.#streamOfRow.get(row) ?? this.#inRow.get(row));
    if (own !== undefined) return own;
    // Sums of a member speak of the member alone.
    if (row?.hasPart === true && (kind === 'checksum' || kind === 'digest')) return null;
    const inside = this.#inPiece.get(piece);
    if (inside !== undefined) return inside;
    const isBeside = COVERS_CONTAINER.has(kind) && piece.parent !== null;
    return isBeside ? (this.#inPiece.get(piece.parent) ?? null) : null;
  }
}

/** Whether it was the first. */
function put<K>(map: Map<K, FoundChange>, key: K, root: FoundChange): boolean {
  if (map.has(key)) return false;
  map.set(key, root);
  return true;
}
