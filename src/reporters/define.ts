/** A way to write a report down. Implementations live beside this file and are listed in `index.ts`. */

import type { Report } from '../core/report.js';

/** Takes text piece by piece; a promise holds the reporter back until there is room. */
export interface TextSink {
  write(text: string): void | Promise<void>;
}

export interface ReporterOptions {
  /** Escape sequences for a terminal; no meaning depends on them. Off when absent. */
  readonly color?: boolean;
  /** Paths that a list shows before it is cut, ten times as many of changed contents; 10 when absent, null: all. */
  readonly maxPaths?: number | null;
}

export interface Reporter {
  /** Value of `--format`. */
  readonly id: string;
  readonly mediaType: string;
  /** Of a file that holds such a report, without the dot. */
  readonly extension: string;
  /** Writes the same bytes for the same report. Rejects with what the sink throws. */
  write(report: Report, sink: TextSink, options?: ReporterOptions): Promise<void>;
}

export function defineReporter(reporter: Reporter): Reporter {
  return reporter;
}
