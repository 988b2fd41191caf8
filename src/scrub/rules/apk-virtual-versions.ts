/**
 * Virtual packages of apk (`apk add --virtual`): without a version of their own they get the time, and their checksum, which
 * only tells packages apart, is SHA-1 over the number of the process, the name with a NUL, and the version.
 */

import { createHash } from 'node:crypto';

import type { Edit } from '../../core/edit.js';
import type { TreePath } from '../../core/path.js';
import { readApkInstalled } from '../../formats/apk-installed.js';
import { defineRule, type PlanContext } from '../define.js';

const RULE = 'apk-virtual-versions';

export const apkVirtualVersions = defineRule({
  id: RULE,
  version: 1,
  summary:
    'Sets versions of virtual packages of apk that are later than SOURCE_DATE_EPOCH to it, in the database and in world, and makes their checksums as a process of number 0 would.',
  varies:
    'versions of virtual packages are the time of the build, their checksums hold a process number',
  rationale:
    'Off: two files change together, and a kill between them leaves apk asking for a version that is not installed until scrub has run again. Better is a version at `--virtual`, which leaves only the checksum to vary, or removing the virtual package. Packages of repositories stay: only what says of itself that it is a virtual meta package without architecture is touched. Nothing is installed or removed by version or checksum of a virtual package.',
  source: 'apk-tools src/app_add.c; docker-library/golang 532, ruby 455',
  defaultOn: false,
  timeValued: true,
  wants: ['{lib,usr/lib}/apk/db/installed'],
  *plan({ path, type }, context) {
    if (type !== 'file' || context.sourceDateEpoch === null) return;
    const bytes = context.files.read(path);
    if (bytes === null) return;
    // Throws for what is not understood to its end.
    for (const _package of readApkInstalled(bytes));
    const versions = new Map<string, string>();
    const before = Buffer.from(bytes).toString('latin1');
    const after = settled(before, apkTime(context.sourceDateEpoch), versions);
    const edit = {
      kind: 'rewrite',
      rule: RULE,
      reason: 'time and process number',
      sequence: RULE,
    } as const;
    if (after !== before) yield { ...edit, path, content: Buffer.from(after, 'latin1') };
    for (const world of WORLDS) yield* worldEdit(world as TreePath, edit, versions, context);
  },
});

const WORLDS = ['etc/apk/world', 'usr/etc/apk/world'];
/** As apk writes the time, in UTC. */
const TIME = /^[0-9]{8}\.[0-9]{6}$/;

function apkTime(seconds: number): string {
  const [date, time] = new Date(seconds * 1000).toISOString().split('T');
  return `${date!.replaceAll('-', '')}.${time!.slice(0, 8).replaceAll(':', '')}`;
}

/** Fills `versions` with what each virtual package whose version is a time has in the end. */
function settled(text: string, epoch: string, versions: Map<string, string>): string {
  const packages = text.split('\n\n').map((one) => {
    const lines = one.split('\n');
    const value = (field: string): string | null =>
      lines.find((line) => line.startsWith(`${field}:`))?.slice(2) ?? null;
    const [name, version] = [value('P'), value('V')];
    const isVirtual = value('T') === 'virtual meta package' && value('A') === 'noarch';
    if (!isVirtual || name === null || version === null || value('C')?.startsWith('Q1') !== true)
      return one;
    const settledVersion = TIME.test(version) && version > epoch ? epoch : version;
    if (TIME.test(settledVersion)) versions.set(name, settledVersion);
    const fields: Readonly<Record<string, string>> = {
      C: checksum(name, settledVersion),
      V: settledVersion,
    };
    return lines
      .map((line) => (line[0]! in fields ? `${line[0]}:${fields[line[0]!]}` : line))
      .join('\n');
  });
  return packages.join('\n\n');
}

/** Q1 stands for SHA-1. */
function checksum(name: string, version: string): string {
  const hash = createHash('sha1').update(Buffer.alloc(4));
  return `Q1${hash.update(Buffer.from(`${name}\0${version}`, 'latin1')).digest('base64')}`;
}

function* worldEdit(
  path: TreePath,
  edit: Omit<Edit & { readonly kind: 'rewrite' }, 'path' | 'content'>,
  versions: ReadonlyMap<string, string>,
  { files }: PlanContext,
): Generator<Edit> {
  const bytes = files.read(path);
  if (bytes === null) return;
  const before = Buffer.from(bytes).toString('latin1');
  const after = before.replace(/([^\s=]+)=([^\s]+)/g, (whole, name: string, version: string) => {
    const wanted = versions.get(name);
    return wanted !== undefined && TIME.test(version) ? `${name}=${wanted}` : whole;
  });
  if (after !== before) yield { ...edit, path, content: Buffer.from(after, 'latin1') };
}
