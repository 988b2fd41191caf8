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

// Byte strings take two members, `x: bytesText(x), xBase64: bytesBase64(x)`; the second is left out where the first
// says it all.

/** Paths, names and targets: exact where they are UTF-8, else escaped. */
export function bytesText(bytes: string | null): string | null {
  if (bytes === null) return null;
  return isUtf8(bytes) ? utf8Text(bytes) : displayBytes(bytes);
}

/** The bytes of what `bytesText` had to escape. */
export function bytesBase64(bytes: string | null): string | undefined {
  return bytes === null || isUtf8(bytes) ? undefined : base64(bytes);
}

/** Values that may be anything: exact where they are printable UTF-8, else escaped. */
export function valueText(bytes: string | null): string | null {
  if (bytes === null) return null;
  return isPrintable(bytes) ? utf8Text(bytes) : displayBytes(bytes);
}

/** The bytes of what `valueText` had to escape. */
export function valueBase64(bytes: string | null): string | undefined {
  return bytes === null || isPrintable(bytes) ? undefined : base64(bytes);
}

function isPrintable(bytes: string): boolean {
  return isUtf8(bytes) && displayBytes(bytes) === utf8Text(bytes).replaceAll('\\', '\\\\');
}

function base64(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('base64');
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
