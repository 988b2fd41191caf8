/** A report on builds of three artifacts: one that differs, one that is the same, one that only the build after has. */

import type { Report } from '../../src/core/report.js';
import { sampleReport } from './sample-report.js';

export function severalArtifacts(): Report {
  const main = sampleReport();
  const same: Report = {
    ...main,
    artifact: { name: 'live-initramfs', role: 'initramfs' },
    verdict: 'same',
    complete: true,
    changes: [],
    findings: [],
    circumstances: [],
    remarks: [],
    diagnostics: [],
    notCompared: [],
  };
  return {
    ...main,
    artifacts: [
      { ...same.artifact, side: 'both', isAsked: true, report: same },
      { name: 'odd \u001b[31m\u202e', role: 'archive', side: 'after', isAsked: true, report: null },
    ],
  };
}
