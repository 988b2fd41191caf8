/** What a reporter writes, as one string. */

import type { Report } from '../../src/core/report.js';
import type { Reporter, ReporterOptions } from '../../src/reporters/define.js';

export async function reportText(
  reporter: Reporter,
  report: Report,
  options?: ReporterOptions,
): Promise<string> {
  const pieces: string[] = [];
  await reporter.write(report, { write: (piece) => void pieces.push(piece) }, options);
  return pieces.join('');
}
