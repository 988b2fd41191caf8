/** Shows a report in the terminal UI, which is loaded only here. */

import type { Report } from '../core/report.js';
import type { CommandContext } from './define.js';

export async function showReport(context: CommandContext, report: Report): Promise<void> {
  const { runDiffTui } = await import('../tui/index.js');
  await runDiffTui(report, {
    stdin: context.stdin,
    stdout: context.stdout,
    signal: context.signal,
    env: context.env,
  });
}
