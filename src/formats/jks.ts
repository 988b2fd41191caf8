/**
 * Java key stores, the old format of Java itself (`sun.security.provider.JavaKeyStore`): numbers are big-endian, and a
 * SHA-1 over the password and everything before ends the file.
 */

import { createHash } from 'node:crypto';

import { FormatError } from '../core/errors.js';
import type { Extent } from './regions.js';

export interface JksEntry {
  readonly kind: 'private-key' | 'certificate';
  /** In Java's modified UTF-8, one character per byte. */
  readonly alias: string;
  /** Offset of the 8 bytes of `createdMs` in the file. */
  readonly createdAt: number;
  /** Milliseconds since 1970. */
  readonly createdMs: bigint;
  /** Where it begins, and where the next one does. */
  readonly start: number;
  readonly end: number;
  /** The encrypted key; null for a certificate alone. */
  readonly key: Extent | null;
  /** DER, the chain of a key in its order. */
  readonly certificates: readonly Extent[];
}

export interface JksFile {
  /** 1, or 2, where certificates tell their type. */
  readonly version: number;
  readonly entries: readonly JksEntry[];
  /** Offset of the 20 bytes of the digest, which are the last ones. */
  readonly digestAt: number;
}

export function isJks(bytes: Uint8Array): boolean {
  return [0xfe, 0xed, 0xfe, 0xed].every((byte, i) => bytes[i] === byte);
}

/** Checks the structure to the last byte, not the digest. Throws `FormatError`. */
export function readJks(bytes: Uint8Array): JksFile {
  if (!isJks(bytes)) throw new FormatError('jks', 0, 'no magic number');
  const digestAt = bytes.length - DIGEST_LENGTH;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 4;
  const skip = (length: number): number => {
    if (length > digestAt - at) throw new FormatError('jks', at, `${length} bytes do not fit`);
    at += length;
    return at - length;
  };
  const u32 = (): number => view.getUint32(skip(4));
  const skipText = (): number => skip(view.getUint16(skip(2)));
  const version = u32();
  if (version !== 1 && version !== 2)
    throw new FormatError('jks', 4, `version ${version} is not known`);
  const skipBytes = (): Extent => {
    const length = u32();
    return { offset: skip(length), length };
  };
  const skipCertificate = (): Extent => {
    if (version === 2) skipText();
    return skipBytes();
  };
  const entries: JksEntry[] = [];
  for (let count = u32(); count > 0; count--) {
    const tagAt = at;
    const tag = u32();
    const aliasAt = skipText();
    const alias = Buffer.from(bytes.subarray(aliasAt, at)).toString('latin1');
    const createdAt = skip(8);
    let key: Extent | null = null;
    const certificates: Extent[] = [];
    if (tag === PRIVATE_KEY) {
      key = skipBytes();
      for (let chain = u32(); chain > 0; chain--) certificates.push(skipCertificate());
    } else if (tag === CERTIFICATE) certificates.push(skipCertificate());
    else throw new FormatError('jks', tagAt, `an entry of kind ${tag}`);
    const kind = tag === PRIVATE_KEY ? 'private-key' : 'certificate';
    const createdMs = view.getBigUint64(createdAt);
    entries.push({ kind, alias, createdAt, createdMs, start: tagAt, end: at, key, certificates });
  }
  if (at !== digestAt) throw new FormatError('jks', at, 'bytes follow the last entry');
  return { version, entries, digestAt };
}

/** The digest that ends a store; the password is a seal against accidents, everybody knows that of CA certificates. */
export function jksDigest(body: Uint8Array, password: string): Uint8Array {
  const seal = Buffer.from(password, 'utf16le').swap16();
  return createHash('sha1').update(seal).update(WHITENER).update(body).digest();
}

const WHITENER = 'Mighty Aphrodite';
const DIGEST_LENGTH = 20;
const PRIVATE_KEY = 1;
const CERTIFICATE = 2;
