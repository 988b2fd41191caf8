/** Two sources compared as `diff` compares them, without a store, with live facts and a clock that stands still. */

import { diff, type DiffRequest } from '../../src/app/diff.js';
import type { Report } from '../../src/core/report.js';
import { sampleReport } from './sample-report.js';

export function diffSources(before: string, after: string): Promise<Report> {
  return diff(sourcesRequest(before, after));
}

export function sourcesRequest(before: string, after: string): DiffRequest {
  return {
    words: [before, after],
    stream: null,
    storeLocation: 'none.db',
    exclusions: [],
    circumstances: () => sampleReport().before.facts,
    sourceDateEpoch: null,
    inspection: {
      mode: 'auto',
      keepContentBytes: null,
      freshKey: () => new Uint8Array(32),
      clock: () => 0,
      onProgress: () => {},
    },
    owners: [],
    now: () => new Date(1_700_000_000_000),
    signal: new AbortController().signal,
    onProgress: () => {},
  };
}
