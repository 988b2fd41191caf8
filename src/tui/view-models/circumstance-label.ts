/** Names of build facts for people. */

import type { CircumstanceChange } from '../../core/report.js';
import { safeText } from '../text/safe.js';

const FACTS: Readonly<Record<string, string>> = {
  startedAt: 'start time',
  endedAt: 'end time',
  sourceDateEpoch: 'SOURCE_DATE_EPOCH',
  hostName: 'host name',
  uid: 'user id',
  gid: 'group id',
  cwd: 'working directory',
  tmpDir: 'TMPDIR',
  timeZone: 'time zone',
  cpuCount: 'CPU count',
  cpuModel: 'CPU model',
  bootId: 'boot id',
  fileSystem: 'file system',
  source: 'source path',
};

const PREFIXES = {
  facts: '',
  environment: '$',
  'os-release': 'os-release ',
  meta: 'meta ',
  packages: '',
  tools: '',
} as const satisfies Record<CircumstanceChange['group'], string>;

/** `host name`, `$LANG`, `meta rpm-ostree-inputhash`, `rpm:bash.x86_64`, `node` */
export function circumstanceLabel({
  group,
  name,
}: Pick<CircumstanceChange, 'group' | 'name'>): string {
  return PREFIXES[group] + safeText(group === 'facts' ? (FACTS[name] ?? name) : name);
}
