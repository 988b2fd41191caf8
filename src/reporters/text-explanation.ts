/** Why the contents of a finding differ, with one example, and what to do: a few lines. */

import type { ExplainedChange } from '../core/explanation.js';
import { displayBytes, displayPath } from '../core/path.js';
import type { Change, Finding } from '../core/report.js';
import { countOf } from '../util/format.js';
import { shortened } from './text-values.js';

const MAX_CAUSES = 3;

export function* explanationLines(
  { causes, remedies, basis, count }: Finding,
  changes: readonly Change[],
): Generator<string> {
  const told = causes.slice(0, MAX_CAUSES);
  if (told.length > 0 && basis.kind !== 'package') {
    const list = told.map(({ cause, confidence, count: times }) => {
      const details = [confidence ?? '', times === count ? '' : countOf(times, 'path')];
      const known = details.filter((text) => text !== '').join(', ');
      return known === '' ? cause : `${cause} (${known})`;
    });
    const more = causes.length - told.length;
    yield `  cause: ${list.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    const example = exampleOf(changes, told[0]!.cause);
    if (example !== null) yield `  such as ${exampleText(example.change, example.explained)}`;
  }
  const closed = changes.filter(({ explanation }) => explanation?.status === 'not-inspected');
  if (closed.length > 0)
    yield `  not inspected: ${countOf(closed.length, 'path')} (${closed[0]!.explanation!.reason ?? ''})`;
  // The remedy of the catalogue was told already.
  for (const { text, rule, source } of basis.kind === 'catalogue' ? [] : remedies.slice(0, 1)) {
    const known = [rule === null ? '' : `scrub rule ${rule}`, source ?? ''].filter((t) => t !== '');
    yield `  remedy: ${text}${known.length === 0 ? '' : ` (${known.join('; ')})`}`;
  }
}

interface Example {
  readonly change: Change;
  readonly explained: ExplainedChange;
}

function exampleOf(changes: readonly Change[], cause: string): Example | null {
  for (const change of changes) {
    const explained = change.explanation?.changes.find((each) => each.cause === cause);
    if (explained !== undefined) return { change, explained };
  }
  return null;
}

function exampleText({ path }: Change, explained: ExplainedChange): string {
  const { chain, field, before, after, witness, follows } = explained;
  const place = [displayPath(path), ...chain.map(displayBytes), field].join('!');
  const values = `${shortened(before ?? 'none')} -> ${shortened(after ?? 'none')}`;
  const against = follows !== null ? `, follows ${follows}` : (witness?.against ?? '');
  return `${place}: ${values}${follows === null && against !== '' ? ` [${against}]` : against}`;
}
