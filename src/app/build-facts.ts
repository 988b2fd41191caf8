/** The build facts: circumstances of the machine, and what the audited tree says of itself. */

import type { BuildFacts } from '../core/build.js';
import { treePathFromText } from '../core/path.js';
import type { TreeFiles } from '../core/tree-files.js';
import { parseOsRelease } from '../formats/os-release.js';

/** The outside half of the build facts, gathered by the command line. */
export type Circumstances = Omit<
  BuildFacts,
  'startedAt' | 'endedAt' | 'sourceDateEpoch' | 'fileSystem' | 'osRelease' | 'source'
>;

/** Fields of the first os-release file of a tree (os-release(5)); empty when there is none. */
export function readOsRelease(files: TreeFiles): Readonly<Record<string, string>> {
  for (const path of ['etc/os-release', 'usr/lib/os-release', 'usr/etc/os-release']) {
    try {
      const bytes = files.read(treePathFromText(path));
      if (bytes !== null) return parseOsRelease(Buffer.from(bytes).toString('utf8'));
    } catch {
      // An os-release that cannot be read is in the scan's diagnostics; the stream gets its fall-back name.
    }
  }
  return {};
}

/** The stream of a tree: ID-VERSION_ID-VARIANT_ID and the architecture, as far as known. */
export function defaultStream(
  osRelease: Readonly<Record<string, string>>,
  architecture: string,
): string {
  const parts = [osRelease['ID'], osRelease['VERSION_ID'], osRelease['VARIANT_ID'], architecture];
  const named = parts
    .filter((part) => part !== undefined && part !== '')
    .map((part) => part!.replace(/[^A-Za-z0-9._+]/g, '_'));
  return osRelease['ID'] === undefined ? `unknown-${architecture}` : named.join('-');
}
