/** The relocations of debug sections in object files: sums of a symbol and a constant (psABI of each machine). */

import { rangePages } from './elf-content.js';
import { readStructure, structureBytes } from './elf-layout.js';
import { SHT, type Elf } from './elf.js';
import type { PagedBytes } from './paged-bytes.js';

/** Of each machine, the types that store symbol + addend, and in how many bytes. Others are left as they are. */
const ABSOLUTE: ReadonlyMap<number, ReadonlyMap<number, 4 | 8>> = new Map([
  [3, new Map([[1, 4]])], // 386
  [8, new Map([[2, 4]])], // MIPS
  [20, new Map([[1, 4]])], // PowerPC
  [
    21,
    new Map([
      [1, 4],
      [38, 8],
    ]),
  ], // PowerPC 64
  [
    22,
    new Map([
      [4, 4],
      [22, 8],
    ]),
  ], // S/390
  [40, new Map([[2, 4]])], // ARM
  [
    62,
    new Map([
      [1, 8],
      [10, 4],
      [11, 4],
    ]),
  ], // x86-64
  [
    183,
    new Map([
      [257, 8],
      [258, 4],
    ]),
  ], // AArch64
  [
    243,
    new Map([
      [1, 4],
      [2, 8],
    ]),
  ], // RISC-V
  [
    258,
    new Map([
      [1, 4],
      [2, 8],
    ]),
  ], // LoongArch
]) as ReadonlyMap<number, ReadonlyMap<number, 4 | 8>>;

export function hasRelocations(elf: Elf, index: number): boolean {
  return tablesOf(elf, index).length > 0;
}

/** Applies to `content`, the bytes of section `index`, what its tables say; entries that make no sense change nothing. */
export function addRelocations(elf: Elf, index: number, content: Uint8Array): void {
  const types = ABSOLUTE.get(elf.machine);
  if (types === undefined) return;
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  for (const { content: range, type, link } of tablesOf(elf, index)) {
    if (range === null) continue;
    const word = elf.bits / 8;
    const hasAddend = type === SHT.rela;
    const entry = (hasAddend ? 3 : 2) * word;
    const table = rangePages(elf, range);
    const valueOf = symbolValues(elf, link);
    for (let at = 0; at + entry <= range.bytes; at += entry) {
      const offset = table.unsigned(at, word);
      const info = table.unsigned(at + word, word);
      const [symbol, kind] =
        elf.bits === 64
          ? [Number(info >> 32n), Number(info & 0xffffffffn)]
          : [Number(info >> 8n), Number(info & 0xffn)];
      const width = types.get(kind);
      if (width === undefined || offset + BigInt(width) > BigInt(content.length)) continue;
      const place = Number(offset);
      const little = elf.littleEndian;
      const stored =
        width === 8 ? view.getBigUint64(place, little) : BigInt(view.getUint32(place, little));
      const addend = hasAddend ? table.unsigned(at + 2 * word, word) : stored;
      const value = valueOf(symbol) + addend;
      if (width === 8) view.setBigUint64(place, BigInt.asUintN(64, value), little);
      else view.setUint32(place, Number(BigInt.asUintN(32, value)), little);
    }
  }
}

function tablesOf(elf: Elf, index: number) {
  return elf.sections.filter(
    ({ type, raw }) =>
      (type === SHT.rela || type === SHT.rel) && index > 0 && raw.sh_info === BigInt(index),
  );
}

/** In object files a symbol's value counts from the start of its section, which is what DWARF wants here. */
function symbolValues(elf: Elf, link: number): (symbol: number) => bigint {
  const range = elf.sections[link]?.content ?? null;
  if (range === null) return () => 0n;
  const table: PagedBytes = rangePages(elf, range);
  const bytes = structureBytes('symbol', elf.bits);
  return (symbol) =>
    (symbol + 1) * bytes > range.bytes
      ? 0n
      : readStructure('symbol', elf.bits, table, symbol * bytes).st_value;
}
