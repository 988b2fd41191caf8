/**
 * Reads packed records (`core/packed-directory.ts`) straight into what the columns of `entry` take: on the hot path
 * of a snapshot no `Entry` is made.
 */

import { isUtf8 } from 'node:buffer';

import { readRecord } from '../../core/packed-directory.js';
import type { Xattr } from '../../core/entry.js';
import type { StoredBytes } from './names.js';

export class RecordReader {
  /** Of the record that `next` has read. */
  name: StoredBytes = '';
  coverage = 0;
  mode = 0;
  uid = 0;
  gid = 0;
  size = 0;
  /** Offsets of the digests; 0 where there is none. */
  xxh64At = 0;
  sha256At = 0;
  target: StoredBytes | null = null;
  /** `major:minor`. */
  rdev: string | null = null;
  /** Packed form of the xattrs; null when there are none. */
  xattrs: Buffer | null = null;

  readonly #bytes: Buffer;
  #start = 0;
  #at = 0;

  constructor(records: Uint8Array) {
    this.#bytes = Buffer.from(records.buffer, records.byteOffset, records.byteLength);
  }

  next(): void {
    const b = this.#bytes;
    let at = (this.#start = this.#at);
    const nameEnd = at + 2 + b.readUInt16LE(at);
    this.name = this.#text(at + 2, nameEnd);
    at = nameEnd;
    this.coverage = b[at]!;
    this.mode = b.readUInt32LE(at + 1);
    this.uid = b.readUInt32LE(at + 5);
    this.gid = b.readUInt32LE(at + 9);
    at += 13;
    this.size = 0;
    this.xxh64At = this.sha256At = 0;
    this.target = this.rdev = this.xattrs = null;
    switch (this.mode >>> 12) {
      case 0o10: {
        this.size = b.readUInt32LE(at) + b.readUInt32LE(at + 4) * 0x1_0000_0000;
        const digests = b[at + 8]!;
        at += 9;
        if (digests & 1) this.xxh64At = (at += 8) - 8;
        if (digests & 2) this.sha256At = (at += 32) - 32;
        break;
      }
      case 0o12: {
        const end = at + 2 + b.readUInt16LE(at);
        this.target = this.#text(at + 2, end);
        at = end;
        break;
      }
      case 0o2:
      case 0o6:
        this.rdev = `${b.readUInt32LE(at)}:${b.readUInt32LE(at + 4)}`;
        at += 8;
        break;
    }
    const xattrStart = at;
    const count = b.readUInt16LE(at);
    at += 2;
    for (let i = 0; i < count; i++) {
      at += 2 + b.readUInt16LE(at);
      at += 4 + b.readUInt32LE(at);
    }
    if (count > 0) this.xattrs = b.subarray(xattrStart, at);
    this.#at = at;
  }

  get xxh64(): Buffer | null {
    return this.xxh64At === 0 ? null : this.#bytes.subarray(this.xxh64At, this.xxh64At + 8);
  }

  get sha256(): Buffer | null {
    return this.sha256At === 0 ? null : this.#bytes.subarray(this.sha256At, this.sha256At + 32);
  }

  /** Fills `into` with the bytes at an offset; null, and nothing done, for offset 0. */
  copyDigest(at: number, into: Buffer): Buffer | null {
    if (at === 0) return null;
    this.#bytes.copy(into, 0, at, at + into.length);
    return into;
  }

  /** The xattrs of the record that `next` has read, parsed. */
  readXattrs(): readonly Xattr[] {
    return readRecord(this.#bytes, this.#start).entry.xattrs;
  }

  #text(start: number, end: number): StoredBytes {
    const b = this.#bytes;
    const text = b.toString('latin1', start, end);
    for (let i = 0; i < text.length; i++)
      if (text.charCodeAt(i) > 0x7f) {
        const bytes = b.subarray(start, end);
        return isUtf8(bytes) ? bytes.toString('utf8') : bytes;
      }
    return text;
  }
}
