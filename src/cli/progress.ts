/** One line on stderr that tells how a scan, or work on files, goes; only when that is a terminal. */

import type { WorkProgress } from '../scrub/plan.js';
import type { ScanProgress } from '../sources/define.js';
import { formatBytes, formatCount } from '../util/format.js';

const INTERVAL_MS = 100;

export interface ProgressLine {
  /** `expected` is what the last build of the stream had; it gives the remaining time. */
  update(progress: ScanProgress, expected: ScanProgress | null): void;
  /** Work on contents of files, which comes before a scan. */
  working(progress: WorkProgress): void;
  /** Takes the line away. */
  done(): void;
}

export function createProgressLine(
  stderr: NodeJS.WriteStream,
  label: string,
  now: () => number,
): ProgressLine {
  if (stderr.isTTY !== true) return { update: () => {}, working: () => {}, done: () => {} };
  /** What is done now, and since when: rates are those of one kind of work. */
  let current = '';
  let startedAt = now();
  let shownAt = 0;
  const show = (what: string, text: (seconds: number) => string): void => {
    const at = now();
    if (what !== current) [current, startedAt] = [what, at];
    if (at - shownAt < INTERVAL_MS) return;
    shownAt = at;
    const line = text((at - startedAt) / 1000).slice(0, (stderr.columns || 80) - 1);
    stderr.write(`\r\x1b[K${line}`);
  };
  return {
    update: (progress, expected) =>
      show('', (seconds) => progressText(label, progress, expected, seconds)),
    working: (progress) => show(progress.what, (seconds) => workText(label, progress, seconds)),
    done: () => {
      if (shownAt > 0) stderr.write('\r\x1b[K');
    },
  };
}

/** The label stands before what is done unless it says the same. */
export function workText(
  label: string,
  { what, files, totalFiles, bytes }: WorkProgress,
  seconds: number,
): string {
  const name = what === label ? label : `${label}: ${what}`;
  const share = totalFiles === 0 ? 1 : files / totalFiles;
  const rate = seconds > 0 ? `, ${formatBytes(bytes / seconds)}/s` : '';
  const left =
    seconds < 0.5 || share === 0 ? '' : `, ${((seconds / share) * (1 - share)).toFixed(0)} s left`;
  return `${name} ${bar(share)} ${formatCount(files)} of ${formatCount(totalFiles)} files${rate}${left}`;
}

export function progressText(
  label: string,
  progress: ScanProgress,
  expected: ScanProgress | null,
  seconds: number,
): string {
  const rate = seconds > 0 ? `${formatBytes(progress.bytes / seconds)}/s` : '';
  const text = `${label}: ${formatCount(progress.entries)} entries, ${formatBytes(progress.bytes)}, ${rate}`;
  if (expected === null || expected.entries === 0 || seconds < 0.5) return text;
  const share = Math.min(0.99, Math.max(progress.entries / expected.entries, 0.001));
  const left = (seconds / share) * (1 - share);
  return `${label} ${bar(share)} ${formatCount(progress.entries)} entries, ${rate}, ${left.toFixed(0)} s left`;
}

function bar(share: number): string {
  const filled = Math.round(share * 20);
  return `[${'#'.repeat(filled)}${'.'.repeat(20 - filled)}] ${Math.floor(share * 100)}%`;
}
