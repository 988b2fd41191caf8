/** Certificates in PEM (RFC 7468): a row for each block, and the text around them. */

import { FormatError } from '../../core/errors.js';
import type { FactColumn, FactRow, FactValue } from '../../core/facts.js';
import { readX509, type X509 } from '../../formats/x509.js';
import { shortDigest } from '../common/short-digest.js';
import { defineInspector, type InspectContext, type InspectedFacts } from '../define.js';
import { textContent } from '../generic/text.js';
import { CERTIFICATE_COLUMNS, certificateRow } from './certificate-row.js';

/** A bundle of all authorities is 0.3 MB. */
const MAX_BYTES = 16 * 1024 * 1024;

export const pemInspector = defineInspector({
  id: 'pem',
  version: 1,
  hidesKeys: true,
  summary:
    'Bundles of certificates in PEM (RFC 7468): subject, serial number, times and order of each, and the text around them.',
  streams: false,
  claims: ({ head, size }) => (size ?? 0) <= MAX_BYTES && BEGIN.test(latin1(head)),
  inspect: async (piece, context) => pemFacts(latin1(await piece.whole(MAX_BYTES)), context),
});

function pemFacts(text: string, context: InspectContext): InspectedFacts {
  const blocks = [...text.matchAll(BLOCK)];
  if (blocks.length === 0) throw new FormatError('pem', 0, 'a block that does not end');
  context.spend(blocks.length);
  const isAlone = blocks.length === 1;
  let around = '';
  let behind = 0;
  const rows = blocks.map((match): FactRow => {
    const { index } = match;
    const label = match[1] ?? '';
    around += `${text.slice(behind, index)}`;
    behind = index + match[0].length;
    const row = blockRow(label, match[0], index, isAlone, context);
    return { ...row, values: [...row.values, label, encodingOf(label, match[0])] };
  });
  around += text.slice(behind);
  // oxlint-disable-next-line no-control-regex
  const isText = !/[\0-\x07\x0e-\x1a\x1c-\x1f\x7f]/.test(around);
  return {
    facts: isText
      ? []
      : [{ name: 'around', kind: 'opaque', value: shortDigest(around), offset: null }],
    tables: [{ name: 'certificate', ordered: true, columns: COLUMNS, rows }],
    content: isText && around !== '' ? textContent(around, context) : null,
  };
}

function blockRow(
  label: string,
  block: string,
  offset: number,
  isAlone: boolean,
  context: InspectContext,
): FactRow {
  const none: readonly FactValue[] = CERTIFICATE_COLUMNS.map(() => null);
  // What begins with a certificate may go on with a key.
  if (/PRIVATE KEY/.test(label)) {
    const secret = context.keyed(Buffer.from(block, 'latin1'));
    return { key: label, values: [...none, secret], offset, part: null };
  }
  const der = Buffer.from(bodyOf(block), 'base64');
  const row = certificateRow(der, certificateOf(label, der), offset, isAlone ? label : undefined);
  return { ...row, key: row.key === 'unknown' ? label : row.key, values: [...row.values, null] };
}

function certificateOf(label: string, der: Uint8Array): X509 | null {
  if (!CERTIFICATE_LABELS.has(label)) return null;
  try {
    // A trusted certificate of OpenSSL goes on behind the certificate, which the digest of the whole covers.
    return readX509(der);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return null;
  }
}

/** Null as RFC 7468 asks for it: lines of 64 characters; otherwise a digest of how the block is written. */
function encodingOf(label: string, block: string): string | null {
  const body = Buffer.from(bodyOf(block), 'base64').toString('base64');
  const lines = body.match(/.{1,64}/g) ?? [];
  const usual = `-----BEGIN ${label}-----\n${lines.map((line) => `${line}\n`).join('')}-----END ${label}-----\n`;
  return block === usual || /PRIVATE KEY/.test(label) ? null : shortDigest(block);
}

function bodyOf(block: string): string {
  return block.slice(block.indexOf('\n') + 1, block.lastIndexOf('-----END'));
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

const BEGIN =
  /^-----BEGIN (?:(?:TRUSTED |X509 )?CERTIFICATE|CERTIFICATE REQUEST|X509 CRL|PKCS7|CMS|(?:RSA |EC )?PUBLIC KEY|DH PARAMETERS|EC PARAMETERS)-----\r?$/m;
const BLOCK = /^-----BEGIN ([A-Z0-9 ]{1,64})-----\r?\n[^-]*-----END \1-----\r?\n?/gm;
const CERTIFICATE_LABELS: ReadonlySet<string> = new Set([
  'CERTIFICATE',
  'TRUSTED CERTIFICATE',
  'X509 CERTIFICATE',
]);

const COLUMNS: readonly FactColumn[] = [
  ...CERTIFICATE_COLUMNS,
  { name: 'key', kind: 'secret' },
  { name: 'label', kind: 'text' },
  { name: 'encoding', kind: 'codec' },
];
