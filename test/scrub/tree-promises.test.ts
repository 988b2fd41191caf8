/** What scrub promises about everything that it did not plan, on random trees. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';

import fc from 'fast-check';

import type { Edit } from '../../src/core/edit.js';
import type { PlannedEdit } from '../../src/scrub/plan.js';
import { listTree, type Listed } from '../helpers/list-tree.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { EPOCH, plan, plannedDigest, scrub, setMtime, setXattr } from './support.js';

/** What rules of all kinds want to see, with something for them to do. */
const WANTED: Readonly<Record<string, string | Uint8Array>> = {
  'etc/machine-id': '0123456789abcdef0123456789abcdef\n',
  'usr/etc/machine-id': 'fedcba9876543210fedcba9876543210\n',
  'var/lib/dbus/machine-id': '0123456789abcdef0123456789abcdef\n',
  'etc/shadow': 'root:*:19000:0:99999:7:::\nuser:$y$hash:19000::::::\n',
  'usr/etc/shadow': 'daemon:!:19000:0:99999:7:::\n',
  'etc/shadow-': 'root:*:19000:0:99999:7:::\n',
  'etc/passwd-': 'root:x:0:0:root:/root:/bin/sh\n',
  'etc/.pwd.lock': '',
  'etc/resolv.conf': 'nameserver 192.0.2.1\n',
  'var/log/dpkg.log': '2020-01-01 startup\n',
  'var/log/apt/history.log': 'Start-Date: 2020-01-01\n',
  'var/log/wtmp': 'records',
  'var/log/btmp': 'records',
  'var/log/lastlog': 'records',
  'var/cache/ldconfig/aux-cache': 'cache',
  'var/cache/apt/pkgcache.bin': 'cache',
  'var/cache/debconf/templates.dat-old': 'old',
  'var/lib/dpkg/status-old': 'old',
  'var/lib/systemd/random-seed': 'seed',
  'root/.bash_history': 'ls\n',
  'tmp/left': 'x',
  'run/left': 'x',
  'usr/lib/python3/m.py': 'A=1',
  'usr/lib/python3/__pycache__/m.cpython-311.pyc': pyc(EPOCH + 7, 3),
  'usr/lib/python3/__pycache__/gone.cpython-311.pyc': pyc(EPOCH - 7, 3),
};

const FOLDERS = [
  'outside',
  'outside/d',
  ...['', 'srv', 'srv/d', 'etc', 'usr/etc', 'var/log', 'var/cache/apt', 'tmp', 'root'].map((at) =>
    at === '' ? 'root' : `root/${at}`,
  ),
];

/** Folders that are sometimes links to one outside the root. */
const REDIRECTED = ['etc', 'var/log', 'var/cache', 'tmp', 'usr/lib/python3'] as const;

type Node =
  | { readonly kind: 'file'; readonly content: Uint8Array }
  | { readonly kind: 'directory' }
  | { readonly kind: 'symlink'; readonly target: string }
  | { readonly kind: 'fifo' }
  | { readonly kind: 'link'; readonly to: number };

/** Any bytes that a name may have. */
const name = fc
  .uint8Array({ minLength: 1, maxLength: 6 })
  .map((bytes) => Buffer.from(bytes).toString('latin1').replaceAll(/[/\0]/g, '_'))
  .filter((text) => text !== '.' && text !== '..');

const node: fc.Arbitrary<Node> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('file' as const),
      content: fc.uint8Array({ maxLength: 40 }),
    }),
  },
  fc.record({ kind: fc.constant('directory' as const) }),
  fc.record({
    kind: fc.constant('symlink' as const),
    target: fc.constantFrom('.', '..', '../outside', '../../outside/d', '/etc/shadow', 'nowhere'),
  }),
  fc.record({ kind: fc.constant('fifo' as const) }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('link' as const), to: fc.nat() }) },
);

interface Attributes {
  readonly owner: number;
  readonly mode: number;
  readonly mtimeNs: bigint;
  readonly xattr: Uint8Array | null;
  readonly isCapable: boolean;
  readonly isOverlaid: boolean;
}

const attributes: fc.Arbitrary<Attributes> = fc.record({
  owner: fc.constantFrom(0, 1, 1000, 65_534),
  mode: fc.nat({ max: 0o7777 }),
  mtimeNs: fc.bigInt({ min: -1_000_000_007n, max: 2_000_000_000_999_999_999n }),
  xattr: fc.option(fc.uint8Array({ maxLength: 20 })),
  isCapable: fc.boolean(),
  isOverlaid: fc.boolean(),
});

const tree = fc.record({
  redirected: fc.option(fc.constantFrom(...REDIRECTED), { freq: 2 }),
  wanted: fc.array(
    fc.tuple(
      fc.constantFrom(...Object.keys(WANTED)),
      fc.constantFrom('file', 'file', 'file', 'link in', 'link out', 'symlink' as const),
    ),
    { minLength: 5, maxLength: 25 },
  ),
  nodes: fc.array(fc.tuple(fc.constantFrom(...FOLDERS), name, node), { maxLength: 25 }),
  attributes: fc.array(attributes, { minLength: 7, maxLength: 23 }),
});

type RandomTree = typeof tree extends fc.Arbitrary<infer T> ? T : never;

test(
  'only what is planned changes, and only as planned, in and outside a random tree',
  { skip: needsRoot() || needs('mkfifo') },
  async (t) => {
    const parent = tempFolder(t);
    const planned = { edits: 0, kinds: new Set<string>() };
    let count = 0;
    await fc.assert(
      fc.asyncProperty(tree, async (random) => {
        const base = `${parent}/${count++}`;
        build(base, random);
        const before = listTree(base);
        const { plan: made, result } = await scrub(`${base}/root`, { enable });
        const left = new Set(result.diagnostics.map(({ path }) => path));
        const [done, kept] = [false, true].map((isLeft) =>
          made.edits.filter(
            (one) => isLeft === (isSharedAttribute(one) && left.has(one.edit.path)),
          ),
        ) as [PlannedEdit[], PlannedEdit[]];
        assert.deepEqual(left, new Set(kept.map(({ edit }) => edit.path)));
        assert.equal(result.applied.length, done.length);
        planned.edits += done.length;
        for (const { edit } of done) planned.kinds.add(edit.kind);
        const after = listTree(base);
        assertAsPlanned(before, after, done);
        const again = (await plan(`${base}/root`, { enable })).edits;
        const shown = ({ edit, was }: PlannedEdit): string => `${edit.kind} ${was.ino}`;
        assert.deepEqual(new Set(again.map(shown)), new Set(kept.map(shown)));
      }),
      { numRuns: 30 },
    );
    assert.ok(planned.edits > 30);
    const kinds = ['remove', 'remove-xattr', 'rewrite', 'set-mtime', 'truncate'];
    assert.deepEqual([...planned.kinds].toSorted(), kinds);
  },
);

/** Off by default, and the only one of its kind. */
const enable = ['overlay-xattrs'];

/** An inode with names outside the root keeps its attributes: they are those of the others too. */
function isSharedAttribute({ edit, was, names }: PlannedEdit): boolean {
  return edit.kind === 'remove-xattr' && was.type !== 'directory' && was.nlink > names.length;
}

/** Everything that `before` and the edits tell about `after`. */
function assertAsPlanned(
  before: ReadonlyMap<string, Listed>,
  after: ReadonlyMap<string, Listed>,
  edits: readonly PlannedEdit[],
): void {
  const inBase = (path: string): string => (path === '' ? 'root' : `root/${path}`);
  const expected = new Map([...before].map(([path, listed]) => [path, { ...listed }]));
  const touched = new Set<string>();
  for (const { edit, names } of edits) {
    if (edit.kind === 'remove') {
      expected.delete(inBase(edit.path));
      continue;
    }
    for (const path of names.map(inBase)) {
      touched.add(path);
      const entry = expected.get(path);
      if (entry === undefined) continue;
      expected.set(path, { ...entry, ...changed(edit, entry) });
    }
  }
  assert.deepEqual([...after.keys()].toSorted(), [...expected.keys()].toSorted());
  for (const [path, { ino, nlink: _, ...was }] of expected) {
    const { ino: inoNow, nlink: nlinkNow, ...now } = after.get(path)!;
    assert.deepEqual(now, was, path);
    if (!touched.has(path)) assert.equal(inoNow, ino, path);
    if (!was.mode.startsWith('4')) assert.equal(nlinkNow, namesOf(after, inoNow).length, path);
  }
  const isRoot = (path: string): boolean => path.startsWith('root/');
  const topology = (all: ReadonlyMap<string, Listed>, kept: (path: string) => boolean): unknown =>
    [...expected.keys()]
      .filter(kept)
      .map((path) =>
        namesOf(all, all.get(path)!.ino).filter((one) => kept(one) && expected.has(one)),
      );
  assert.deepEqual(topology(after, isRoot), topology(before, isRoot));
  const isUntouched = (path: string): boolean => !touched.has(path);
  assert.deepEqual(topology(after, isUntouched), topology(before, isUntouched));
}

/** What an edit makes of an object that it leaves in its place. */
function changed(edit: Edit, { xattrs }: Listed): Partial<Listed> {
  if (edit.kind === 'set-mtime') return { mtimeNs: edit.mtimeNs };
  if (edit.kind !== 'remove-xattr') return { content: plannedDigest(edit) ?? EMPTY_DIGEST };
  return { xattrs: xattrs.filter((one) => !one.startsWith(`${edit.name}=`)) };
}

/** SHA-256 of nothing. */
const EMPTY_DIGEST = createHash('sha256').digest('hex');

function namesOf(all: ReadonlyMap<string, Listed>, ino: bigint): readonly string[] {
  return [...all].flatMap(([path, listed]) => (listed.ino === ino ? [path] : [])).toSorted();
}

/** `root` and `outside` side by side; what cannot be made where something else is already is passed over. */
function build(base: string, random: RandomTree): void {
  const at = (path: string): Buffer => Buffer.from(`${base}/${path}`, 'latin1');
  const files: string[] = ['outside/kept'];
  const fifos: Buffer[] = [];
  for (const folder of ['outside/d', 'root']) mkdirSync(at(folder), { recursive: true });
  writeFileSync(at('outside/kept'), 'kept');
  if (random.redirected !== null) {
    const { redirected } = random;
    mkdirSync(at(`outside/${redirected}`), { recursive: true });
    mkdirSync(dirname(`${base}/root/${redirected}`), { recursive: true });
    symlinkSync(`${base}/outside/${redirected}`, at(`root/${redirected}`));
  }
  for (const [path, how] of random.wanted)
    attempt(() => {
      mkdirSync(dirname(`${base}/root/${path}`), { recursive: true });
      const outside = `outside/${path.replaceAll('/', '_')}`;
      if (how === 'file') writeFileSync(at(`root/${path}`), WANTED[path]!, { flag: 'wx' });
      else writeFileSync(at(outside), WANTED[path]!, { flag: 'wx' });
      if (how === 'symlink') symlinkSync(`${base}/${outside}`, at(`root/${path}`));
      else if (how !== 'file') linkSync(at(outside), at(`root/${path}`));
      if (how === 'link in') linkSync(at(outside), at(`root/${path}.twin`));
      files.push(`root/${path}`);
    });
  for (const [folder, called, made] of random.nodes)
    attempt(() => {
      const path = `${folder}/${called}`;
      mkdirSync(at(folder), { recursive: true });
      if (made.kind === 'directory') mkdirSync(at(path));
      else if (made.kind === 'symlink') symlinkSync(made.target, at(path));
      else if (made.kind === 'link') linkSync(at(files[made.to % files.length]!), at(path));
      else if (made.kind === 'file') writeFileSync(at(path), made.content, { flag: 'wx' });
      else if (made.kind === 'fifo') fifos.push(at(path));
      if (made.kind === 'file' || made.kind === 'symlink') files.push(path);
    });
  // Programs take no names of any bytes from Node.
  const temporary = fifos.map((_, i) => `${base}/fifo-${i}`);
  if (fifos.length > 0) execFileSync('mkfifo', temporary);
  for (const [i, fifo] of fifos.entries()) {
    attempt(() => linkSync(temporary[i]!, fifo));
    unlinkSync(temporary[i]!);
  }
  for (const [i, path] of [...listTree(base).keys()].filter((one) => one !== '').entries())
    setAttributes(at(path), random.attributes[i % random.attributes.length]!);
}

function attempt(make: () => void): void {
  try {
    make();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

/** CAP_NET_RAW, permitted and effective, as setcap(8) writes it: `struct vfs_cap_data`, revision 2. */
const CAPABILITY = Buffer.from('0100000200200000000000000000000000000000', 'hex');

function setAttributes(file: Buffer, attributes: Attributes): void {
  const { owner, mode, mtimeNs, xattr, isCapable, isOverlaid } = attributes;
  const text = file.toString('latin1');
  const stat = lstatSync(file);
  // A change of owner takes the bits of mode and the capabilities away.
  lchownSync(file, owner, owner);
  if (!stat.isSymbolicLink()) chmodSync(file, mode);
  if (xattr !== null && (stat.isFile() || stat.isDirectory())) setXattr(text, 'user.b\xff', xattr);
  if (isOverlaid) setXattr(text, 'trusted.overlay.origin', new Uint8Array([0, 251]));
  if (isCapable && stat.isFile()) setXattr(text, 'security.capability', CAPABILITY);
  setMtime(text, mtimeNs);
}

/** A compiled module of Python 3.11 whose body makes no sense. */
function pyc(mtime: number, size: number): Uint8Array {
  const bytes = Buffer.alloc(20);
  [0x0a0d0da7, 0, mtime, size].forEach((word, i) => bytes.writeUInt32LE(word, i * 4));
  return bytes;
}
