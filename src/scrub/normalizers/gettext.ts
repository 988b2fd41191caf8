/** Compiled message catalogues: the dates in their header entry. */

import { isMo, readMo, type MoFile, type MoString } from '../../formats/gettext-mo.js';
import { defineNormalizer, type NormalizeResult } from './define.js';
import { clampDates } from './gettext-dates.js';
import { orLeft } from './or-left.js';

export const gettext = defineNormalizer({
  id: 'gettext',
  version: 1,
  summary: 'Clamps the dates in the header of compiled message catalogues to SOURCE_DATE_EPOCH.',
  rationale:
    'POT-Creation-Date is the time at which xgettext ran, which many builds do; PO-Revision-Date is a time of the build where a program merges or translates. Earlier dates are those of the translators and stay. Dates keep their length, so tables and hash table stay; without SOURCE_DATE_EPOCH nothing changes. GNU gettext manual, "The Format of GNU MO Files".',
  extensions: ['.mo', '.gmo'],
  matches: (head) => isMo(head),
  normalize: ({ bytes, sourceDateEpoch }) => orLeft(() => normalizeMo(bytes, sourceDateEpoch)),
});

function normalizeMo(bytes: Uint8Array, epoch: number | null): NormalizeResult {
  const mo = readMo(bytes);
  const headers = mo.messages.filter(({ id }) => id.length === 0).map(({ text }) => text);
  const [header] = headers;
  if (epoch === null || header === undefined) return { kind: 'normal' };
  const { offset, length } = header;
  const before = Buffer.from(bytes.subarray(offset, offset + length)).toString('latin1');
  const { text, fields } = clampDates(before, '\n', epoch);
  if (fields.length === 0 && headers.length === 1) return { kind: 'normal' };
  if (headers.length > 1) return { kind: 'left', reason: 'mo: several header entries' };
  if (isUsedTwice(mo, header))
    return { kind: 'left', reason: `mo at offset ${offset}: the header shares bytes with others` };
  const after = new Uint8Array(bytes);
  after.set(Buffer.from(text, 'latin1'), offset);
  return { kind: 'changed', bytes: after, fields };
}

function isUsedTwice({ ranges }: MoFile, header: MoString): boolean {
  const end = header.offset + header.length;
  const touching = ranges.filter(
    ({ offset, length }) => offset < end && offset + length > header.offset,
  );
  return touching.length > 1;
}
