/** One line on stderr that tells how a scan goes; only when that is a terminal. */

import type { ScanProgress } from '../sources/define.js';
import { formatBytes, formatCount } from '../util/format.js';

const INTERVAL_MS = 100;

export interface ProgressLine {
  /** `expected` is what the last build of the stream had; it gives the remaining time. */
  update(progress: ScanProgress, expected: ScanProgress | null): void;
  /** Takes the line away. */
  done(): void;
}

export function createProgressLine(
  stderr: NodeJS.WriteStream,
  label: string,
  now: () => number,
): ProgressLine {
  if (stderr.isTTY !== true) return { update: () => {}, done: () => {} };
  const startedAt = now();
  let shownAt = 0;
  return {
    update: (progress, expected) => {
      const at = now();
      if (at - shownAt < INTERVAL_MS) return;
      shownAt = at;
      stderr.write(
        `\r\x1b[K${progressText(label, progress, expected, (at - startedAt) / 1000).slice(0, (stderr.columns || 80) - 1)}`,
      );
    },
    done: () => {
      if (shownAt > 0) stderr.write('\r\x1b[K');
    },
  };
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
  const filled = Math.round(share * 20);
  const left = (seconds / share) * (1 - share);
  return `${label} [${'#'.repeat(filled)}${'.'.repeat(20 - filled)}] ${Math.floor(share * 100)}% ${formatCount(progress.entries)} entries, ${rate}, ${left.toFixed(0)} s left`;
}
