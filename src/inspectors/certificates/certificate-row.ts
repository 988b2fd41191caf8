/** An X.509 certificate as a row (RFC 5280): what it says, and a digest of the rest. */

import type { FactColumn, FactRow } from '../../core/facts.js';
import { bufferAccess } from '../../core/random-access.js';
import type { Extent } from '../../formats/regions.js';
import type { X509 } from '../../formats/x509.js';
import { shortDigest } from '../common/short-digest.js';
import { digestOfExtents } from '../common/told.js';

/** Columns of `certificateRow`. */
export const CERTIFICATE_COLUMNS: readonly FactColumn[] = [
  { name: 'subject', kind: 'text' },
  { name: 'issuer', kind: 'text' },
  { name: 'serialNumber', kind: 'random' },
  { name: 'notBefore', kind: 'time' },
  { name: 'notAfter', kind: 'time' },
  { name: 'subjectPublicKeyInfo', kind: 'random' },
  { name: 'extensions', kind: 'opaque' },
  // Of the whole certificate, its signature with it.
  { name: 'certificate', kind: 'signature' },
];

/**
 * `x509` is the outline of `der`; null when it makes no sense. `offset` is where the row points. The row is named by the
 * subject unless `key` says otherwise.
 */
export function certificateRow(
  der: Uint8Array,
  x509: X509 | null,
  offset: number,
  key?: string,
): FactRow {
  const digest = shortDigest(der);
  if (x509 === null)
    return {
      key: key ?? 'unknown',
      values: [null, null, null, null, null, null, digest, null],
      offset,
      part: null,
    };
  const { subject, issuer, serialHex, notBefore, notAfter, publicKey, extensions } = x509;
  const base = x509.extent.offset;
  const within = (extent: Extent): Extent => ({
    offset: extent.offset - base,
    length: extent.length,
  });
  const input = bufferAccess(der);
  const text = Buffer.from(subject.text).toString('latin1');
  return {
    key: key ?? text,
    values: [
      text,
      Buffer.from(issuer.text).toString('latin1'),
      serialHex,
      notBefore === null ? null : String(notBefore),
      notAfter === null ? null : String(notAfter),
      digestOfExtents(input, [within(publicKey)]),
      digestOfExtents(
        input,
        extensions.map(({ extent }) => within(extent)),
      ),
      digest,
    ],
    offset,
    part: null,
  };
}
