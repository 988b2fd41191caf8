/** Certificates and signatures in DER: files of keyrings, detached signatures, revocation lists. */

import { FormatError } from '../../core/errors.js';
import { readDer } from '../../formats/der.js';
import { x509Of, type X509 } from '../../formats/x509.js';
import { defineInspector } from '../define.js';
import { CERTIFICATE_COLUMNS, certificateRow } from './certificate-row.js';
import { signatureTables } from './signature-table.js';

const MAX_BYTES = 4 * 1024 * 1024;

export const derInspector = defineInspector({
  id: 'der',
  version: 1,
  summary: 'X.509 certificates (RFC 5280) and PKCS #7 signatures (RFC 5652) in DER.',
  streams: false,
  claims: ({ name, head, size }) =>
    size !== null && size <= MAX_BYTES && NAMES.test(name) && elementBytes(head) === size,
  inspect: async (piece) => {
    const bytes = await piece.whole(MAX_BYTES);
    const x509 = certificateOf(bytes);
    if (x509 === null)
      return { facts: [], tables: signatureTables([{ key: 'message', bytes, offset: 0 }]) };
    const rows = [certificateRow(bytes, x509, 0, 'certificate')];
    const table = { name: 'certificate', ordered: true, columns: CERTIFICATE_COLUMNS, rows };
    return { facts: [], tables: [table] };
  },
});

/** Null for another element. Throws `FormatError` when it is no DER. */
function certificateOf(bytes: Uint8Array): X509 | null {
  const root = readDer(bytes);
  try {
    return x509Of(root);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return null;
  }
}

/** Of a sequence with a length of two or three bytes, header and all; null for anything else. */
function elementBytes(head: Uint8Array): number | null {
  if (head.length < 5 || head[0] !== 0x30) return null;
  if (head[1] === 0x81) return 3 + head[2]!;
  if (head[1] === 0x82) return 4 + 256 * head[2]! + head[3]!;
  if (head[1] === 0x83) return 5 + 65536 * head[2]! + 256 * head[3]! + head[4]!;
  return null;
}

const NAMES = /\.(?:crt|cer|der|x509|p7[abcms]|crl|auth|pub)$/i;
