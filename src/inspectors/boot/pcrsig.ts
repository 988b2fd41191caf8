/** Signatures of expected measurements in a unified kernel image (systemd-measure(1)): JSON by bank of registers. */

import { FormatError } from '../../core/errors.js';
import type { FactColumn, FactRow, FactValue } from '../../core/facts.js';
import { shortDigest } from '../common/short-digest.js';
import { defineInspector } from '../define.js';

const MAX_BYTES = 1024 * 1024;

export const pcrsigInspector = defineInspector({
  id: 'pcrsig',
  version: 1,
  summary: 'Signed PCR policies of unified kernel images (systemd-measure): policies and keys.',
  streams: false,
  // Only where the container says so.
  claims: ({ name, head }) => name.endsWith('.pcrsig') && head[0] === 0x7b,
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MAX_BYTES);
    const rows = policyRows(parsed(bytes));
    context.spend(rows.length);
    // What is signed are digests of the other sections, so that the text as a whole follows from them.
    const value = shortDigest(bytes);
    return {
      facts: [{ name: 'text', kind: 'signature', value, offset: 0 }],
      tables: [{ name: 'signature', ordered: true, columns: COLUMNS, rows }],
    };
  },
});

function parsed(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8').replace(/\0+$/, ''));
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Readonly<Record<string, unknown>>;
  } catch {
    // Told below.
  }
  throw new FormatError('pcrsig', 0, 'expected a JSON object');
}

function policyRows(banks: Readonly<Record<string, unknown>>): FactRow[] {
  return Object.entries(banks).flatMap(([bank, policies]) =>
    (Array.isArray(policies) ? policies : []).map((policy: unknown): FactRow => {
      const fields =
        typeof policy === 'object' && policy !== null
          ? (policy as Readonly<Record<string, unknown>>)
          : {};
      const values = COLUMNS.map(({ name }) => shortValue(fields[name]));
      return { key: Buffer.from(bank).toString('latin1'), values, offset: null, part: null };
    }),
  );
}

function shortValue(value: unknown): FactValue {
  if (value === undefined) return null;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[0-9a-f[\],]{1,128}$/.test(text) ? text : shortDigest(Buffer.from(text));
}

const COLUMNS: readonly FactColumn[] = [
  { name: 'pcrs', kind: 'text' },
  { name: 'pkfp', kind: 'random' },
  { name: 'pol', kind: 'digest' },
  { name: 'sig', kind: 'signature' },
];
