/** The integrity checks of .xz (section 3.4), over content as it comes. */

import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

import { XZ_CHECK } from './xz-fields.js';

export interface XzCheck {
  update(bytes: Uint8Array): void;
  /** In the byte order of the file. */
  digest(): Uint8Array;
}

/** Null for a check of no bytes, or of a kind that we do not know: nothing can be verified. */
export function openXzCheck(id: number): XzCheck | null {
  if (id === XZ_CHECK.CRC32) return crc32Check();
  if (id === XZ_CHECK.CRC64) return crc64Check();
  if (id !== XZ_CHECK.SHA256) return null;
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
}

function crc32Check(): XzCheck {
  let value = 0;
  return {
    update: (bytes) => {
      value = crc32(bytes, value);
    },
    digest: () => {
      const digest = new Uint8Array(4);
      new DataView(digest.buffer).setUint32(0, value, true);
      return digest;
    },
  };
}

/** ECMA-182 with reflected bits; high and low halves, since 64 bits do not fit a number. */
function crc64Check(): XzCheck {
  let low = -1;
  let high = -1;
  return {
    update: (bytes) => {
      const { lows, highs } = (tables ??= crc64Tables());
      for (let i = 0; i < bytes.length; i++) {
        const index = (low ^ bytes[i]!) & 255;
        low = ((low >>> 8) | (high << 24)) ^ lows[index]!;
        high = (high >>> 8) ^ highs[index]!;
      }
    },
    digest: () => {
      const digest = new Uint8Array(8);
      const view = new DataView(digest.buffer);
      view.setInt32(0, ~low, true);
      view.setInt32(4, ~high, true);
      return digest;
    },
  };
}

interface Crc64Tables {
  readonly lows: Int32Array;
  readonly highs: Int32Array;
}

let tables: Crc64Tables | undefined;

function crc64Tables(): Crc64Tables {
  const lows = new Int32Array(256);
  const highs = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let low = byte;
    let high = 0;
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = (low & 1) === 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (!isOdd) continue;
      low ^= 0xd7870f42;
      high ^= 0xc96c5795;
    }
    lows[byte] = low;
    highs[byte] = high;
  }
  return { lows, highs };
}
