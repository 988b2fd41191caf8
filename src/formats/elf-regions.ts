/** An ELF file cut into pieces that together are the whole file, so that no byte is left out of a comparison. */

import type { ByteRange, Elf } from './elf.js';
import { SHT } from './elf.js';

export type ElfRegionKind =
  | 'header'
  | 'program-headers'
  | 'section-headers'
  | 'section'
  /** Only in files without sections. */
  | 'segment'
  /** Between the others: alignment, or what nothing points to. */
  | 'gap'
  /** Behind all others: a signature, an overlay, an AppImage's file system. */
  | 'trailing';

export interface ElfRegion extends ByteRange {
  readonly kind: ElfRegionKind;
  /** A section's own name; `segment 2`, `gap behind .text`. */
  readonly name: string;
  /** Counts the regions of the same name from 0: name and occurrence tell regions apart. */
  readonly occurrence: number;
  /** Of the section or segment, otherwise null. */
  readonly index: number | null;
  /** How many more structures, sections or segments claim some of these bytes. */
  readonly alsoClaimed: number;
}

/**
 * Sorted, contiguous, from 0 to the size of the file. Bytes claimed twice belong to the file's own structures first, then to
 * the smaller section (or segment), then to the one that comes first; the others get what remains, in pieces.
 */
export function elfRegions(elf: Elf): readonly ElfRegion[] {
  const pieces = cut(claimsOf(elf), elf.input.size);
  const seen = new Map<string, number>();
  return pieces.map((piece, position) => {
    const { kind, name, index } = piece.claim ?? gapAt(pieces, position);
    const occurrence = seen.get(name) ?? 0;
    seen.set(name, occurrence + 1);
    const { offset, bytes, alsoClaimed } = piece;
    return { kind, name, index, occurrence, offset, bytes, alsoClaimed };
  });
}

interface Claim {
  readonly kind: ElfRegionKind;
  readonly name: string;
  readonly index: number | null;
  readonly start: number;
  readonly end: number;
  /** Lower wins, then shorter, then the place in the list. */
  readonly rank: number;
  readonly place: number;
}

/** Grows while it is the last one. */
interface Piece {
  readonly claim: Claim | null;
  readonly offset: number;
  bytes: number;
  alsoClaimed: number;
}

function claimsOf(elf: Elf): readonly Claim[] {
  const claims: Claim[] = [];
  const add = (
    kind: ElfRegionKind,
    name: string,
    index: number | null,
    range: ByteRange | null,
  ): void => {
    if (range === null) return;
    const { offset: start, bytes } = range;
    const rank = index === null ? 0 : 1;
    claims.push({ kind, name, index, start, end: start + bytes, rank, place: claims.length });
  };
  add('header', 'header', null, elf.headerRange);
  add('program-headers', 'program headers', null, elf.segmentTable);
  add('section-headers', 'section headers', null, elf.sectionTable);
  for (const { name, index, content } of elf.sections)
    add('section', name === '' ? `section ${index}` : name, index, content);
  if (!elf.sections.some(({ type }) => type !== SHT.null))
    for (const { index, content } of elf.segments)
      add('segment', `segment ${index}`, index, content);
  return claims;
}

function cut(claims: readonly Claim[], size: number): readonly Piece[] {
  const byStart = claims.toSorted((a, b) => a.start - b.start);
  const ends = claims.map(({ end }) => end).toSorted((a, b) => a - b);
  const places = [...new Set([0, size, ...byStart.map(({ start }) => start), ...ends])];
  places.sort((a, b) => a - b);

  const open = new ClaimHeap();
  const pieces: Piece[] = [];
  let started = 0;
  let ended = 0;
  for (const [position, offset] of places.entries()) {
    const next = places[position + 1];
    if (next === undefined) break;
    for (; started < byStart.length && byStart[started]!.start <= offset; started++)
      open.push(byStart[started]!);
    for (; ended < ends.length && ends[ended]! <= offset; ended++);
    const claim = open.best(offset);
    const alsoClaimed = Math.max(0, started - ended - 1);
    const last = pieces.at(-1);
    if (last !== undefined && last.claim === claim) {
      last.bytes = next - last.offset;
      last.alsoClaimed = Math.max(last.alsoClaimed, alsoClaimed);
    } else pieces.push({ claim, offset, bytes: next - offset, alsoClaimed });
  }
  return pieces;
}

function gapAt(pieces: readonly Piece[], position: number) {
  if (position === pieces.length - 1)
    return { kind: 'trailing', name: 'trailing data', index: null } as const;
  const before = pieces[position - 1]?.claim?.name ?? 'nothing';
  return { kind: 'gap', name: `gap behind ${before}`, index: null } as const;
}

/** A binary heap; claims that have ended leave it when they come up. */
class ClaimHeap {
  private readonly items: Claim[] = [];

  push(claim: Claim): void {
    let child = this.items.push(claim) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!wins(this.items[child]!, this.items[parent]!)) break;
      this.swap(child, parent);
      child = parent;
    }
  }

  /** The winner among the claims that reach beyond `offset`. */
  best(offset: number): Claim | null {
    while (this.items.length > 0 && this.items[0]!.end <= offset) this.pop();
    return this.items[0] ?? null;
  }

  private pop(): void {
    const last = this.items.pop()!;
    if (this.items.length === 0) return;
    this.items[0] = last;
    for (let parent = 0; ;) {
      const left = 2 * parent + 1;
      const right = left + 1;
      let winner = parent;
      for (const child of [left, right])
        if (child < this.items.length && wins(this.items[child]!, this.items[winner]!))
          winner = child;
      if (winner === parent) return;
      this.swap(parent, winner);
      parent = winner;
    }
  }

  private swap(a: number, b: number): void {
    [this.items[a], this.items[b]] = [this.items[b]!, this.items[a]!];
  }
}

function wins(a: Claim, b: Claim): boolean {
  if (a.rank !== b.rank) return a.rank < b.rank;
  const difference = a.end - a.start - (b.end - b.start);
  return difference === 0 ? a.place < b.place : difference < 0;
}
