/** What a kernel module says of itself in `.modinfo`: `key=value` strings (linux, include/linux/moduleparam.h). */

import { sectionStrings } from './elf-content.js';
import { sectionNamed, type Elf } from './elf.js';

export interface ModinfoEntry {
  /** `vermagic`, `srcversion`, `depends`, `parm`; the same key may come more than once. */
  readonly key: string;
  readonly value: string;
  /** Of the key. */
  readonly offset: number;
  readonly valueOffset: number;
}

/** In the order of the file; empty when there is no `.modinfo`. A string without `=` is a key with an empty value. */
export function readModinfo(elf: Elf): readonly ModinfoEntry[] {
  return sectionStrings(elf, sectionNamed(elf, '.modinfo')).map(({ text, offset }) => {
    const equals = text.indexOf('=');
    const key = equals < 0 ? text : text.slice(0, equals);
    const value = equals < 0 ? '' : text.slice(equals + 1);
    return { key, value, offset, valueOffset: offset + text.length - value.length };
  });
}
