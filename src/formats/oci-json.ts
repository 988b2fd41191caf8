/** JSON documents of images, read with suspicion: what is not as the specification says is a `FormatError`. */

import { FormatError } from '../core/errors.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A document may be this long: the manifest of a thousand layers has a few hundred KB. */
export const MOST_DOCUMENT_BYTES = 32 * 1024 * 1024;

/** `what` names the document in errors. Nothing of its text is in them: it may be any file. */
export function parseOciObject(bytes: Uint8Array, what: string): JsonObject {
  return objectAt(parse(bytes, what), what);
}

export function parseOciArray(bytes: Uint8Array, what: string): readonly unknown[] {
  return arrayAt(parse(bytes, what), what);
}

export function objectAt(value: unknown, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as JsonObject;
  throw expected(what, 'an object', value);
}

export function arrayAt(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  throw expected(what, 'an array', value);
}

export function textAt(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw expected(what, 'a text', value);
}

/** Null and what is not there are the same, as for programs in Go. */
export function optional<T>(
  value: unknown,
  what: string,
  read: (value: unknown, what: string) => T,
): T | null {
  return value === undefined || value === null ? null : read(value, what);
}

export function textsAt(value: unknown, what: string): readonly string[] {
  return arrayAt(value, what).map((each) => textAt(each, what));
}

/** Labels and annotations. */
export function textMapAt(value: unknown, what: string): ReadonlyMap<string, string> {
  return new Map(Object.entries(objectAt(value, what)).map(([k, v]) => [k, textAt(v, what)]));
}

/** A count of bytes. */
export function sizeAt(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw expected(what, 'a size', value);
}

function parse(bytes: Uint8Array, what: string): unknown {
  if (bytes.length > MOST_DOCUMENT_BYTES)
    throw new FormatError('oci', MOST_DOCUMENT_BYTES, `${what}: expected a shorter document`);
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
  } catch {
    // The parser's own words quote the text.
    throw new FormatError('oci', 0, `${what}: expected JSON`);
  }
}

function expected(what: string, wanted: string, value: unknown): FormatError {
  const found = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
  return new FormatError('oci', 0, `${what}: expected ${wanted}, found ${found}`);
}
