/** How a tar header says what it says: forms of numbers, and bytes that belong to no value. */

import {
  TAR_FIELD,
  type TarFieldName,
  type TarHeader,
  type TarNumber,
} from '../../formats/tar-header.js';
import { shortDigest } from '../common/short-digest.js';

/**
 * Numbers that are written in another way than most (zeros in front, one NUL behind), as `uid="{5} "`; null for none. With
 * the values it gives the bytes of the fields.
 */
export function numberForms(header: TarHeader): string | null {
  let forms: string | null = null;
  for (const name of NUMBERS) {
    const number = header[name];
    if (isDeviceOfGnu(name, header) ? isBlank(number) : isUsual(number)) continue;
    const form = `${name}=${formOf(number)}`;
    forms = forms === null ? form : `${forms} ${form}`;
  }
  if (!/^[0-7]{6}\0 $/.test(header.checksum.raw)) {
    const form = `checksum=${formOf(header.checksum)}`;
    forms = forms === null ? form : `${forms} ${form}`;
  }
  return forms;
}

/**
 * A digest of what stands behind the NULs of texts and in fields that a dialect does not have; null when all of it is zero. Times in
 * GNU headers and sparse maps are told elsewhere.
 */
export function headerSlack(block: Buffer, header: TarHeader): string | null {
  const { dialect } = header;
  const rest: Uint8Array[] = [];
  const add = (start: number, end: number): void => {
    for (let at = start; at < end; at++)
      if (block[at] !== 0) {
        rest.push(Buffer.from(`${start}-${end}:`), block.subarray(start, end));
        return;
      }
  };
  const behind = (field: TarFieldName, length: number): void => {
    const [start, bytes] = TAR_FIELD[field];
    add(start + length, start + bytes);
  };
  behind('name', header.name.length);
  behind('linkname', header.linkname.length);
  if (dialect === 'v7') add(265, 512);
  else {
    behind('uname', header.uname.length);
    behind('gname', header.gname.length);
    if (dialect === 'ustar') {
      behind('prefix', header.prefix.length);
      add(500, 512);
    } else if (header.typeflag === 'S') {
      // The map of a sparse file and its size are between.
      add(369, SPARSE_MAP.start);
      add(SPARSE_MAP.end, 512);
    } else add(369, 512);
  }
  return rest.length === 0 ? null : shortDigest(...rest);
}

/** Of old GNU headers: places of regions, whether more follow, the size with holes. */
export const SPARSE_MAP = { start: 386, end: 495 } as const;

const NUMBERS = ['mode', 'uid', 'gid', 'size', 'mtime', 'devmajor', 'devminor'] as const;

/** GNU tar leaves device numbers empty where there is no device. */
function isDeviceOfGnu(name: string, { dialect, typeflag }: TarHeader): boolean {
  return dialect === 'gnu' && name.startsWith('dev') && typeflag !== '3' && typeflag !== '4';
}

function isBlank({ form, raw }: TarNumber): boolean {
  return form === 'blank' && /^\0*$/.test(raw);
}

/** A parsed octal number has spaces in front, digits, NULs and spaces behind: two characters tell the rest. */
function isUsual({ raw, form }: TarNumber): boolean {
  const { length } = raw;
  // A dialect without the field.
  if (length === 0) return true;
  return (
    form === 'octal' &&
    raw.charCodeAt(0) !== 0x20 &&
    raw.charCodeAt(length - 1) === 0 &&
    raw.charCodeAt(length - 2) >= 0x30
  );
}

/** `{5}` for five digits, with what stands around them. */
function formOf({ raw, form }: TarNumber): string {
  if (form === 'base256') return 'base-256';
  if (/^\0+$/.test(raw)) return 'blank';
  return JSON.stringify(raw.replace(/[0-7]+/, (digits) => `{${digits.length}}`));
}
