/**
 * Pairs of files that differ in one field only: how many strip-nondeterminism makes identical, and how many
 * `repro-audit normalize` does; the time for 1,000 files that need nothing; and the time for copies of the strippable files
 * of real trees: those in TREES (as in run.mjs), without it the demo root file system and node_modules. Of many files
 * STRIPPABLE (1500), evenly spread, are taken. Part of `make bench`. The pairs are those of the tests, written out by them.
 */

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const program = new URL('../dist/bin/repro-audit.js', import.meta.url).pathname;
const tests = new URL('../dist/test/scrub/normalizers/', import.meta.url).pathname;
const scratch = mkdtempSync(join(tmpdir(), 'repro-audit-pairs-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const demo = new URL('../fixtures/demo/', import.meta.url).pathname;
const nodeModules = new URL('../node_modules/', import.meta.url).pathname;
const strippableLimit = Number(process.env.STRIPPABLE ?? 1500);

const DEFAULT_EPOCH = '1700000001';
const STRIPPABLE = /\.(gz|png|pyc|jar|zip|a|mo)$/;
const hasPeer = spawnSync('sh', ['-c', 'command -v strip-nondeterminism']).status === 0;
const peer = (file, epoch) => spawnSync('strip-nondeterminism', ['-T', epoch, file]);
const ours = (files, epoch) =>
  spawnSync('node', [program, 'normalize', ...files], {
    env: { ...process.env, ...(epoch === null ? {} : { SOURCE_DATE_EPOCH: epoch }) },
    stdio: 'ignore',
  });

function dumpPairs(folder) {
  const files = readdirSync(tests).filter((name) => name.endsWith('.test.js'));
  spawnSync(
    'node',
    ['--test', '--test-name-pattern=^none$', ...files.map((name) => join(tests, name))],
    {
      env: { ...process.env, REPRO_AUDIT_DUMP_PAIRS: folder },
    },
  );
}

function comparePairs() {
  const pairs = join(scratch, 'pairs');
  dumpPairs(pairs);
  const totals = { pairs: 0, peer: 0, ours: 0 };
  console.log(`\n${row('pairs that differ in one field', 'pairs', 'peer', 'ours')}`);
  for (const id of readdirSync(pairs).toSorted()) {
    const folder = join(pairs, id);
    const numbers = readdirSync(folder);
    let [equalPeer, equalOurs] = [0, 0];
    for (const number of numbers) {
      if (
        hasPeer &&
        madeEqual(join(folder, number), (files, epoch) =>
          files.forEach((file) => peer(file, epoch ?? DEFAULT_EPOCH)),
        )
      )
        equalPeer++;
      if (madeEqual(join(folder, number), ours)) equalOurs++;
    }
    totals.pairs += numbers.length;
    totals.peer += equalPeer;
    totals.ours += equalOurs;
    console.log(row(id, numbers.length, hasPeer ? equalPeer : '-', equalOurs));
  }
  console.log(row('all', totals.pairs, hasPeer ? totals.peer : 'not installed', totals.ours));
}

function madeEqual(pair, normalize) {
  const copy = join(scratch, 'copy');
  rmSync(copy, { recursive: true, force: true });
  cpSync(pair, copy, { recursive: true });
  const epoch = existsSync(join(copy, 'epoch')) ? readFileSync(join(copy, 'epoch'), 'utf8') : null;
  const files = ['before', 'after'].map((side) =>
    join(copy, side, readdirSync(join(copy, side))[0]),
  );
  normalize(files, epoch);
  return readFileSync(files[0]).equals(readFileSync(files[1]));
}

function timeNothingToDo() {
  const folder = join(scratch, 'normal');
  mkdirSync(folder);
  const files = Array.from({ length: 1000 }, (_, i) => join(folder, `file-${i}.gz`));
  for (const [i, file] of files.entries()) writeFileSync(file, gzipSync(`content ${i}`));
  ours(files, DEFAULT_EPOCH);
  const mine = seconds(() => ours(files, DEFAULT_EPOCH)).toFixed(2);
  const theirs = hasPeer ? `${seconds(() => peerAll(files)).toFixed(2)} s` : 'not installed';
  console.log(`\n1,000 files that need nothing: peer ${theirs}, ours ${mine} s (reach 0.5)`);
}

function timeStrippable() {
  const trees = process.env.TREES?.split(' ') ?? [unpackedDemo(), nodeModules];
  const all = trees.flatMap(strippableFiles);
  const step = Math.max(1, all.length / strippableLimit);
  const chosen = Array.from(
    { length: Math.min(all.length, strippableLimit) },
    (_, i) => all[Math.floor(i * step)],
  );
  const copies = (side) =>
    chosen.map((file, i) => {
      const copy = join(scratch, side, String(i), basename(file));
      mkdirSync(dirname(copy), { recursive: true });
      cpSync(file, copy, { preserveTimestamps: true });
      return copy;
    });
  const ofAll = chosen.length < all.length ? ` of ${all.length}` : '';
  const title = `${chosen.length}${ofAll} strippable files in ${trees.length === 1 ? 'one tree' : `${trees.length} trees`}`;
  if (chosen.length === 0) return console.log(`${title}: nothing to measure`);
  const [forOurs, forPeer] = [copies('ours'), copies('peer')];
  // What a program changed shows that it ran: one that fails at once is fast.
  const changed = (copied) =>
    copied.filter((copy, i) => !readFileSync(copy).equals(readFileSync(chosen[i]))).length;
  const mine = seconds(() => ours(forOurs, DEFAULT_EPOCH));
  const oursDid = `ours ${mine.toFixed(2)} s (${changed(forOurs)} changed)`;
  if (!hasPeer) return console.log(`${title}: peer not installed, ${oursDid}`);
  const theirs = seconds(() => peerAll(forPeer));
  const peerDid = `peer ${theirs.toFixed(2)} s (${changed(forPeer)} changed)`;
  console.log(`${title}: ${peerDid}, ${oursDid}, peer/ours ${(theirs / mine).toFixed(1)}`);
}

function unpackedDemo() {
  const folder = join(scratch, 'demo');
  mkdirSync(folder);
  const archives = readdirSync(demo).filter((name) => /\.tar(\.\w+)?$/.test(name));
  for (const name of archives.toSorted().slice(0, 1))
    spawnSync('tar', ['-xf', join(demo, name), '-C', folder, '--no-same-owner']);
  return folder;
}

function strippableFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && STRIPPABLE.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .toSorted();
}

function peerAll(files) {
  return spawnSync('strip-nondeterminism', ['-T', DEFAULT_EPOCH, ...files], { stdio: 'ignore' });
}

function seconds(run) {
  const start = performance.now();
  run();
  return (performance.now() - start) / 1000;
}

function row(first, ...cells) {
  return first.padEnd(34) + cells.map((cell) => String(cell).padStart(14)).join('');
}

comparePairs();
timeNothingToDo();
timeStrippable();
