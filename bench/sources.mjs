/**
 * Sources against their peers on the same bytes, in one run, interleaved, medians of ROUNDS (default 3): wall seconds, CPU seconds
 * (user and system, with children), peak memory, and ratios to the first row. TREE names the tree that is put into a repository, an
 * image and an archive (default: made by make-tree.mjs, FILES files, default 20,000). Peers that are not installed are named.
 * One function per source; each returns rows of { id, command, before? }.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const rounds = Number(process.env.ROUNDS ?? 3);
const program =
  process.env.PROGRAM ?? new URL('../dist/bin/repro-audit.js', import.meta.url).pathname;
const measureScript = new URL('measure.py', import.meta.url).pathname;
const base = process.env.BENCH_DIR ?? tmpdir();
mkdirSync(base, { recursive: true });
const scratch = mkdtempSync(join(base, 'repro-audit-sources-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const tree = process.env.TREE ?? join(scratch, 'tree');
if (process.env.TREE === undefined)
  must(
    'node',
    new URL('make-tree.mjs', import.meta.url).pathname,
    tree,
    process.env.FILES ?? '20000',
  );

compare('ostree: one commit, every object read and checked', ostreeRows(), 'ostree');
compare('oci: one image, every layer read, checked and merged', imageRows(), 'umoci, skopeo');
compare('tar: one archive, every file hashed', tarRows(), 'tar, bsdtar');

/** `ostree diff` reads no file contents, only directories; `ostree fsck` reads all of every commit. */
function ostreeRows() {
  if (!installed('ostree')) return [];
  const repository = join(scratch, 'repo');
  const ostree = (...words) => must('ostree', `--repo=${repository}`, ...words);
  ostree('init', '--mode=archive');
  for (const branch of ['a', 'b'])
    ostree('commit', '-b', branch, `--tree=dir=${tree}`, '-s', branch);
  const [a, b] = [`ostree:${repository}@a`, `ostree:${repository}@b`];
  return [
    { id: 'ostree fsck', command: ['ostree', `--repo=${repository}`, 'fsck', '-q'] },
    { id: 'ostree diff a b', command: ['ostree', `--repo=${repository}`, 'diff', 'a', 'b'] },
    { id: 'snapshot ostree:', command: snapshot(a) },
    { id: 'diff ostree: ostree:', command: ['node', program, 'diff', a, b, '--inspect', 'none'] },
  ];
}

/**
 * `umoci unpack` checks and inflates all layers and writes the files; `skopeo copy` hashes the blobs as they are and inflates nothing.
 * One layer for each directory of the tree.
 */
function imageRows() {
  if (!installed('umoci') || !installed('skopeo')) return [];
  const layout = join(scratch, 'image');
  const image = `${layout}:a`;
  must('umoci', 'init', '--layout', layout);
  must('umoci', 'new', '--image', image);
  for (const { name } of readdirSync(tree, { withFileTypes: true }).filter((e) => e.isDirectory()))
    must('umoci', 'insert', '--rootless', '--image', image, join(tree, name), `/${name}`);
  const [out, copy] = [join(scratch, 'unpacked'), join(scratch, 'copied')];
  const without = (target) => () => rmSync(target, { recursive: true, force: true });
  return [
    {
      id: 'umoci unpack',
      command: ['umoci', 'unpack', '--rootless', '--image', image, out],
      before: without(out),
    },
    {
      id: 'skopeo copy',
      command: ['skopeo', 'copy', '-q', `oci:${image}`, `dir:${copy}`],
      before: without(copy),
    },
    { id: 'snapshot oci:', command: snapshot(`oci:${image}`) },
    { id: 'digest --kind oci', command: ['node', program, 'digest', `oci:${image}`, '-k', 'oci'] },
  ];
}

/** `tar t` hashes no file: the sum over the whole archive stands beside it. bsdtar makes a list with a digest for each file. */
function tarRows() {
  const archive = join(scratch, 'tree.tar.gz');
  must('tar', 'czf', archive, '-C', tree, '.');
  const sh = (script) => ['sh', '-c', script];
  const list = `bsdtar -cf /dev/null --format=mtree --options='!all,type,mode,uid,gid,size,time,link,sha256' @'${archive}'`;
  return [
    { id: 'tar t + sha256sum', command: sh(`tar tvzf '${archive}' && sha256sum '${archive}'`) },
    ...(installed('bsdtar') ? [{ id: 'bsdtar mtree', command: sh(list) }] : []),
    { id: 'snapshot tar:', command: snapshot(`tar:${archive}`) },
  ];
}

function snapshot(source) {
  const db = join(scratch, 'snapshot.db');
  const words = ['--build', 'a', '--replace', '--inspect', 'none', '--db', db];
  return ['node', program, 'snapshot', source, ...words];
}

function compare(title, rows, peers) {
  if (rows.length === 0) return console.log(`${title}: not installed: ${peers}`);
  const found = rows.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, { command, before }] of rows.entries()) {
      before?.();
      found[i].push(measured(command));
    }
  const medians = found.map((all) => ({
    wall: median(all.map(({ wall }) => wall)),
    cpu: median(all.map(({ user, sys }) => user + sys)),
    rssKb: median(all.map(({ rssKb }) => rssKb)),
  }));
  console.log(title);
  console.log(`  ${''.padEnd(22)}    wall          CPU         memory`);
  for (const [i, { id }] of rows.entries()) {
    const { wall, cpu, rssKb } = medians[i];
    const number = (value) => value.toFixed(2).padStart(7);
    const ratio = (name) => `${(medians[i][name] / medians[0][name]).toFixed(2)}x`.padStart(6);
    console.log(
      `  ${id.padEnd(22)}${number(wall)} s ${ratio('wall')}${number(cpu)} s ${ratio('cpu')} ${String(Math.round(rssKb / 1024)).padStart(5)} MB`,
    );
  }
}

function measured(command) {
  const { stdout, stderr } = spawnSync('python3', [measureScript, ...command], {
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(`${command.join(' ')}: ${stderr}`);
  const run = JSON.parse(stdout);
  // 1: differs.
  if (run.status > 1) throw new Error(`${command.join(' ')}: status ${run.status}: ${run.stderr}`);
  return run;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function must(...command) {
  const { status, stderr } = spawnSync(command[0], command.slice(1), { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
}

function installed(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
}
