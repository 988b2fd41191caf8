/** Values of a report as JSON: numbers that stay exact, bytes that stay whole, text that cannot drive a terminal. */

import { displayBytes, isDeceptive, isUtf8, utf8Text } from '../core/path.js';

/**
 * One line of JSON; members whose value is undefined are left out. Characters that are legal in JSON and yet could
 * disguise it or drive a terminal (DEL, C1, bidi, zero width) are written as `\uXXXX` and mean the same.
 */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/gu, (character) =>
    isDeceptive(character) ? escapeUnits(character) : character,
  );
}

function escapeUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** An integer; as a string where a double could not hold it. */
export function jsonInteger(value: number | bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : BigInt(value).toString();
}

export type ByteMembers = Readonly<Record<string, string | null>>;

/** Paths, names and targets: `{path}` where they are UTF-8, else escaped and the bytes beside: `{path, pathBase64}`. */
export function bytesMember(name: string, bytes: string | null): ByteMembers {
  if (bytes === null) return { [name]: null };
  return isUtf8(bytes) ? { [name]: utf8Text(bytes) } : escaped(name, bytes);
}

/** Values that may be anything: exact where they are printable UTF-8, else escaped with the bytes beside. */
export function valueMember(name: string, bytes: string | null): ByteMembers {
  if (bytes === null) return { [name]: null };
  const isPrintable =
    isUtf8(bytes) && displayBytes(bytes) === utf8Text(bytes).replaceAll('\\', '\\\\');
  return isPrintable ? { [name]: utf8Text(bytes) } : escaped(name, bytes);
}

function escaped(name: string, bytes: string): ByteMembers {
  return {
    [name]: displayBytes(bytes),
    [`${name}Base64`]: Buffer.from(bytes, 'latin1').toString('base64'),
  };
}

/** The user's own JSON with sorted keys. */
export function canonical(value: unknown): unknown {
  if (typeof value === 'bigint' || typeof value === 'number')
    return Number.isInteger(value) || typeof value === 'bigint' ? jsonInteger(value) : value;
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([key, inner]) => [key, canonical(inner)]));
}

export function hex(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString('hex');
}
