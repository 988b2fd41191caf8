/** The outline of a CMS or PKCS #7 SignedData (RFC 5652 §5, RFC 2315): who signed what, with which algorithms and when. */

import { FormatError } from '../core/errors.js';
import {
  childOf,
  extentOf,
  hexOf,
  isContext,
  isUniversal,
  octetsOf,
  oidOf,
  smallNumberOf,
  TAG,
  timeOf,
  type DerValue,
} from './der-values.js';
import { readDer, type DerNode } from './der.js';
import type { Extent } from './regions.js';
import { x509Name, x509Of, type X509, type X509Name } from './x509.js';

export interface Pkcs7 {
  /** The whole element; a padded file goes on behind it. */
  readonly extent: Extent;
  readonly version: number | null;
  /** Object identifiers. */
  readonly digestAlgorithms: readonly string[];
  /** `1.3.6.1.4.1.311.2.1.4` is what Authenticode signs. */
  readonly contentType: string;
  /** What is signed, without its tag; null when it is elsewhere. */
  readonly content: Extent | null;
  readonly certificates: readonly Pkcs7Certificate[];
  /** Revocation lists. */
  readonly crls: Extent | null;
  readonly signers: readonly Pkcs7Signer[];
}

export interface Pkcs7Certificate {
  readonly extent: Extent;
  /** Null when it is of another kind, or does not make sense. */
  readonly x509: X509 | null;
}

export interface Pkcs7Signer {
  readonly extent: Extent;
  /** By issuer and serial, or by key id. */
  readonly issuer: X509Name | null;
  readonly serialHex: string | null;
  readonly keyIdHex: string | null;
  readonly digestAlgorithm: string;
  readonly signatureAlgorithm: string;
  /** Parameters of the signature algorithm; those of RSA-PSS make signatures differ from run to run. */
  readonly signatureParameters: Extent | null;
  readonly signature: DerValue;
  readonly signedAttributes: readonly Pkcs7Attribute[];
  readonly unsignedAttributes: readonly Pkcs7Attribute[];
  /** Of the signed attributes, seconds since 1970. */
  readonly signingTime: (Extent & { readonly seconds: number | null }) | null;
  readonly messageDigestHex: string | null;
}

export interface Pkcs7Attribute {
  readonly oid: string;
  readonly extent: Extent;
}

/** Throws `FormatError`. `base` is where `bytes` begin in the file; bytes behind the element are left alone. */
export function readPkcs7(bytes: Uint8Array, base = 0): Pkcs7 {
  const root = readDer(bytes, { base });
  const type = isUniversal(root, TAG.sequence) ? root.children[0] : undefined;
  if (type === undefined || oidOf(type) !== SIGNED_DATA)
    throw new FormatError('pkcs7', root.offset, 'expected SignedData');
  const signed = childOf(childOf(root, 1, null), 0, TAG.sequence);
  const info = childOf(signed, 2, TAG.sequence);
  const rest = signed.children.slice(3);
  return {
    extent: extentOf(root),
    version: smallNumberOf(childOf(signed, 0, TAG.integer)),
    digestAlgorithms: childOf(signed, 1, TAG.set).children.map(algorithmOf),
    contentType: oidOf(childOf(info, 0, TAG.oid)),
    content: contentOf(info),
    certificates: (rest.find((node) => isContext(node, 0))?.children ?? []).map(certificateOf),
    crls: extentOrNull(rest.find((node) => isContext(node, 1))),
    signers: (rest.find((node) => isUniversal(node, TAG.set))?.children ?? []).map(signerOf),
  };
}

/** The digest inside the content that Authenticode signs (SpcIndirectDataContent), in hexadecimal; null without one. */
export function authenticodeDigest(bytes: Uint8Array): string | null {
  const root = readDer(bytes);
  const info = root.children[1]?.children[0]?.children[2];
  const type = info?.children[0];
  if (type === undefined || oidOf(type) !== AUTHENTICODE) return null;
  const digest = info?.children[1]?.children[0]?.children[1]?.children[1];
  return digest === undefined ? null : hexOf(digest);
}

function contentOf(info: DerNode): Extent | null {
  const content = info.children[1]?.children[0];
  return content === undefined
    ? null
    : { offset: content.offset + content.headerLength, length: content.length };
}

function certificateOf(node: DerNode): Pkcs7Certificate {
  try {
    return { extent: extentOf(node), x509: x509Of(node) };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { extent: extentOf(node), x509: null };
  }
}

function signerOf(node: DerNode): Pkcs7Signer {
  const who = childOf(node, 1, null);
  const byKey = isContext(who, 0);
  const signed = isContext(node.children[3], 0) ? node.children[3] : undefined;
  const after = signed === undefined ? 3 : 4;
  const algorithm = childOf(node, after, TAG.sequence);
  const attributes = signed?.children ?? [];
  const time = attributeValue(attributes, SIGNING_TIME);
  const digest = attributeValue(attributes, MESSAGE_DIGEST);
  return {
    extent: extentOf(node),
    issuer: byKey ? null : x509Name(childOf(who, 0, TAG.sequence)),
    serialHex: byKey ? null : hexOf(childOf(who, 1, TAG.integer)),
    keyIdHex: byKey ? hexOf(octetsOf(who)) : null,
    digestAlgorithm: algorithmOf(childOf(node, 2, TAG.sequence)),
    signatureAlgorithm: algorithmOf(algorithm),
    signatureParameters: extentOrNull(algorithm.children[1]),
    signature: octetsOf(childOf(node, after + 1, TAG.octetString)),
    signedAttributes: attributes.map(attributeOf),
    unsignedAttributes: (node.children[after + 2]?.children ?? []).map(attributeOf),
    signingTime: time === null ? null : { ...extentOf(time), seconds: timeOf(time) },
    messageDigestHex: digest === null ? null : hexOf(digest),
  };
}

function attributeOf(node: DerNode): Pkcs7Attribute {
  return { oid: oidOf(childOf(node, 0, TAG.oid)), extent: extentOf(node) };
}

function attributeValue(attributes: readonly DerNode[], oid: string): DerNode | null {
  const found = attributes.find((node) => attributeOf(node).oid === oid);
  return found?.children[1]?.children[0] ?? null;
}

function algorithmOf(node: DerNode): string {
  return oidOf(childOf(node, 0, TAG.oid));
}

function extentOrNull(node: DerNode | undefined): Extent | null {
  return node === undefined ? null : extentOf(node);
}

const SIGNED_DATA = '1.2.840.113549.1.7.2';
const AUTHENTICODE = '1.3.6.1.4.1.311.2.1.4';
const SIGNING_TIME = '1.2.840.113549.1.9.5';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
