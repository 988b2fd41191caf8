/** The outline of an X.509 certificate (RFC 5280 §4.1): who, by whom, from when to when. */

import { FormatError } from '../core/errors.js';
import {
  childOf,
  extentOf,
  hexOf,
  isContext,
  isUniversal,
  oidOf,
  TAG,
  textOf,
  timeOf,
  valueOf,
  type DerValue,
} from './der-values.js';
import { readDer, type DerNode } from './der.js';
import type { Extent } from './regions.js';

export interface X509 {
  /** The whole certificate. */
  readonly extent: Extent;
  readonly serialHex: string;
  readonly signatureAlgorithm: string;
  readonly issuer: X509Name;
  readonly subject: X509Name;
  /** Seconds since 1970; null when the form is not known. */
  readonly notBefore: number | null;
  readonly notAfter: number | null;
  /** Algorithm and key. */
  readonly publicKey: Extent;
  readonly extensions: readonly X509Extension[];
  /** With the byte that counts unused bits. */
  readonly signature: DerValue;
}

export interface X509Name {
  readonly extent: Extent;
  readonly commonName: string | null;
  /** All parts in the order of the file: `CN=x, O=y`; types without a short name by their object identifier. */
  readonly text: string;
}

export interface X509Extension {
  readonly oid: string;
  readonly extent: Extent;
}

/** Throws `FormatError`. `base` is where `bytes` begin in the file. */
export function readX509(bytes: Uint8Array, base = 0): X509 {
  return x509Of(readDer(bytes, { base }));
}

/** Throws `FormatError`. */
export function x509Of(node: DerNode): X509 {
  if (!isUniversal(node, TAG.sequence))
    throw new FormatError('x509', node.offset, 'expected a certificate');
  const body = childOf(node, 0, TAG.sequence);
  // The version is left out in those of version 1.
  const first = isContext(body.children[0], 0) ? 1 : 0;
  const validity = childOf(body, first + 3, TAG.sequence);
  return {
    extent: extentOf(node),
    serialHex: hexOf(childOf(body, first, TAG.integer)),
    signatureAlgorithm: oidOf(childOf(childOf(node, 1, TAG.sequence), 0, TAG.oid)),
    issuer: x509Name(childOf(body, first + 2, TAG.sequence)),
    subject: x509Name(childOf(body, first + 4, TAG.sequence)),
    notBefore: timeOf(childOf(validity, 0, null)),
    notAfter: timeOf(childOf(validity, 1, null)),
    publicKey: extentOf(childOf(body, first + 5, TAG.sequence)),
    extensions: extensions(body),
    signature: valueOf(childOf(node, 2, TAG.bitString)),
  };
}

/** A distinguished name (RFC 5280 §4.1.2.4). Throws `FormatError`. */
export function x509Name(node: DerNode): X509Name {
  let commonName: string | null = null;
  const parts: string[] = [];
  for (const attribute of node.children.flatMap((set) => set.children)) {
    const type = oidOf(childOf(attribute, 0, TAG.oid));
    const value = textOf(childOf(attribute, 1, null));
    if (type === COMMON_NAME) commonName ??= value;
    parts.push(`${SHORT_NAMES.get(type) ?? type}=${value}`);
  }
  return { extent: extentOf(node), commonName, text: parts.join(', ') };
}

function extensions(body: DerNode): readonly X509Extension[] {
  const list = body.children.find((child) => isContext(child, 3))?.children[0];
  return (list?.children ?? []).map((extension) => ({
    oid: oidOf(childOf(extension, 0, TAG.oid)),
    extent: extentOf(extension),
  }));
}

const COMMON_NAME = '2.5.4.3';
const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  [COMMON_NAME, 'CN'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['1.2.840.113549.1.9.1', 'emailAddress'],
]);
