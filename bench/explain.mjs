/**
 * What explaining costs and what it names, beside diffoscope, on the same pairs in one run: pairs that are made here, and
 * those in PAIRS ("before:after before:after", directories). Our side takes two snapshots and is then measured in the diff
 * alone, as it is used; the snapshots are printed too. diffoscope is stopped after DIFFOSCOPE_SECONDS (default 200). Part of
 * `make bench`.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const limit = Number(process.env.DIFFOSCOPE_SECONDS ?? 200);
const program = new URL('../dist/bin/repro-audit.js', import.meta.url).pathname;
const measureScript = new URL('measure.py', import.meta.url).pathname;
const demo = new URL('../fixtures/demo/', import.meta.url).pathname;
const scratch = mkdtempSync(join(tmpdir(), 'repro-audit-explain-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const hasPeer = spawnSync('sh', ['-c', 'command -v diffoscope']).status === 0;
if (!hasPeer) console.log('diffoscope is not installed: left out');

console.log(
  `\n${row('pair', 'ours: diff', 'snapshots', 'findings', 'explained', 'diffoscope', 'its report')}`,
);
for (const [name, before, after] of [...madePairs(), ...namedPairs()]) compare(name, before, after);

function* madePairs() {
  yield ['demo root file system', unpacked('a'), unpacked('b')];
  yield ['two equal trees, 3,200 files, 50 MB', ...manyFiles('equal', 3200, 16_000, 0)];
  yield ['5,000 files, mtimes alone', ...manyFiles('mtimes', 5000, 200, 1)];
  const elf = largeElf();
  if (elf !== null) yield ['one bit of the build-id of a large ELF', ...elf];
}

function* namedPairs() {
  for (const pair of (process.env.PAIRS ?? '').split(' ').filter(Boolean)) {
    const [before, after] = pair.split(':');
    yield [`${basename(before)}, ${basename(after)}`, before, after];
  }
}

function compare(name, before, after) {
  const store = join(scratch, 'store.db');
  rmSync(store, { force: true });
  const ours = (...words) => measure(['node', program, ...words, '--db', store]);
  const record = (tree, build) => ours('snapshot', tree, '--build', build, '--no-cache');
  const snapshots = [record(before, 'before'), record(after, 'after')];
  const json = join(scratch, 'report.json');
  const diff = ours('diff', 'before', 'after', '--inspect', 'none', '--format', 'json', '-o', json);
  const report = JSON.parse(readFileSync(json, 'utf8'));
  const text = join(scratch, 'diffoscope.txt');
  rmSync(text, { force: true });
  const peer = hasPeer
    ? measure(['timeout', String(limit), 'diffoscope', '--text', text, before, after])
    : null;
  const said = peer === null ? '' : reportOf(peer, text);
  console.log(
    row(
      name,
      cost(diff),
      snapshots.map(cost).join(' '),
      String(report.findings.length),
      explainedShare(report),
      peer === null ? '-' : cost(peer),
      said,
    ),
  );
}

/** Share of the bytes of changed files whose every difference has a cause with high or medium confidence. */
function explainedShare({ changes }) {
  const files = changes.filter(({ attributes }) =>
    attributes.some(({ attribute }) => attribute === 'content'),
  );
  const bytes = (some) => some.reduce((sum, { after }) => sum + (after?.size ?? 0), 0);
  const explained = files.filter(({ explanation }) => explanation?.status === 'explained');
  if (files.length === 0) return 'no contents differ';
  const share = ((100 * bytes(explained)) / bytes(files)).toFixed(1);
  return `${explained.length}/${files.length} files, ${share} % of bytes`;
}

function reportOf({ status }, text) {
  if (status === 124) return `none in ${limit} s`;
  const size = statSync(text, { throwIfNoEntry: false })?.size ?? 0;
  return `exit ${status}, ${(size / 1024).toFixed(0)} KB`;
}

function unpacked(side) {
  const folder = join(scratch, `demo-${side}`);
  mkdirSync(folder);
  execFileSync('tar', ['-xzf', join(demo, `${side}.tar.gz`), '-C', folder]);
  return folder;
}

/** Two folders of files with equal contents; times are `seconds` apart. */
function manyFiles(name, count, bytes, seconds) {
  return ['a', 'b'].map((side, which) => {
    const folder = join(scratch, `${name}-${side}`);
    for (let i = 0; i < count; i++) {
      const directory = join(folder, `d${i % 50}`);
      if (i < 50) mkdirSync(directory, { recursive: true });
      const file = join(directory, `f${i}`);
      writeFileSync(file, Buffer.alloc(bytes, `file ${i}\n`));
      utimesSync(file, 1_700_000_000, 1_700_000_000 + which * seconds);
    }
    for (let i = 0; i < 50; i++) utimesSync(join(folder, `d${i}`), 1_700_000_000, 1_700_000_000);
    utimesSync(folder, 1_700_000_000, 1_700_000_000);
    return folder;
  });
}

/** The node program itself, some 100 MB, with one bit of its build-id changed on one side. */
function largeElf() {
  const folders = ['a', 'b'].map((side) => join(scratch, `elf-${side}`));
  for (const folder of folders) {
    mkdirSync(folder);
    copyFileSync(process.execPath, join(folder, 'program'));
    utimesSync(join(folder, 'program'), 1_700_000_000, 1_700_000_000);
  }
  const changed = join(folders[1], 'program');
  const file = openSync(changed, 'r+');
  const head = Buffer.alloc(64 * 1024);
  readSync(file, head, 0, head.length, 0);
  // Note of owner GNU and type 3: 20 bytes of description.
  const note = head.indexOf(Buffer.from('040000001400000003000000474e5500', 'hex'));
  if (note >= 0) {
    head[note + 16] ^= 1;
    writeSync(file, head, note + 16, 1, note + 16);
  }
  closeSync(file);
  utimesSync(changed, 1_700_000_000, 1_700_000_000);
  for (const folder of folders) utimesSync(folder, 1_700_000_000, 1_700_000_000);
  return note < 0 ? null : folders;
}

function measure(command) {
  const { stdout } = spawnSync('python3', [measureScript, ...command], { encoding: 'utf8' });
  return JSON.parse(stdout);
}

function cost({ wall, user, sys, rssKb }) {
  return `${wall.toFixed(2)} s (${(user + sys).toFixed(2)} CPU) ${(rssKb / 1024).toFixed(0)} MB`;
}

function row(...cells) {
  const widths = [40, 28, 58, 10, 34, 28, 20];
  return cells.map((cell, i) => cell.padEnd(widths[i])).join('');
}
