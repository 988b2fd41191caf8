/**
 * What `snapshot --inspect auto` costs over `--inspect none`: CPU seconds (user and system, all threads) and wall time, medians of
 * ROUNDS (default 5) interleaved rounds. The first build goes into an empty store; the second, of the same tree or of SECOND, into
 * the store with the first. No stat cache: every file is read. TREES (as in run.mjs) says which trees, without it the demo's. Then
 * archives of MEMBERS (100,000) small files: recording one, recording another with new times, and the diff. Part of `make bench`.
 * PROGRAM is another bundle to measure.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const rounds = Number(process.env.ROUNDS ?? 5);
const members = Number(process.env.MEMBERS ?? 100_000);
const program =
  process.env.PROGRAM ?? new URL('../dist/bin/repro-audit.js', import.meta.url).pathname;
const measureScript = new URL('measure.py', import.meta.url).pathname;
const demo = new URL('../fixtures/demo/a.tar.gz', import.meta.url).pathname;
const scratch = mkdtempSync(join(tmpdir(), 'repro-audit-inspection-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

for (const tree of process.env.TREES?.split(' ') ?? [unpacked(demo)]) benchTree(tree);
if (members > 0) for (const kind of ['cpio', 'tar']) benchArchive(kind);

function unpacked(archive) {
  const folder = join(scratch, 'demo');
  mkdirSync(folder);
  spawnSync('tar', ['-xzf', archive, '-C', folder]);
  return folder;
}

function benchTree(tree) {
  const figures = new Map();
  for (let round = 0; round < rounds; round++)
    for (const mode of ['none', 'auto']) {
      const store = join(scratch, `${mode}.db`);
      rmSync(store, { force: true });
      for (const [i, root] of [tree, process.env.SECOND ?? tree].entries()) {
        const key = `${mode} ${i + 1}`;
        const run = snapshot(root, `build-${i + 1}`, store, '--inspect', mode, '--no-cache');
        figures.set(key, [...(figures.get(key) ?? []), run]);
      }
    }
  console.log(`\n${tree}: CPU s (wall s), medians of ${rounds}`);
  for (const i of [1, 2]) {
    const [none, auto] = ['none', 'auto'].map((mode) => figures.get(`${mode} ${i}`));
    const ratio = median(auto.map(cpu)) / median(none.map(cpu));
    console.log(
      `  ${i === 1 ? 'first ' : 'second'} build   none ${shown(none)}   auto ${shown(auto)}   ${ratio.toFixed(2)}x`,
    );
  }
}

/** Archives of files of some lines; in the second one the times of every other member are new, and every thousandth content. */
function benchArchive(kind) {
  const root = join(scratch, 'members');
  const names = Array.from({ length: members }, (_, i) => `d${i % 300}/file-${i}`);
  for (let i = 0; i < 300; i++) mkdirSync(join(root, `d${i}`), { recursive: true });
  const store = join(scratch, `${kind}.db`);
  const figures = [];
  for (const version of [1, 2]) {
    for (const [i, name] of names.entries()) {
      const isNew = version === 1 || i % 1000 === 0;
      if (isNew)
        writeFileSync(join(root, name), `file ${i}, state ${version}\n`.repeat(1 + (i % 5)));
      utimesSync(join(root, name), 1.7e9, 1.7e9 + (i % 2) * version * 86_400);
    }
    const file = join(scratch, `${version}.${kind}`);
    const pack = kind === 'cpio' ? 'cpio -o -H newc --quiet' : 'tar -cf - --no-recursion -T -';
    const list = `cd '${root}' && find . -mindepth 1 | LC_ALL=C sort | ${pack} > '${file}'`;
    if (spawnSync('sh', ['-c', list]).status !== 0) return console.log(`\n${kind}: not installed`);
    figures.push(snapshot(`${kind}:${file}`, `build-${version}`, store));
    rmSync(file);
  }
  figures.push(measured('diff', `${store}:build-1`, `${store}:build-2`));
  const [first, second, diff] = figures.map((run) => shown([run]));
  const size = (statSync(store).size / 1e6).toFixed(0);
  console.log(`\n${kind} with ${members} members: CPU s (wall s)`);
  console.log(`  first ${first}   second ${second}   diff ${diff}   store ${size} MB`);
  rmSync(root, { recursive: true });
}

function snapshot(source, build, store, ...flags) {
  return measured('snapshot', source, '--build', build, '--db', store, ...flags);
}

function measured(...words) {
  const { stdout, stderr } = spawnSync('python3', [measureScript, 'node', program, ...words], {
    encoding: 'utf8',
  });
  const run = JSON.parse(stdout || 'null');
  if (run === null || ![0, 1, 4].includes(run.status))
    throw new Error(`${words.join(' ')}: ${stderr}${run?.stderr}`);
  return run;
}

function cpu({ user, sys }) {
  return user + sys;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function shown(runs) {
  return `${median(runs.map(cpu)).toFixed(2)} (${median(runs.map(({ wall }) => wall)).toFixed(2)})`;
}
