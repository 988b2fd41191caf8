/** Java key stores of the old format: entries by alias; keys are encrypted, and secrets all the same. */

import type { FactRow } from '../../core/facts.js';
import { isJks, jksDigest, readJks, type JksEntry } from '../../formats/jks.js';
import { maskedCopy } from '../common/masked.js';
import { shortDigest } from '../common/short-digest.js';
import { defineInspector, type InspectContext } from '../define.js';

const MAX_BYTES = 64 * 1024 * 1024;
/** What everybody uses for stores of CA certificates. */
const USUAL_PASSWORD = 'changeit';

export const jksInspector = defineInspector({
  id: 'jks',
  version: 1,
  summary: 'Java key stores (JKS): entries by alias with their times, certificates and keys.',
  streams: false,
  claims: ({ head }) => isJks(head),
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MAX_BYTES);
    const { version, entries, digestAt } = readJks(bytes);
    context.spend(entries.length);
    const digest = Buffer.from(bytes.subarray(digestAt));
    const isUsual = digest.equals(jksDigest(bytes.subarray(0, digestAt), USUAL_PASSWORD));
    return {
      facts: [
        { name: 'version', kind: 'number', value: version, offset: 4 },
        // Whether the digest is right shows under the usual password alone.
        { name: 'password', kind: 'text', value: isUsual ? 'usual' : 'another', offset: null },
        // Under a password of its own the digest says nothing of it, but it could be tried out against.
        {
          name: 'digest',
          kind: 'checksum',
          value: isUsual ? digest.toString('hex') : shortDigest(digest),
          offset: digestAt,
        },
      ],
      tables: [
        {
          name: 'entries',
          ordered: true,
          columns: [
            { name: 'kind', kind: 'text' },
            { name: 'creation date', kind: 'time' },
            { name: 'certificates', kind: 'opaque' },
            { name: 'key', kind: 'secret' },
            { name: 'form', kind: 'layout' },
          ],
          rows: entries.map((entry) => entryRow(bytes, entry, context)),
        },
      ],
    };
  },
});

function entryRow(
  bytes: Uint8Array,
  { kind, alias, createdAt, createdMs, start, end, key, certificates }: JksEntry,
  { keyed }: Pick<InspectContext, 'keyed'>,
): FactRow {
  const at = ({ offset, length }: { offset: number; length: number }): Uint8Array =>
    bytes.subarray(offset, offset + length);
  const told = [{ offset: createdAt, length: 8 }, ...certificates, ...(key === null ? [] : [key])];
  const seconds = createdMs / 1000n;
  const fraction = String(createdMs % 1000n)
    .padStart(3, '0')
    .replace(/0+$/, '');
  return {
    key: alias,
    values: [
      kind,
      fraction === '' ? String(seconds) : `${seconds}.${fraction}`,
      certificates.length === 0 ? null : shortDigest(...certificates.map(at)),
      key === null ? null : keyed(at(key)),
      // Lengths, and the names of the types of certificates.
      shortDigest(maskedCopy(bytes.subarray(start, end), start, told)).slice(0, 16),
    ],
    offset: start,
    part: null,
  };
}
