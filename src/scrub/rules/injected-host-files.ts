/** Files that container tools put in place for a build, and that stay behind empty when their mounts are gone. */

import { baseName } from '../../core/path.js';
import { defineRule } from '../define.js';

/** Say by being there that this is a container; the tools write details of the build into them. */
const MARKERS: ReadonlySet<string> = new Set(['.containerenv', '.dockerenv']);

export const injectedHostFiles = defineRule({
  id: 'injected-host-files',
  version: 1,
  summary:
    'Removes empty /etc/hostname, /etc/hosts and /etc/resolv.conf, and the markers of container tools.',
  varies: 'mount targets and markers of the container tool of the build',
  rationale:
    'Off: whether the files are there depends on the tool, but an empty one may be meant. Files with content are never touched.',
  source: 'bootc lint buildah-injected; rechunk',
  defaultOn: false,
  strict: true,
  timeValued: false,
  notInPlace: true,
  wants: ['etc/{hostname,hosts,resolv.conf}', 'run/.containerenv', '.dockerenv'],
  *plan({ path, type, size }) {
    if (type !== 'file' || (size > 0 && !MARKERS.has(baseName(path)))) return;
    yield { kind: 'remove', rule: 'injected-host-files', path, reason: 'left by a container tool' };
  },
});
