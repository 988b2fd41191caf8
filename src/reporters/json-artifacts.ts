/** The other artifacts of two builds as JSON, each with the members that a report of it alone would have. */

import { ownVerdict, type ArtifactComparison, type Report } from '../core/report.js';
import { hex, jsonInteger, jsonText } from './json-text.js';

/** `body`: members without the brackets, and without a comma at the end. */
export function* jsonArtifacts(
  artifacts: readonly ArtifactComparison[],
  body: (report: Report) => Iterable<string>,
): Generator<string> {
  yield '"artifacts": [';
  for (const [i, { name, role, side, isAsked, report }] of artifacts.entries()) {
    const verdict = report === null ? (isAsked ? 'different' : null) : ownVerdict(report);
    const head = { name, role, side, verdict, complete: report?.complete ?? null };
    yield `${i === 0 ? '' : ','}\n${jsonText(head).slice(0, -1)}`;
    if (report !== null) {
      const { before, after } = report;
      yield `,\n"before": ${jsonText(tree(before))},\n"after": ${jsonText(tree(after))},\n`;
      yield* body(report);
      yield '\n';
    }
    yield '}';
  }
  yield `${artifacts.length === 0 ? '' : '\n'}]\n`;
}

function tree({ contentDigest, fullDigest, entryCount, sizeBytes }: Report['before']): object {
  return {
    contentDigest: hex(contentDigest),
    fullDigest: hex(fullDigest),
    entryCount,
    sizeBytes: jsonInteger(sizeBytes),
  };
}
