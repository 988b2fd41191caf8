/** Values of attributes in one line. */

import { isKnown } from '../core/coverage.js';
import type { Entry } from '../core/entry.js';
import { displayBytes, displayPath } from '../core/path.js';
import type { AttributeChange, Change } from '../core/report.js';
import { formatCount } from '../util/format.js';

const VALUE_WIDTH = 72;

/** The beginning of a value that is too long for a line; the JSON has it whole. */
export function shortened(text: string, width = VALUE_WIDTH): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** One changed path: name, then what changed, old -> new. */
export function changeLine(change: Change, beside: ReadonlySet<string>): string {
  const name = displayPath(change.path);
  const suffix = change.type === 'directory' && change.path !== '' ? '/' : '';
  const details = detailsOf(change, beside);
  return details === '' ? `${name}${suffix}` : `${name}${suffix}  ${details}`;
}

/** Attributes in `beside` are named without their values. */
function detailsOf(change: Change, beside: ReadonlySet<string>): string {
  const { before, after, attributes } = change;
  const told: string[] = [];
  const isContent = attributes.some(
    ({ attribute }) => attribute === 'content' || attribute === 'size',
  );
  if (isContent && before?.type === 'file' && after?.type === 'file')
    told.push(sizes(sizeText(before), sizeText(after)));
  for (const attribute of attributes) {
    if (attribute.attribute === 'content' || attribute.attribute === 'size') continue;
    told.push(beside.has(attribute.attribute) ? attribute.attribute : attributeText(attribute));
  }
  return told.join(', ');
}

function sizes(before: string, after: string): string {
  return before === after
    ? `${after} ${after === '1' ? 'byte' : 'bytes'}`
    : `${before} -> ${after} bytes`;
}

function sizeText(entry: Entry): string {
  return isKnown(entry, 'size') ? formatCount(entry.size) : '?';
}

function attributeText({ attribute, name, before, after }: AttributeChange): string {
  const isBytes = attribute === 'xattr' || attribute === 'target';
  const value = (text: string | null): string | null =>
    text === null || !isBytes ? text : quoted(displayBytes(text));
  const [old, now] = shortenedPair(value(before), value(after));
  const label = name === null ? attribute : `${attribute} ${displayBytes(name)}`;
  return `${label} ${old} -> ${now}`;
}

/** Cuts two long values so that the place where they part stays in sight. */
export function shortenedPair(
  before: string | null,
  after: string | null,
  width = VALUE_WIDTH,
): readonly [string, string] {
  const cutFrom = before === null || after === null ? 0 : partingPoint(before, after, width);
  const cut = (text: string | null): string => {
    if (text === null) return '(none)';
    return shortened(cutFrom === 0 ? text : `…${text.slice(cutFrom)}`, width);
  };
  return [cut(before), cut(after)];
}

const CONTEXT = 16;

/** Where to begin so that the first difference is shown; 0 where it is shown anyway. */
function partingPoint(before: string, after: string, width: number): number {
  if (before.length <= width && after.length <= width) return 0;
  let same = 0;
  while (same < before.length && before[same] === after[same]) same++;
  return same < width - CONTEXT ? 0 : same - CONTEXT;
}

/** An empty value, or one with blanks, would not be seen to begin and end. */
function quoted(text: string): string {
  return text === '' || text.includes(' ') ? `"${text}"` : text;
}
