/**
 * A program that shows a sample report, for tests in a real terminal: `node tui-driver.js sample|large|explained|crash`.
 * Prints how the session ended.
 */

import { AuditError } from '../../src/core/errors.js';
import type { Report } from '../../src/core/report.js';
import { runDiffTui } from '../../src/tui/index.js';
import { explainedReport } from './explained-report.js';
import { largeReport, sampleReport } from './sample-report.js';

const what = process.argv[2] ?? 'sample';
const report =
  what === 'large'
    ? largeReport(200_000)
    : what === 'explained'
      ? explainedReport()
      : sampleReport();
const abort = new AbortController();
if (what === 'abort') setTimeout(() => abort.abort(), 1500);
if (what === 'uncaught')
  setTimeout(() => {
    throw new Error('deliberate');
  }, 1500);

try {
  await runDiffTui(what === 'crash' ? crashing(report) : report, {
    stdin: process.stdin,
    stdout: process.stdout,
    env: process.env,
    signal: abort.signal,
  });
  process.stdout.write('ended: quit\n');
} catch (error) {
  const name = error instanceof AuditError ? error.code : String(error);
  process.stdout.write(`ended: ${name}\n`);
}

/** The page about a file fails while it is drawn, in the middle of a session. */
function crashing(whole: Report): Report {
  const changes = whole.changes.map((change) => ({
    ...change,
    get attributes(): never {
      throw new Error('deliberate');
    },
  }));
  let reads = 0;
  return new Proxy(whole, {
    get: (target, key) => (key === 'changes' && reads++ > 0 ? changes : Reflect.get(target, key)),
  });
}
