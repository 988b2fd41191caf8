/**
 * The report as JSON (RFC 8259), `docs/schema/report-1.json`. One line per change, finding and so on, so that
 * line tools work on it; keys in a fixed order. Nothing is held as one string.
 */

import { explainedShare } from '../core/explained-share.js';
import type { Remark, Report } from '../core/report.js';
import { VERSION } from '../version.js';
import { defineReporter } from './define.js';
import { jsonArtifacts } from './json-artifacts.js';
import { jsonContainer } from './json-container.js';
import { jsonChange } from './json-change.js';
import { jsonFinding } from './json-finding.js';
import { jsonSide } from './json-side.js';
import { bytesBase64, bytesText, jsonText } from './json-text.js';
import { stream } from './stream.js';

export const SCHEMA_VERSION = 1;

export const json = defineReporter({
  id: 'json',
  mediaType: 'application/json',
  extension: 'json',
  write: (report, sink) => stream(lines(report), sink),
});

function* lines(report: Report): Generator<string> {
  yield `{\n"schemaVersion": ${SCHEMA_VERSION},\n`;
  yield member('tool', { name: 'repro-audit', version: VERSION });
  yield member('verdict', report.verdict);
  yield member('complete', report.complete);
  yield member('artifact', report.artifact);
  yield member('before', jsonSide(report.before));
  yield member('after', jsonSide(report.after));
  yield* list('circumstances', report.circumstances, ({ group, name, before, after }) => ({
    group,
    name,
    before,
    after,
  }));
  yield* body(report);
  yield ',\n';
  yield* jsonArtifacts(report.artifacts, body);
  yield '}\n';
}

/** What is told of each artifact. */
function* body(report: Report): Generator<string> {
  yield member('container', jsonContainer(report.container));
  yield member('contentBy', report.contentBy);
  yield member('summary', report.summary);
  yield member('explained', explainedShare(report));
  yield* list('remarks', report.remarks, jsonRemark);
  yield* list('findings', report.findings, jsonFinding);
  yield* list('changes', report.changes, jsonChange);
  yield* list('diagnostics', report.diagnostics, ({ side, code, path, detail }) => ({
    side,
    code,
    path: bytesText(path),
    pathBase64: bytesBase64(path),
    detail,
  }));
  yield* list(
    'notCompared',
    report.notCompared,
    ({ path, pattern, side, what, reason, declared }) => ({
      path: bytesText(path),
      pathBase64: bytesBase64(path),
      pattern,
      side,
      what,
      reason,
      declared,
    }),
    '',
  );
}

function member(name: string, value: unknown): string {
  return `"${name}": ${jsonText(value)},\n`;
}

function* list<T>(
  name: string,
  items: readonly T[],
  toJson: (item: T) => object,
  separator = ',',
): Generator<string> {
  yield `"${name}": [`;
  for (const [i, item] of items.entries()) yield `${i === 0 ? '' : ','}\n${jsonText(toJson(item))}`;
  yield `${items.length === 0 ? '' : '\n'}]${separator === '' ? '' : `${separator}\n`}`;
}

function jsonRemark(remark: Remark): object {
  if (remark.kind === 'equal-input') {
    const { kind, input, value, output, before, after } = remark;
    return { kind, input, value, output, before, after };
  }
  const { kind, layers, sizeBytes, downloadBytes, changed } = remark;
  return {
    kind,
    layers,
    sizeBytes,
    downloadBytes,
    changed: changed.map((layer) => ({
      name: bytesText(layer.name),
      sizeBytes: layer.sizeBytes,
    })),
  };
}
