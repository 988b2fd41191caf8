/**
 * `make bench`: peers and repro-audit on the same trees in one run, interleaved, medians of ROUNDS (default 3), as ratios of
 * wall time and CPU seconds, with peak memory. TREES="dir dir" measures your own trees; without it a tree of FILES
 * (default 200,000) files is made below BENCH_DIR. A peer that is not installed is left out and named.
 */

import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const rounds = Number(process.env.ROUNDS ?? 3);
const files = Number(process.env.FILES ?? 200_000);
const base = process.env.BENCH_DIR ?? join(tmpdir(), 'repro-audit-bench');
const program = new URL('../dist/bin/repro-audit.js', import.meta.url).pathname;
const measureScript = new URL('measure.py', import.meta.url).pathname;
const scratch = mkdtempSync(join(tmpdir(), 'repro-audit-bench-run-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const trees = process.env.TREES?.split(' ') ?? [join(base, `tree-${files}`)];
if (process.env.TREES === undefined)
  must(['node', new URL('make-tree.mjs', import.meta.url).pathname, trees[0], String(files)]);

for (const tree of trees) benchTree(tree);
benchStartUp();

function benchTree(tree) {
  const q = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const sh = (script) => ['bash', '-c', script];
  const list = join(scratch, 'list');
  must(sh(`cd ${q(tree)} && find . -type f -print0 > ${q(list)}`));
  const us = (name, ...flags) => [
    'node',
    program,
    'snapshot',
    tree,
    '--build',
    name,
    '--replace',
    '--db',
    join(scratch, `${name}.db`),
    ...flags,
  ];
  process.env.XDG_CACHE_HOME = join(scratch, 'cache');
  const runs = [
    {
      id: 'both',
      command: us('both', '--no-cache'),
      before: () => rmSync(join(scratch, 'both.db'), { force: true }),
    },
    {
      id: 'xxh64',
      command: us('xxh64', '--no-cache', '--digest', 'xxh64'),
      before: () => rmSync(join(scratch, 'xxh64.db'), { force: true }),
    },
    { id: 'cached', command: us('cached'), warm: us('cached') },
    {
      id: 'bsdtar',
      needs: 'bsdtar',
      command: sh(
        `bsdtar -cf /dev/null --format=mtree --options='!all,type,mode,uid,gid,size,time,link,device,nlink,sha256' -C ${q(tree)} .`,
      ),
    },
    { id: 'mtree', needs: 'mtree', command: ['mtree', '-c', '-K', 'sha256', '-p', tree] },
    { id: 'aide', needs: 'aide', command: sh(aideScript(tree)) },
    {
      id: 'ostree',
      needs: 'ostree',
      once: true,
      command: sh(
        `r=$(mktemp -d ${q(scratch)}/repo.XXXX) && ostree --repo=$r init --mode=archive && ostree --repo=$r commit -b x --tree=dir=${q(tree)} && rm -rf $r`,
      ),
    },
    {
      id: 'find+xxhsum',
      needs: 'xxhsum',
      command: sh(
        `cd ${q(tree)} && find . -printf '%p %s %m %U %G %T@ %l\\n' >/dev/null && xargs -0 -P2 -n 500 xxhsum -H1 < ${q(list)} >/dev/null`,
      ),
    },
    {
      id: 'read limit',
      needs: 'xxhsum',
      command: sh(`cd ${q(tree)} && xargs -0 -n 100000 xxhsum -H2 < ${q(list)} >/dev/null`),
    },
  ];
  const present = runs.filter(({ needs }) => needs === undefined || has(needs));
  const samples = new Map(present.map(({ id }) => [id, []]));
  for (const { warm } of present) if (warm !== undefined) must(warm);
  sleepPastSettling();
  for (const { warm } of present) if (warm !== undefined) must(warm);
  for (let round = 0; round < rounds; round++) {
    for (const { id, needs, command, before, once } of present) {
      if (once === true && round > 0) continue;
      before?.();
      try {
        samples.get(id).push(measure(command));
      } catch (error) {
        // A peer that cannot read this tree (ostree refuses devices) is named and left out.
        if (needs === undefined) throw error;
        console.log(`${id} failed on ${tree}: ${error.message.slice(-120).trim()}`);
      }
    }
  }
  const measured = [...samples].filter(([, list]) => list.length > 0);
  const median = new Map(measured.map(([id, list]) => [id, medianOf(list)]));
  console.log(`\n${tree}: ${entriesOf(tree)} entries, medians of ${rounds}`);
  console.log(row('', 'wall s', 'CPU s', 'RSS MB'));
  for (const [id, m] of median)
    console.log(row(id, m.wall.toFixed(2), m.cpu.toFixed(2), (m.rssKb / 1024).toFixed(0)));
  const ratios = [
    ['both', 'bsdtar', '0.7 / 1.3', '0.5 / 1.0'],
    ['both', 'mtree', '0.25 / 0.45', '0.18 / 0.35'],
    ['both', 'aide', '- / 0.3', ''],
    ['both', 'ostree', '- / 0.15', ''],
    ['xxh64', 'find+xxhsum', '- / 1.2', '- / 0.95'],
    ['both', 'read limit', '2.0 / -', '1.4 / -'],
    ['cached', 'both', '- / 0.45', '- / 0.35'],
  ];
  console.log(`\n${row('ratio', 'wall', 'CPU', 'reach', 'go on')}`);
  for (const [us, peer, reach, further] of ratios) {
    const [a, b] = [median.get(us), median.get(peer)];
    if (b === undefined) console.log(`${us} / ${peer}: ${peer} has no figure`);
    else
      console.log(
        row(
          `${us} / ${peer}`,
          (a.wall / b.wall).toFixed(2),
          (a.cpu / b.cpu).toFixed(2),
          reach,
          further,
        ),
      );
  }
  benchStore(tree);
}

/** Growth of the store and the cost of a diff: 50 scattered content changes, then all mtimes. */
function benchStore(tree) {
  const copy = join(scratch, 'copy');
  must(['cp', '-a', tree, copy]);
  const db = join(scratch, 'growth.db');
  const snap = (name) =>
    must([
      'node',
      program,
      'snapshot',
      copy,
      '--build',
      name,
      '--stream',
      's',
      '--db',
      db,
      '--no-cache',
    ]);
  const sizes = [];
  const step = (name) => (snap(name), sizes.push(statSync(db).size));
  step('first');
  const regular = walkFiles(copy).filter((file) => statSync(file).size > 0);
  for (let i = 0; i < 50; i++) appendFileSync(regular[Math.floor((i * regular.length) / 50)], 'x');
  step('scattered');
  const diff = ['node', program, 'diff', 'first', 'scattered', '--format', 'json', '--db', db];
  const diffs = Array.from({ length: rounds }, () => measure(diff, 1));
  must(['bash', '-c', `find '${copy}' -print0 | xargs -0 touch -h`]);
  step('touched');
  rmSync(copy, { recursive: true, force: true });
  const kb = (a, b) => `${((sizes[a] - sizes[b]) / 1000).toFixed(0)} KB`;
  console.log(
    `\nstore: first ${(sizes[0] / 1e6).toFixed(1)} MB; 50 scattered changes + ${kb(1, 0)} (reach 150, go on 30); all mtimes touched + ${kb(2, 1)} (reach 600, go on 200)`,
  );
  const d = medianOf(diffs);
  console.log(
    `diff --format json, 50 changes: ${d.cpu.toFixed(2)} CPU s, ${(d.rssKb / 1024).toFixed(0)} MB (reach 0.2, go on 0.13)`,
  );
}

function benchStartUp() {
  const db = join(scratch, 'start.db');
  const small = join(scratch, 'small');
  mkdirSync(join(small, 'a'), { recursive: true });
  cpSync(measureScript, join(small, 'a', 'file'));
  for (const name of ['one', 'two'])
    must(['node', program, 'snapshot', small, '--build', name, '--db', db, '--no-cache']);
  const commands = {
    node: ['node', '-e', '0'],
    version: ['node', program, '--version'],
    diff: ['node', program, 'diff', 'one', 'two', '--format', 'text', '--db', db],
  };
  const samples = Object.fromEntries(Object.keys(commands).map((id) => [id, []]));
  for (let i = 0; i < 10; i++)
    for (const [id, command] of Object.entries(commands)) samples[id].push(measure(command));
  const cpu = Object.fromEntries(
    Object.entries(samples).map(([id, list]) => [id, medianOf(list).cpu]),
  );
  console.log(
    `\nstart-up, CPU: node -e 0 ${cpu.node.toFixed(3)} s; --version ${(cpu.version / cpu.node).toFixed(2)}x (reach 1.5); diff ${(cpu.diff / cpu.node).toFixed(2)}x (reach 2.5)`,
  );
}

function measure(command, okStatus = 0) {
  const result = spawnSync('python3', [measureScript, ...command], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const sample = JSON.parse(result.stdout);
  if (sample.status !== 0 && sample.status !== okStatus)
    throw new Error(`${command.join(' ')}: status ${sample.status} ${sample.stderr}`);
  return { wall: sample.wall, cpu: sample.user + sample.sys, rssKb: sample.rssKb };
}

function must(command) {
  const result = spawnSync(command[0], command.slice(1), {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (result.status !== 0) throw new Error(`${command.join(' ')}: ${result.stderr}`);
}

function medianOf(samples) {
  const middle = (key) => samples.map((s) => s[key]).toSorted((a, b) => a - b)[samples.length >> 1];
  return { wall: middle('wall'), cpu: middle('cpu'), rssKb: middle('rssKb') };
}

function has(name) {
  return (
    spawnSync('sh', ['-c', `command -v ${name}`]).status === 0 || existsSync(`/usr/sbin/${name}`)
  );
}

function aideScript(tree) {
  const conf = join(scratch, 'aide.conf');
  return `printf 'database_out=file:${join(scratch, 'aide.out')}\\ngzip_dbout=no\\nreport_url=stdout\\n${tree} p+u+g+s+m+l+n+sha256+ftype\\n' > ${conf} && aide --init -c ${conf}`;
}

function entriesOf(tree) {
  return Number(
    spawnSync('bash', ['-c', `find '${tree}' | wc -l`], { encoding: 'utf8' }).stdout,
  ).toLocaleString('en-US');
}

function walkFiles(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? walkFiles(path) : entry.isFile() ? [path] : [];
  });
}

/** The stat cache trusts no ctime that was younger than two seconds when the scan began. */
function sleepPastSettling() {
  spawnSync('sleep', ['3']);
}

function row(first, ...cells) {
  return first.padEnd(24) + cells.map((cell) => String(cell).padStart(12)).join('');
}
