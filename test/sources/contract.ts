/** What every source promises: the same tree gives the same manifest, but for what the capture set says is not carried. */

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  closeSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

import type { CaptureSet } from '../../src/core/capture.js';
import type { Diagnostic } from '../../src/core/diagnostic.js';
import type { Entry } from '../../src/core/entry.js';
import { unpackDirectory, type PackedDirectory } from '../../src/core/packed-directory.js';
import { joinPath } from '../../src/core/path.js';
import type { OpenSource } from '../../src/sources/define.js';
import { tempFolder } from '../helpers/temp-tree.js';

export interface ContractEntry {
  readonly type: string;
  readonly mode: number;
  readonly uid: number | null;
  readonly gid: number | null;
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly target: string | null;
  readonly rdev: string | null;
  readonly xattrs: readonly string[];
  readonly sha256: string | null;
  /** All names of the inode, where there are several. */
  readonly links: string | null;
}

export interface Manifest {
  readonly entries: ReadonlyMap<string, ContractEntry>;
  readonly capture: CaptureSet;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a source to its end and closes it. */
export async function manifestOf(source: OpenSource): Promise<Manifest> {
  const options = { digests: ['xxh64', 'sha256'] as const, exclusions: [] };
  const { signal } = new AbortController();
  const directories: PackedDirectory[] = [];
  const diagnostics: Diagnostic[] = [];
  try {
    await source.prepare?.({ ...options, signal, progress: () => {} });
    const result = await source.scan(
      { ...options, statCacheFile: null, startedNs: 0n, signal },
      {
        directory: (directory) => void directories.push(directory),
        diagnostic: (diagnostic) => void diagnostics.push(diagnostic),
        progress: () => {},
      },
    );
    const links = linksOf(directories);
    const entries = new Map<string, ContractEntry>();
    entries.set('', entryOf(result.root, null));
    for (const directory of directories)
      [...unpackDirectory(directory)].forEach((entry, i) => {
        const path = joinPath(directory.path, entry.name);
        const whole = { ...entry, mtimeNs: directory.mtimesNs[i]! };
        entries.set(path, entryOf(whole, links.get(path) ?? null));
      });
    return { entries, capture: result.capture, diagnostics };
  } finally {
    source.close();
  }
}

/** `manifest` with nothing in it that one of the captures does not have, as plain values in the order of the paths. */
export function carriedBy(
  { entries }: Manifest,
  captures: readonly CaptureSet[],
  leaveOut: (path: string) => boolean = () => false,
): Record<string, unknown> {
  const all = (has: (capture: CaptureSet) => boolean): boolean => captures.every(has);
  const step = BigInt(Math.max(...captures.map(({ mtimeResolution = 1 }) => mtimeResolution)));
  const withXattrs = all(({ xattrs }) => xattrs === 'all' || xattrs === 'unprivileged');
  const carried = ([path, entry]: [string, ContractEntry]): [string, unknown] => [
    `/${path}`,
    {
      ...entry,
      ...(all(({ ownership }) => ownership) ? {} : { uid: null, gid: null }),
      mtimeNs: String(entry.mtimeNs - (((entry.mtimeNs % step) + step) % step)),
      xattrs: withXattrs ? entry.xattrs : [],
      links: all(({ hardLinks }) => hardLinks) ? entry.links : null,
    },
  ];
  return Object.fromEntries(
    [...entries]
      .filter(([path]) => !leaveOut(path))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(carried),
  );
}

function entryOf(
  entry: Omit<Entry, 'name' | 'link' | 'coverage' | 'xxh64'>,
  links: string | null,
): ContractEntry {
  const { type, mode, uid, gid, size, mtimeNs, target, rdev, xattrs, sha256 } = entry;
  return {
    type,
    mode,
    uid,
    gid,
    size,
    mtimeNs,
    target,
    rdev: rdev === null ? null : `${rdev.major}:${rdev.minor}`,
    xattrs: xattrs.map(({ name, value }) => `${name}=${value}`),
    sha256: sha256 === null ? null : Buffer.from(sha256).toString('hex'),
    links,
  };
}

function linksOf(directories: readonly PackedDirectory[]): ReadonlyMap<string, string> {
  const byInode = new Map<string, string[]>();
  for (const { path, multiplyLinked } of directories)
    for (const { name, inode } of multiplyLinked)
      byInode.set(inode, [...(byInode.get(inode) ?? []), joinPath(path, name)]);
  const sets = [...byInode.values()].filter((names) => names.length > 1);
  return new Map(
    sets.flatMap((names) => names.map((name) => [name, names.toSorted().join(' ')] as const)),
  );
}

/** Names that make trouble: latin1 bytes, one character each. */
const NAMES = [
  'plain',
  'empty',
  '-dash',
  'with space',
  'line\nbreak',
  'back\\slash',
  'utf8-\xc3\xa4',
  'bytes-\xff\xfe',
  `long-${'n'.repeat(120)}`,
  `deep/${'d'.repeat(90)}/${'e'.repeat(90)}/${'f'.repeat(90)}/leaf`,
];

/** Times that formats cut, round or cannot say: by path, as `touch -d` takes them. */
const TIMES: Readonly<Record<string, string>> = {
  plain: '@1700000000.123456789',
  empty: '@1700000001.5',
  '-dash': '@-1.5',
  'with space': '@0',
};

export interface ContractOptions {
  /** Devices (as root), FIFOs, negative times, setuid: false where the writer at hand stumbles over them. */
  readonly special?: boolean;
}

/** A tree with one of everything. */
export function contractTree(t: TestContext, { special = true }: ContractOptions = {}): string {
  const root = join(tempFolder(t), 'root');
  const at = (name: string): Buffer => Buffer.from(join(root, name), 'latin1');
  mkdirSync(root);
  for (const name of NAMES) {
    mkdirSync(at(dirname(name)), { recursive: true });
    writeFileSync(at(name), name === 'empty' ? '' : `content of ${name}\n`.repeat(40), 'latin1');
  }
  writeFileSync(at('large'), Buffer.alloc(3 * 1024 * 1024 + 7, 'large '));
  const fd = openSync(at('sparse'), 'w');
  writeSync(fd, 'island', 1024 * 1024);
  writeSync(fd, 'other', 2 * 1024 * 1024 + 5);
  ftruncateSync(fd, 4 * 1024 * 1024 + 3);
  closeSync(fd);
  mkdirSync(at('folder/nothing'), { recursive: true });
  symlinkSync('../plain', at('folder/link'));
  symlinkSync('t'.repeat(150), at('long-link'));
  symlinkSync(Buffer.from('to-\xff', 'latin1'), at('byte-link'));
  linkSync(at('large'), at('folder/large'));
  linkSync(at('large'), at('a-large'));
  run('setfattr', '-n', 'user.contract', '-v', '0x00ff0a3d', join(root, 'plain'));
  if (special) {
    run('mkfifo', join(root, 'fifo'));
    chmodSync(at('plain'), 0o4755);
    chmodSync(at('folder'), 0o1777);
    if (process.getuid?.() === 0) {
      run('mknod', join(root, 'char'), 'c', '5', '1');
      run('mknod', join(root, 'block'), 'b', '7', '200');
      chownSync(at('empty'), 1234, 5678);
    }
  }
  for (const [name, time] of Object.entries(TIMES))
    if (special || !time.startsWith('@-')) run('touch', '-d', time, '--', join(root, name));
  run('touch', '-d', '@1600000000.25', join(root, 'folder'), root);
  return root;
}

/** Runs a program and throws what it complains of. */
export function run(program: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${status} ${stderr}`);
}

/** The same in a shell, in a folder. */
export function runIn(folder: string, script: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync('bash', ['-euc', script, 'bash', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${script}: ${status} ${stderr}`);
}
