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

/** Fields of these kinds are as long whatever they say, where both sides have them. */
const FIXED: ReadonlySet<FactKind> = new Set(['time', 'local-time', 'mode', 'checksum', 'slack']);

/** What tells where things lie follows from what changed a size, and from nothing else. */
const PLACES: ReadonlySet<FactKind> = new Set(['size', 'offset']);
/** Formats whose layout holds no values: tables of symbols and of their names. */
const PLACED: ReadonlySet<string> = new Set(['elf', 'pe']);

/** Lists of files: their digests are of bytes elsewhere, so that nothing beside them is why they differ. */
const LISTS: ReadonlySet<string> = new Set([
  'md5sums',
  'dpkg-status',
  'apk-installed',
  'mtree',
  'cosa-meta',
]);

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
      if (root === null) return true;
      links.set(change, root);
      if (change.kind === 'stream') roots.streamFollows(change, root);
      return false;
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
  /** The same without what carries nothing. */
  readonly #valued = new Map<ComparedPiece, FoundChange>();
  /** The same without what cannot have changed a size. */
  readonly #growing = new Map<ComparedPiece, FoundChange>();
  /** In a piece's members. */
  readonly #belowPiece = new Map<ComparedPiece, FoundChange>();
  /** Among the members of a piece: in what the container says of them, or in themselves. */
  readonly #inMembers = new Map<ComparedPiece, FoundChange>();
  /** The same of those members alone that come out of compressed bytes. */
  readonly #inUnpacked = new Map<ComparedPiece, FoundChange>();
  /** In parts of other rows. */
  readonly #belowOthers = new Map<ComparedPiece, FoundChange>();
  /** What compressed bytes follow from, or they themselves: sums beside them speak of what they hold. */
  readonly #streamOfRow = new Map<ComparedRow, FoundChange>();
  readonly #streamOfPiece = new Map<ComparedPiece, FoundChange>();
  readonly #codecOfRow = new Map<ComparedRow, FoundChange>();
  readonly #codecOfPiece = new Map<ComparedPiece, FoundChange>();

  add(root: FoundChange): void {
    const { row, piece, kind } = root;
    if (row !== null) put(this.#inRow, row, root);
    put(this.#inPiece, piece, root);
    if (kind !== 'slack') put(this.#valued, piece, root);
    let isGrowing = !isFixed(root);
    if (isGrowing) put(this.#growing, piece, root);
    if (row !== null) this.#member(piece, row, root);
    if (kind === 'stream') this.streamFollows(root, root);
    if (kind === 'codec') {
      if (row !== null) put(this.#codecOfRow, row, root);
      else put(this.#codecOfPiece, piece, root);
    }
    for (let at = piece; at.parent !== null; at = at.parent) {
      const first = put(this.#inPiece, at.parent, root);
      const below = put(this.#belowPiece, at.parent, root);
      const valued = kind !== 'slack' && put(this.#valued, at.parent, root);
      isGrowing &&= at.sizes.before !== at.sizes.after;
      if (isGrowing) put(this.#growing, at.parent, root);
      const rows = at.row !== null && put(this.#belowRow, at.row, root);
      if (at.row !== null) {
        put(this.#inRow, at.row, root);
        if (at.row.table === '') this.#member(at.parent, at.row, root);
        else put(this.#belowOthers, at.parent, root);
      }
      // All that lies above was told of an earlier root already.
      if (!first && !below && !rows && !valued && !isGrowing) break;
    }
  }

  #member(piece: ComparedPiece, { table, hasPlace }: ComparedRow, root: FoundChange): void {
    if (table !== '') return;
    put(this.#inMembers, piece, root);
    if (!hasPlace) put(this.#inUnpacked, piece, root);
  }

  streamFollows({ row, piece }: FoundChange, root: FoundChange): void {
    if (row === null) put(this.#streamOfPiece, piece, root);
    else put(this.#streamOfRow, row, root);
    // Compressed bytes are hardly ever as long as others.
    put(this.#growing, piece, root);
  }

  of(change: FoundChange): FoundChange | null {
    const { kind, row, piece } = change;
    if (kind === 'stream') return this.#ofStream(change);
    if (kind === 'digest' && LISTS.has(piece.format)) return null;
    const own =
      row === null
        ? undefined
        : (this.#belowRow.get(row) ?? this.#streamOfRow.get(row) ?? this.#inRow.get(row));
    if (own !== undefined) return own;
    // Sums of a member speak of the member alone.
    if (row?.hasPart === true && (kind === 'checksum' || kind === 'digest')) return null;
    const inside =
      (row === null ? this.#streamOfPiece.get(piece) : undefined) ??
      this.#causing(change).get(piece);
    if (inside !== undefined) return inside;
    const isBeside = COVERS_CONTAINER.has(kind) && piece.parent !== null;
    return isBeside ? (this.#inPiece.get(piece.parent) ?? null) : null;
  }

  /** Among which roots of its piece that of a change has to be. */
  #causing({ kind, piece }: FoundChange): ReadonlyMap<ComparedPiece, FoundChange> {
    if (PLACES.has(kind) || (kind === 'layout' && PLACED.has(piece.format))) return this.#growing;
    return kind === 'layout' ? this.#valued : this.#inPiece;
  }

  /**
   * Compressed bytes of one member hold that member. Others (segments of an initramfs, members of a gzip file) hold some of the
   * members that have no place of their own: whatever differs among those they may follow from, a field of the compressor beside
   * them not.
   */
  #ofStream({ row, piece }: FoundChange): FoundChange | null {
    const held =
      row === null
        ? (this.#inMembers.get(piece) ?? this.#belowPiece.get(piece))
        : (this.#belowRow.get(row) ??
          (row.table === ''
            ? undefined
            : (this.#inUnpacked.get(piece) ?? this.#belowOthers.get(piece))));
    const codec =
      (row === null ? undefined : this.#codecOfRow.get(row)) ?? this.#codecOfPiece.get(piece);
    return held ?? codec ?? null;
  }
}

/** Whether the bytes that hold it are as many as before. */
function isFixed({ sort, kind, before, after }: FoundChange): boolean {
  if (sort !== 'value' || !FIXED.has(kind)) return false;
  return kind === 'slack' || (before !== null && after !== null);
}

/** Whether it was the first. */
function put<K>(map: Map<K, FoundChange>, key: K, root: FoundChange): boolean {
  if (map.has(key)) return false;
  map.set(key, root);
  return true;
}
