/** Values inside an ASN.1 tree: a path to them, and what the bytes of the usual types mean (ITU-T X.680, X.690). */

import { FormatError } from '../core/errors.js';
import { readDer, type DerNode } from './der.js';
import type { Extent } from './regions.js';

export const TAG = {
  integer: 2,
  bitString: 3,
  octetString: 4,
  oid: 6,
  utf8String: 12,
  sequence: 16,
  set: 17,
  utcTime: 23,
  generalizedTime: 24,
  bmpString: 30,
} as const;

/** Bytes of a value, and where its first byte is in the file. */
export interface DerValue {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export function isUniversal(node: DerNode | undefined, tag: number): boolean {
  return node?.tagClass === 'universal' && node.tag === tag;
}

export function isContext(node: DerNode | undefined, tag: number): boolean {
  return node?.tagClass === 'context' && node.tag === tag;
}

/** The child at `index`, of that universal type unless `tag` is null. Throws `FormatError`. */
export function childOf(node: DerNode, index: number, tag: number | null): DerNode {
  const child = node.children[index];
  if (child === undefined || (tag !== null && !isUniversal(child, tag)))
    throw new FormatError(
      'der',
      child?.offset ?? node.end,
      `expected ${tag === null ? 'an element' : `an element of type ${tag}`} as number ${index}`,
    );
  return child;
}

/** The whole element, tag to end. */
export function extentOf(node: DerNode): Extent {
  return { offset: node.offset, length: node.end - node.offset };
}

/** Without tag and length. */
export function valueOf(node: DerNode): DerValue {
  return { offset: node.offset + node.headerLength, bytes: node.bytes };
}

/** Of an octet string, its pieces joined where BER has them; `offset` is that of the first one. */
export function octetsOf(node: DerNode): DerValue {
  if (!node.constructed) return valueOf(node);
  const pieces = node.children.map(octetsOf);
  const only = pieces[0];
  if (pieces.length === 1 && only !== undefined) return only;
  return {
    offset: only?.offset ?? node.offset + node.headerLength,
    bytes: Buffer.concat(pieces.map(({ bytes }) => bytes)),
  };
}

/**
 * The tree inside an octet string. Where the string comes in pieces, offsets inside count as if they were joined and began
 * at the first one.
 */
export function readInside(node: DerNode): DerNode {
  const { offset, bytes } = octetsOf(node);
  return readDer(bytes, { base: offset });
}

/** `1.2.840.113549.1.7.2`. Throws `FormatError` when the value is none. */
export function oidOf(node: DerNode): string {
  const { length } = node.bytes;
  const isWhole = length > 0 && length <= LONGEST_OID && node.bytes[length - 1]! < 0x80;
  if (!isUniversal(node, TAG.oid) || !isWhole)
    throw new FormatError('der', node.offset, 'expected an object identifier');
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const byte of node.bytes) {
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    if (byte >= 0x80) continue;
    if (arcs.length === 0) {
      const root = arc < 40n ? 0n : arc < 80n ? 1n : 2n;
      arcs.push(root, arc - 40n * root);
    } else arcs.push(arc);
    arc = 0n;
  }
  return arcs.join('.');
}

/** A small number; null when it does not fit 48 bits, or is negative. */
export function smallNumberOf(node: DerNode): number | null {
  const { bytes } = node;
  if (bytes.length === 0 || bytes.length > 7 || bytes[0]! >= 0x80) return null;
  const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  return Number.isSafeInteger(value) ? value : null;
}

/** Two's complement bytes as they are, in hexadecimal. */
export function hexOf(value: DerValue | DerNode): string {
  return Buffer.from(value.bytes).toString('hex');
}

/** A text of any of the string types; the 8-bit ones as UTF-8. */
export function textOf(node: DerNode): string {
  if (!isUniversal(node, TAG.bmpString)) return Buffer.from(node.bytes).toString('utf8');
  const even = node.bytes.subarray(0, node.bytes.length & ~1);
  return Buffer.from(even).swap16().toString('utf16le');
}

/** Seconds since 1970 of a UTCTime or GeneralizedTime in UTC; null for any other form. */
export function timeOf(node: DerNode): number | null {
  const text = Buffer.from(node.bytes).toString('latin1');
  const isShort = isUniversal(node, TAG.utcTime);
  if (!isShort && !isUniversal(node, TAG.generalizedTime)) return null;
  const match = (isShort ? UTC_TIME : GENERALIZED_TIME).exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0));
  // Two digits mean 1950 to 2049 (RFC 5280 §4.1.2.5.1).
  const fullYear = isShort ? year! + (year! < 50 ? 2000 : 1900) : year!;
  const date = new Date(0);
  date.setUTCFullYear(fullYear, month! - 1, day!);
  date.setUTCHours(hour!, minute!, second!);
  const isReal = date.getUTCMonth() === month! - 1 && date.getUTCDate() === day!;
  return isReal ? date.getTime() / 1000 : null;
}

const LONGEST_OID = 64;
const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?Z$/;
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:\.\d+)?Z$/;
