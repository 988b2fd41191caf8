/** Java key stores made in code. */

import { jksDigest } from '../../src/formats/jks.js';

export interface JksEntryFields {
  readonly alias: string;
  readonly createdMs: bigint;
  /** DER of a certificate. */
  readonly certificate: Uint8Array;
  /** Makes it a private key entry, with the certificate as its chain. */
  readonly key?: Uint8Array;
}

export interface JksFields {
  readonly version?: 1 | 2;
  readonly password?: string;
}

export function buildJks(
  entries: readonly JksEntryFields[],
  { version = 2, password = 'changeit' }: JksFields = {},
): Uint8Array {
  const certificate = (der: Uint8Array): readonly Uint8Array[] => [
    ...(version === 2 ? [text('X.509')] : []),
    u32(der.length),
    der,
  ];
  const parts = entries.flatMap(({ alias, createdMs, certificate: der, key }) => {
    const head = [u32(key === undefined ? 2 : 1), text(alias), u64(createdMs)];
    if (key === undefined) return [...head, ...certificate(der)];
    return [...head, u32(key.length), key, u32(1), ...certificate(der)];
  });
  const body = Buffer.concat([u32(0xfeedfeed), u32(version), u32(entries.length), ...parts]);
  return new Uint8Array(Buffer.concat([body, jksDigest(body, password)]));
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}
