/** Where a stripped file says its debug information is (GDB manual, "Debugging Information in Separate Files"; dwz(1)). */

import { crc32 } from 'node:zlib';

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import { rangeBytes } from './elf-content.js';
import { sectionNamed, type Elf } from './elf.js';
import { PagedBytes } from './paged-bytes.js';

export interface DebugLink {
  /** File name without a directory, latin1 bytes. */
  readonly name: string;
  readonly offset: number;
  /** Of the whole debug file. */
  readonly crc: number;
  readonly crcOffset: number;
}

export interface DebugAltLink {
  /** Path of dwz's common file, absolute or beside this one. */
  readonly name: string;
  readonly offset: number;
  /** Lower-case hex. */
  readonly buildId: string;
  readonly buildIdOffset: number;
}

const CHUNK = 1024 * 1024;

/** `.gnu_debuglink`; null when there is none. Throws `FormatError`. */
export function readDebugLink(elf: Elf): DebugLink | null {
  const found = named(elf, '.gnu_debuglink');
  if (found === null) return null;
  const { bytes, offset } = found;
  const { text: name, end } = bytes.text(0, bytes.size);
  const crcAt = Math.ceil(end / 4) * 4;
  return { name, offset, crc: bytes.u32(crcAt), crcOffset: offset + crcAt };
}

/** `.gnu_debugaltlink`; null when there is none. Throws `FormatError`. */
export function readDebugAltLink(elf: Elf): DebugAltLink | null {
  const found = named(elf, '.gnu_debugaltlink');
  if (found === null) return null;
  const { bytes, offset } = found;
  const { text: name, end } = bytes.text(0, bytes.size);
  const buildId = Buffer.from(bytes.bytes(end, bytes.size - end)).toString('hex');
  return { name, offset, buildId, buildIdOffset: offset + end };
}

/** Whether `file` is the debug file a link means. Reads all of it. */
export function isDebugFileOf(link: DebugLink, file: RandomAccess): boolean {
  let crc = 0;
  for (let at = 0; at < file.size; at += CHUNK)
    crc = crc32(file.read(at, Math.min(CHUNK, file.size - at)), crc);
  return crc === link.crc;
}

function named(elf: Elf, name: string) {
  const range = sectionNamed(elf, name)?.content;
  if (range === null || range === undefined) return null;
  if (range.bytes > CHUNK) throw new FormatError('elf', range.offset, `${name} is too large`);
  const bytes = PagedBytes.of(
    rangeBytes(elf, range),
    elf.littleEndian,
    `elf ${name}`,
    range.offset,
  );
  return { bytes, offset: range.offset };
}
