/**
 * A set of paths that numbers its members: some 40 bytes each instead of the 150 of a Map with strings, because a
 * system has several hundred thousand files and the table lives as long as a snapshot takes.
 */

import type { TreePath } from '../core/path.js';

export interface PathTable {
  /** Number of the path, given on first sight: 0, 1, 2 ... */
  add(directory: string, name: string): number;
  /** -1 when the path was never added. */
  find(directory: string, name: string): number;
  /** The path of this number. */
  member(number: number): readonly [directory: TreePath, name: string];
  readonly size: number;
}

/** Strings are latin1: one byte per character. */
export function createPathTable(): PathTable {
  const directories = new Map<string, number>();
  const directoryNames: string[] = [];
  /** Member number plus one by hash; 0 is free. Never more than half full. */
  let slots = new Int32Array(1 << 12);
  let hashOf = new Int32Array(1 << 11);
  let directoryOf = new Int32Array(1 << 11);
  /** Where each name ends in `names`; it starts where the one before ends. */
  let nameEnd = new Int32Array(1 << 11);
  let names = Buffer.alloc(1 << 15);
  let size = 0;

  const hash = (directory: number, name: string): number => {
    let h = Math.imul(directory ^ 0x9e3779b9, 0x85ebca6b);
    for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
    return h ^ (h >>> 15);
  };
  const nameStart = (member: number): number => (member === 0 ? 0 : nameEnd[member - 1]!);
  const isMember = (member: number, directory: number, name: string): boolean => {
    const start = nameStart(member);
    if (directoryOf[member] !== directory || nameEnd[member]! - start !== name.length) return false;
    for (let i = 0; i < name.length; i++) if (names[start + i] !== name.charCodeAt(i)) return false;
    return true;
  };
  /** The slot that holds the path, or the free one where it would go. */
  const slotOf = (key: number, directory: number, name: string): number => {
    const mask = slots.length - 1;
    let slot = key & mask;
    while (slots[slot] !== 0 && !isMember(slots[slot]! - 1, directory, name))
      slot = (slot + 1) & mask;
    return slot;
  };
  const growSlots = (): void => {
    slots = new Int32Array(slots.length * 2);
    const mask = slots.length - 1;
    for (let member = 0; member < size; member++) {
      let slot = hashOf[member]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = member + 1;
    }
  };

  return {
    add(directory, name) {
      let directoryNumber = directories.get(directory);
      if (directoryNumber === undefined) {
        directoryNumber = directories.size;
        directories.set(directory, directoryNumber);
        directoryNames.push(directory);
      }
      const key = hash(directoryNumber, name);
      let slot = slotOf(key, directoryNumber, name);
      if (slots[slot] !== 0) return slots[slot]! - 1;
      if ((size + 1) * 2 > slots.length) {
        growSlots();
        slot = slotOf(key, directoryNumber, name);
      }
      const start = nameStart(size);
      if (size === directoryOf.length) {
        hashOf = grown(hashOf, Int32Array);
        directoryOf = grown(directoryOf, Int32Array);
        nameEnd = grown(nameEnd, Int32Array);
      }
      while (start + name.length > names.length) names = Buffer.concat([names], names.length * 2);
      for (let i = 0; i < name.length; i++) names[start + i] = name.charCodeAt(i);
      hashOf[size] = key;
      directoryOf[size] = directoryNumber;
      nameEnd[size] = start + name.length;
      slots[slot] = size + 1;
      return size++;
    },
    find(directory, name) {
      const directoryNumber = directories.get(directory);
      if (directoryNumber === undefined) return -1;
      const slot = slotOf(hash(directoryNumber, name), directoryNumber, name);
      return slots[slot]! - 1;
    },
    member(number) {
      const name = names.toString('latin1', nameStart(number), nameEnd[number]);
      return [directoryNames[directoryOf[number]!] as TreePath, name];
    },
    get size() {
      return size;
    },
  };
}

/** A copy of twice the length. */
export function grown<T extends { readonly length: number; set(values: T): void }>(
  values: T,
  make: new (length: number) => T,
): T {
  const copy = new make(values.length * 2);
  copy.set(values);
  return copy;
}
