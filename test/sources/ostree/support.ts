/** Repositories made by the real `ostree`, and what our source says of them. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  lchownSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import type { Diagnostic } from '../../../src/core/diagnostic.js';
import type { Entry } from '../../../src/core/entry.js';
import type { TreeRef } from '../../../src/core/manifest.js';
import { nativeCalls } from '../../../src/fs/native.js';
import { ostreeContent } from '../../../src/app/ostree-content.js';
import { openSource } from '../../../src/app/open-location.js';
import { scanTree } from '../../../src/app/scanned-tree.js';

export function ostree(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('ostree', args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  assert.equal(status, 0, `ostree ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

export function shownChecksum(repository: string, ref: string): string {
  return /ContentChecksum:\s+([0-9a-f]{64})/.exec(ostree(`--repo=${repository}`, 'show', ref))![1]!;
}

/** A file, a link, or a directory. */
export interface Sample {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly xattrs?: Readonly<Record<string, string>>;
  readonly content?: Uint8Array | string;
  readonly link?: string;
  readonly children?: Readonly<Record<string, Sample>>;
}

/** Owners are set where this process may. */
export function writeSample(path: string, sample: Sample): void {
  if (sample.children !== undefined) {
    mkdirSync(path);
    for (const [name, child] of Object.entries(sample.children))
      writeSample(join(path, name), child);
  } else if (sample.link !== undefined) symlinkSync(sample.link, path);
  else writeFileSync(path, sample.content ?? '');
  if (process.getuid?.() === 0) lchownSync(path, sample.uid ?? 0, sample.gid ?? 0);
  if (sample.link !== undefined) return;
  const fd = openSync(path, 'r');
  for (const [name, value] of Object.entries(sample.xattrs ?? {}))
    assert.equal(nativeCalls()!.setXattr(fd, name, Buffer.from(value, 'latin1')), 0, name);
  closeSync(fd);
  chmodSync(path, sample.mode ?? (sample.children === undefined ? 0o644 : 0o755));
}

export interface Scanned {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly diagnostics: readonly Diagnostic[];
}

const scanOptions = {
  digests: ['xxh64', 'sha256'] as const,
  exclusions: [],
  startedNs: 0n,
  signal: new AbortController().signal,
  onProgress: () => {},
};

export async function scanned(
  location: string,
  exclusions: readonly { readonly pattern: string; readonly reason: string }[] = [],
): Promise<Scanned> {
  const source = openSource(location);
  try {
    const tree = await scanTree(source, { ...scanOptions, exclusions });
    const entries = new Map<string, Entry>([['', tree.root.entry]]);
    const visit = async (path: string, directory: TreeRef | null): Promise<void> => {
      if (directory === null) return;
      for (const { entry, child } of await tree.entries(directory)) {
        entries.set(`${path}/${entry.name}`, entry);
        await visit(`${path}/${entry.name}`, child);
      }
    };
    await visit('', tree.root.child);
    return { entries, diagnostics: tree.diagnostics };
  } finally {
    source.close();
  }
}

/** An entry of a directory as ostree keeps it: without times, and without xattrs that have no value. */
export function asCommitted(entry: Entry): Entry {
  return { ...entry, mtimeNs: 0n, xattrs: entry.xattrs.filter(({ value }) => value !== '') };
}

export async function contentOf(location: string, isCanonical = false): Promise<string> {
  const source = openSource(location);
  try {
    const tree = await scanTree(source, scanOptions);
    const { signal } = scanOptions;
    return await ostreeContent({ tree, files: source.files, isCanonical, signal });
  } finally {
    source.close();
  }
}
