/** The outline of a PKCS #12 store (RFC 7292): safes and bags, salts and vectors; nothing is decrypted. */

import { FormatError } from '../core/errors.js';
import {
  childOf,
  extentOf,
  isContext,
  isUniversal,
  octetsOf,
  oidOf,
  readInside,
  smallNumberOf,
  TAG,
  textOf,
  valueOf,
  type DerValue,
} from './der-values.js';
import { readDer, type DerNode } from './der.js';
import { pkcs12Encryption, type Pkcs12Encryption } from './pkcs12-algorithm.js';
import type { Extent } from './regions.js';

export interface Pkcs12 {
  /** The whole element. */
  readonly extent: Extent;
  readonly version: number | null;
  readonly safes: readonly Pkcs12Safe[];
  /** Null in stores without a password. */
  readonly mac: Pkcs12Mac | null;
}

export type Pkcs12Safe =
  | { readonly kind: 'plain'; readonly extent: Extent; readonly bags: readonly Pkcs12Bag[] }
  | {
      readonly kind: 'encrypted';
      readonly extent: Extent;
      readonly encryption: Pkcs12Encryption;
      readonly data: DerValue;
    }
  /** Encrypted for a public key, or unknown. */
  | { readonly kind: 'other'; readonly extent: Extent; readonly type: string };

export interface Pkcs12Bag {
  readonly kind: Pkcs12BagKind;
  readonly extent: Extent;
  /** The value without its explicit tag: a key, a certificate bag, or bags again. */
  readonly value: Extent;
  /** Of a shrouded key. */
  readonly encryption: Pkcs12Encryption | null;
  /** Of a certificate bag: the DER of an X.509 certificate. */
  readonly certificate: DerValue | null;
  readonly friendlyName: string | null;
  readonly localKeyId: DerValue | null;
  /** What Java puts into `localKeyId`: the time at which the entry was made, in milliseconds since 1970. */
  readonly javaTimeMs: number | null;
  /** Object identifiers. */
  readonly attributes: readonly string[];
  /** Of a bag of bags. */
  readonly bags: readonly Pkcs12Bag[];
}

export type Pkcs12BagKind = 'key' | 'shrouded-key' | 'cert' | 'crl' | 'secret' | 'safe' | 'unknown';

export interface Pkcs12Mac {
  readonly algorithm: string;
  readonly digest: DerValue;
  readonly salt: DerValue;
  readonly iterations: number | null;
}

/** By the first bytes: a sequence that begins with version 3 and a content type of PKCS #7. */
export function isPkcs12(head: Uint8Array): boolean {
  const text = Buffer.from(head.subarray(0, 32)).toString('latin1');
  return /^0[\s\S]{1,7}?\x02\x01\x030[\s\S]{1,7}?\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07/.test(
    text,
  );
}

/** Throws `FormatError`. `base` is where `bytes` begin in the file; bytes behind the element are left alone. */
export function readPkcs12(bytes: Uint8Array, base = 0): Pkcs12 {
  const root = readDer(bytes, { base });
  if (!isUniversal(root, TAG.sequence))
    throw new FormatError('pkcs12', root.offset, 'expected a sequence');
  const authSafe = childOf(root, 1, TAG.sequence);
  const type = oidOf(childOf(authSafe, 0, TAG.oid));
  if (type !== DATA && type !== SIGNED_DATA)
    throw new FormatError('pkcs12', authSafe.offset, `content of type ${type}`);
  const mac = root.children[2];
  const safes = type === DATA ? readInside(explicitOf(authSafe)).children : [];
  return {
    extent: extentOf(root),
    version: smallNumberOf(childOf(root, 0, TAG.integer)),
    safes: safes.map(safeOf),
    mac: mac === undefined ? null : macOf(mac),
  };
}

function safeOf(node: DerNode): Pkcs12Safe {
  const extent = extentOf(node);
  const type = oidOf(childOf(node, 0, TAG.oid));
  if (type === DATA) {
    const contents = readInside(explicitOf(node));
    return { kind: 'plain', extent, bags: contents.children.map(bagOf) };
  }
  if (type !== ENCRYPTED_DATA) return { kind: 'other', extent, type };
  const info = childOf(explicitOf(node), 1, TAG.sequence);
  return {
    kind: 'encrypted',
    extent,
    encryption: pkcs12Encryption(childOf(info, 1, TAG.sequence)),
    data: octetsOf(childOf(info, 2, null)),
  };
}

function bagOf(node: DerNode): Pkcs12Bag {
  const kind = BAG_KINDS.get(oidOf(childOf(node, 0, TAG.oid))) ?? 'unknown';
  const value = explicitOf(node);
  const attributes = (node.children[2]?.children ?? []).map((attribute) => ({
    oid: oidOf(childOf(attribute, 0, TAG.oid)),
    value: attribute.children[1]?.children[0],
  }));
  const name = attributes.find(({ oid }) => oid === FRIENDLY_NAME)?.value;
  const id = attributes.find(({ oid }) => oid === LOCAL_KEY_ID)?.value;
  return {
    kind,
    extent: extentOf(node),
    value: extentOf(value),
    encryption: kind === 'shrouded-key' ? pkcs12Encryption(childOf(value, 0, TAG.sequence)) : null,
    certificate: kind === 'cert' ? certificateOf(value) : null,
    friendlyName: name === undefined ? null : textOf(name),
    localKeyId: id === undefined ? null : valueOf(id),
    javaTimeMs: id === undefined ? null : javaTime(id),
    attributes: attributes.map(({ oid }) => oid),
    bags: kind === 'safe' ? value.children.map(bagOf) : [],
  };
}

function certificateOf(bag: DerNode): DerValue | null {
  const octets = bag.children[1]?.children[0];
  const isX509 = oidOf(childOf(bag, 0, TAG.oid)) === X509_CERTIFICATE;
  return octets === undefined || !isX509 ? null : octetsOf(octets);
}

function javaTime(id: DerNode): number | null {
  const text = Buffer.from(id.bytes).toString('latin1');
  const digits = /^Time (\d{1,15})$/.exec(text)?.[1];
  return digits === undefined ? null : Number(digits);
}

function macOf(node: DerNode): Pkcs12Mac {
  const info = childOf(node, 0, TAG.sequence);
  const count = node.children[2];
  return {
    algorithm: oidOf(childOf(childOf(info, 0, TAG.sequence), 0, TAG.oid)),
    digest: valueOf(childOf(info, 1, TAG.octetString)),
    salt: valueOf(childOf(node, 1, TAG.octetString)),
    // A count that is left out is 1 (RFC 7292 §4).
    iterations: count === undefined ? 1 : smallNumberOf(count),
  };
}

/** What the explicit tag 0 behind a type holds. */
function explicitOf(node: DerNode): DerNode {
  const tagged = childOf(node, 1, null);
  if (!isContext(tagged, 0)) throw new FormatError('pkcs12', tagged.offset, 'expected content');
  return childOf(tagged, 0, null);
}

const DATA = '1.2.840.113549.1.7.1';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const FRIENDLY_NAME = '1.2.840.113549.1.9.20';
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';

const BAG_KINDS: ReadonlyMap<string, Pkcs12BagKind> = new Map([
  ['1.2.840.113549.1.12.10.1.1', 'key'],
  ['1.2.840.113549.1.12.10.1.2', 'shrouded-key'],
  ['1.2.840.113549.1.12.10.1.3', 'cert'],
  ['1.2.840.113549.1.12.10.1.4', 'crl'],
  ['1.2.840.113549.1.12.10.1.5', 'secret'],
  ['1.2.840.113549.1.12.10.1.6', 'safe'],
]);
