import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { openSource } from '../../../src/app/open-location.js';
import type { CaptureSet } from '../../../src/core/capture.js';
import type { Entry } from '../../../src/core/entry.js';
import { sources } from '../../../src/sources/index.js';
import { needs } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { contractTree, runIn } from '../contract.js';
import { entriesOf, saidOf, scanned } from './lists.js';

interface Lister {
  readonly title: string;
  readonly needs: readonly string[];
  readonly id: string;
  /** In the tree; `$1` is the list, `$2` a folder for what else is needed. */
  readonly script: string;
  readonly carries: Partial<CaptureSet>;
  /** What this program is known to leave out or to write otherwise. */
  readonly leaveOut?: (path: string, entry: Entry) => boolean;
}

/** The file with a time before 1970, of which bsdtar writes 1.5 s before as -2.5 with the wrong half. */
const isEarly = (path: string): boolean => path === '-dash';
const AIDE_RULES = 'ftype+p+u+g+s+m+l+n+sha256+md5+xattrs';
const aideScript = (gzip: string): string =>
  `printf '%s\\n' "database_out=file:$1" gzip_dbout=${gzip} "root_prefix=$PWD" '/ ${AIDE_RULES}' >"$2/conf"; aide --init -c "$2/conf"`;

const LISTERS: readonly Lister[] = [
  {
    title: 'mtree -c',
    needs: ['mtree'],
    id: 'mtree',
    script: 'mtree -c -k all,sha256 -p . >"$1"',
    carries: { digests: ['sha256'], mtime: true, ownership: true },
  },
  {
    title: 'mtree -C',
    needs: ['mtree'],
    id: 'mtree',
    script: 'mtree -c -k all,sha256 -p . >"$2/one"; mtree -C -k all,sha256 -f "$2/one" >"$1"',
    carries: { digests: ['sha256'], mtime: true, ownership: true },
  },
  {
    title: 'bsdtar with whole paths',
    needs: ['bsdtar'],
    id: 'mtree',
    script: 'bsdtar -c --format=mtree --options="!all,all" -f "$1" .',
    carries: { digests: ['sha256'], mtime: true, ownership: true },
    leaveOut: isEarly,
  },
  {
    title: 'bsdtar with settings and indentation',
    needs: ['bsdtar'],
    id: 'mtree',
    script: 'bsdtar -c --format=mtree --options="use-set,indent,sha256" -f "$1" .',
    carries: { digests: ['sha256'], mtime: true, ownership: true },
    leaveOut: isEarly,
  },
  {
    title: 'bsdtar with MD5 alone',
    needs: ['bsdtar'],
    id: 'mtree',
    script: 'bsdtar -c --format=mtree --options="!all,type,md5" -f "$1" .',
    carries: { digests: [], mtime: false, ownership: false, otherDigests: ['md5'] },
  },
  {
    title: 'aide',
    needs: ['aide'],
    id: 'aide',
    script: aideScript('no'),
    carries: { digests: ['sha256'], mtime: true, mtimeResolution: 1e9, ownership: true },
  },
  {
    title: 'aide, compressed',
    needs: ['aide'],
    id: 'aide',
    script: aideScript('yes'),
    carries: { digests: ['sha256'], mtime: true, mtimeResolution: 1e9, ownership: true },
  },
  {
    title: 'sha256sum',
    needs: ['sha256sum'],
    id: 'sha256sums',
    script: 'find . -type f -print0 | xargs -0 sha256sum >"$1"',
    carries: { digests: ['sha256'], lists: 'contents', mtime: false },
  },
  {
    title: 'sha256sum --tag',
    needs: ['sha256sum'],
    id: 'sha256sums',
    script: 'find . -type f -print0 | xargs -0 sha256sum --tag >"$1"',
    carries: { digests: ['sha256'], lists: 'contents', mtime: false },
  },
  {
    title: 'sha256sum --zero',
    needs: ['sha256sum'],
    id: 'sha256sums',
    script: 'find . -type f -print0 | xargs -0 sha256sum --zero >"$1"',
    carries: { digests: ['sha256'], lists: 'contents', mtime: false },
  },
];

for (const { title, needs: programs, id, script, carries, leaveOut } of LISTERS)
  test(`the list of ${title} says what the tree says`, { skip: needs(...programs) }, async (t) => {
    const root = contractTree(t);
    const file = join(tempFolder(t), 'list');
    runIn(root, script, file, tempFolder(t));
    assert.equal(sources.find((source) => source.claims(file))?.id, id);
    const [tree, list] = [await scanned(openSource(root)), await scanned(openSource(file))];
    assert.deepEqual(list.diagnostics, []);
    for (const [key, value] of Object.entries(carries))
      assert.deepEqual(list.capture[key as keyof CaptureSet], value, key);
    const [all, listed] = [await entriesOf(tree), await entriesOf(list)];
    const expected = [...all].filter(
      ([, { type }]) => list.capture.lists !== 'contents' || type === 'file',
    );
    let known = 0;
    for (const [path, entry] of expected) {
      const its = listed.get(path);
      assert.ok(its !== undefined, path);
      if (leaveOut?.(path, entry) === true) continue;
      const said = saidOf(its, its, list);
      known += Object.keys(said).length;
      assert.deepEqual(said, saidOf(entry, its, list), path);
    }
    assert.ok(known > expected.length, 'something is said of entries');
    for (const path of listed.keys()) assert.ok(all.has(path), path);
  });

/** A program that checks a list against a tree: in the tree, `$1` is the list, `$2` a folder. */
const CHECKERS = [
  { format: 'mtree', needs: ['mtree'], script: 'mtree -f "$1" -p .' },
  {
    format: 'mtree',
    needs: ['bsdtar'],
    script: 'test "$(bsdtar -tf "$1" | wc -l)" = "$(find . -printf x | wc -c)"',
  },
  {
    format: 'aide',
    needs: ['aide'],
    script: `printf '%s\\n' "database_in=file:$1" "root_prefix=$PWD" '/ f ftype+p+u+g+s+m+sha256' '/ l ftype+p+u+g+m+l' '/ d,p,c,b,s ftype+p+u+g+m' >"$2/conf"; aide --check -c "$2/conf" >&2`,
  },
  {
    format: 'aide',
    needs: ['aide'],
    script: `printf '%s\\n' "database_in=file:$1" "database_new=file:$1" '/ ftype+p+u+g+m+l+sha256' >"$2/conf"; aide --compare -c "$2/conf" >&2`,
  },
  { format: 'sha256sums', needs: ['sha256sum'], script: 'sha256sum --check --strict --quiet "$1"' },
] as const;

for (const { format, needs: programs, script } of CHECKERS)
  test(
    `${programs.join()} agrees with what is exported as ${format}: ${script.slice(0, 24)}`,
    { skip: needs(...programs) },
    async (t) => {
      const root = contractTree(t);
      const file = await exportedFile(t, root, format);
      runIn(root, script, file, tempFolder(t));
      if (!script.includes('bsdtar') && !script.includes('--compare')) {
        writeFileSync(join(root, 'plain'), 'other');
        assert.throws(() => runIn(root, script, file, tempFolder(t)));
      }
    },
  );

for (const format of ['mtree', 'aide', 'composefs-dump', 'sha256sums'] as const)
  test(`what is exported as ${format} and read again is the tree, less what the list cannot say`, async (t) => {
    const root = contractTree(t);
    const file = await exportedFile(t, root, format);
    assert.equal(sources.find((source) => source.claims(file))?.id, format);
    const [tree, list] = [await scanned(openSource(root)), await scanned(openSource(file))];
    assert.deepEqual(list.diagnostics, []);
    const [all, listed] = [await entriesOf(tree), await entriesOf(list)];
    for (const [path, entry] of listed)
      assert.deepEqual(saidOf(entry, entry, list), saidOf(all.get(path)!, entry, list), path);
    const files = [...all.values()].filter(({ type }) => type === 'file').length;
    assert.ok(format === 'sha256sums' ? listed.size >= files : listed.size === all.size);
    // Once more: what the list says is written as it was.
    if (format === 'aide' || format === 'sha256sums' || format === 'mtree') {
      const again = await exportedFile(t, `${format}:${file}`, format);
      assert.equal(readFileSync(again, 'latin1'), readFileSync(file, 'latin1'));
    }
  });

async function exportedFile(
  t: TestContext,
  word: string,
  format: 'mtree' | 'aide' | 'composefs-dump' | 'sha256sums',
): Promise<string> {
  const { exportTree } = await import('../../../src/app/export.js');
  const pieces: string[] = [];
  const { diagnostics } = await exportTree({
    word,
    format,
    storeLocation: ':memory:',
    platforms: {},
    exclusions: [],
    startedNs: 0n,
    signal: new AbortController().signal,
    onProgress: () => {},
    write: (latin1) => Promise.resolve(void pieces.push(latin1)),
  });
  assert.deepEqual(diagnostics, []);
  const file = join(tempFolder(t), 'exported');
  writeFileSync(file, pieces.join(''), 'latin1');
  return file;
}
