/** Compiled message catalogues: their header line by line, and the messages as digests. */

import type { Fact } from '../../core/facts.js';
import { isMo, readMo, type MoFile, type MoString } from '../../formats/gettext-mo.js';
import { maskedCopy } from '../common/masked.js';
import { shortDigest } from '../common/short-digest.js';
import { defineInspector } from '../define.js';
import { headerFacts } from './header-facts.js';

const MOST_BYTES = 32 * 1024 * 1024;

export const moInspector = defineInspector({
  id: 'mo',
  version: 1,
  summary:
    'Compiled message catalogues (GNU gettext, "The Format of GNU MO Files"): dates and names of the header; messages as digests.',
  streams: false,
  claims: ({ head }) => isMo(head),
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MOST_BYTES);
    const mo = readMo(bytes);
    const header = mo.messages.find(({ id }) => id.length === 0)?.text ?? null;
    const isHeader = (string: MoString): boolean => string === header;
    const digest = (strings: readonly MoString[]): string =>
      shortDigest(...strings.flatMap((string) => [bytesOf(bytes, string), ZERO]));
    const others = mo.messages.filter(({ text }) => !isHeader(text));
    const strings = mo.messages.flatMap(({ id, text }) => [id, text]);
    const gaps = gapBytes(mo, bytes);
    const facts: Fact[] = [
      { name: 'nstrings', kind: 'size', value: mo.messages.length, offset: 8 },
      ...(header === null ? [] : headerFacts(textOf(bytes, header), header.offset, context)),
      { name: 'msgid', kind: 'opaque', value: digest(others.map(({ id }) => id)), offset: null },
      {
        name: 'msgstr',
        kind: 'opaque',
        value: digest(others.map(({ text }) => text)),
        offset: null,
      },
      {
        name: 'layout',
        kind: 'layout',
        value: shortDigest(maskedCopy(bytes, 0, [...strings, ...gaps])),
        offset: null,
      },
    ];
    const slack = gaps.map((gap) => bytesOf(bytes, gap));
    if (slack.some((piece) => piece.some((byte) => byte !== 0)))
      facts.push({
        name: 'padding',
        kind: 'slack',
        value: shortDigest(...slack),
        offset: gaps[0]!.offset,
      });
    return { facts, tables: [] };
  },
});

const ZERO = Uint8Array.of(0);

function bytesOf(bytes: Uint8Array, { offset, length }: MoString): Uint8Array {
  return bytes.subarray(offset, offset + length);
}

function textOf(bytes: Uint8Array, string: MoString): string {
  return Buffer.from(bytesOf(bytes, string)).toString('latin1');
}

/** Bytes in no range, such as the NULs behind strings. */
function gapBytes({ ranges }: MoFile, bytes: Uint8Array): MoString[] {
  const gaps: MoString[] = [];
  let covered = 0;
  for (const { offset, length } of ranges.toSorted((a, b) => a.offset - b.offset)) {
    if (offset > covered) gaps.push({ offset: covered, length: offset - covered });
    covered = Math.max(covered, offset + length);
  }
  if (covered < bytes.length) gaps.push({ offset: covered, length: bytes.length - covered });
  return gaps;
}
