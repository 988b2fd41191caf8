/** Two archives: the same bytes, or the same content in other bytes, and which fields those are. */

import { isCommit, type Container } from '../core/build.js';
import type { ExplainedChange, Explanation } from '../core/explanation.js';
import { displayBytes, displayMessage, displayText } from '../core/path.js';
import type { Report } from '../core/report.js';
import { countOf, formatBytes, formatCount } from '../util/format.js';
import { placeOf, valuesText, witnessText } from './text-explanation.js';
import type { TextStyle } from './text-style.js';

/** What the archives are to each other, in a few words. */
export const CONTAINER_WORDS = {
  identical: 'identical',
  'same-content': 'same content, other bytes',
  different: 'different',
} as const;

export function* containerLines(
  { container }: Report,
  style: TextStyle,
  maxFields: number,
): Generator<string> {
  if (container === null) return;
  const { before, after, verdict, explanation, isSetAside = false } = container;
  yield '';
  const files =
    verdict === 'identical' ? fileText(after) : `${fileText(before)} -> ${fileText(after)}`;
  const what = isCommit(after) ? 'commit' : 'archive';
  yield `${style.strong(`${what}: ${CONTAINER_WORDS[verdict]}${isSetAside ? ', set aside' : ''}:`)} ${files}`;
  if (explanation !== null) yield* fieldLines(explanation, style, maxFields);
}

function fileText({ name, sizeBytes, digest }: Container): string {
  const start = Buffer.from(digest).toString('hex').slice(0, 12);
  return `${displayBytes(name)} (${formatBytes(sizeBytes)}, sha256 ${start}…)`;
}

/** A line for each field and cause, with the first of its values. */
function* fieldLines(
  { status, reason, sameExcept, changes, counts }: Explanation,
  style: TextStyle,
  maxFields: number,
): Generator<string> {
  if (status === 'not-inspected') yield `  not inspected: ${displayMessage(reason ?? '')}`;
  if (sameExcept !== null) yield `  same    but for ${sameExcept}`;
  for (const { field, format, cause, confidence, count } of counts.slice(0, maxFields)) {
    const example = changes.find(
      (each) => each.cause === cause && each.format === format && fieldOf(each) === field,
    );
    const why = confidence === null ? cause : `${cause} ${confidence}`;
    const many = count === 1 ? '' : `, ${countOf(count, 'value')}`;
    const values = example === undefined ? '' : `: ${valuesText(example)}`;
    yield `  ${displayText(field)} of ${displayText(format)}${many}${values}  ${style.faint(
      `${why}${example === undefined ? '' : witnessText(example)}`,
    )}`;
    if (example !== undefined) yield style.faint(`    at ${placeOf(example)}`);
  }
  if (counts.length > maxFields)
    yield `  … ${formatCount(counts.length - maxFields)} more (--all lists them)`;
}

/** Lines and ranges of bytes are counted together. */
function fieldOf({ field }: ExplainedChange): string {
  return field.replace(/^(line|bytes) \d.*$/, '$1');
}
