/**
 * Sources against their peers on the same bytes, in one run, interleaved, medians of ROUNDS (default 3). TREE names the tree that is
 * put into a repository (default: made by make-tree.mjs, FILES files, default 20,000). A peer that is not installed is left out.
 * One function per source; each returns rows of { id, needs, command }.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const rounds = Number(process.env.ROUNDS ?? 3);
const program = new URL('../dist/bin/repro-audit.js', import.meta.url).pathname;
const scratch = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'repro-audit-sources-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const tree = process.env.TREE ?? join(scratch, 'tree');
if (process.env.TREE === undefined)
  must(
    'node',
    new URL('make-tree.mjs', import.meta.url).pathname,
    tree,
    process.env.FILES ?? '20000',
  );

compare('ostree: one commit, every object read and checked', ostreeRows());

compare('oci: one image, every layer read, checked and merged', imageRows());

/** `ostree diff` reads no file contents, only directories; `ostree fsck` reads all of every commit. */
function ostreeRows() {
  if (!installed('ostree')) return [];
  const repository = join(scratch, 'repo');
  must('ostree', `--repo=${repository}`, 'init', '--mode=archive');
  for (const branch of ['a', 'b'])
    must(
      'ostree',
      `--repo=${repository}`,
      'commit',
      '-b',
      branch,
      `--tree=dir=${tree}`,
      '-s',
      branch,
    );
  const [a, b] = [`ostree:${repository}@a`, `ostree:${repository}@b`];
  const db = join(scratch, 'ostree.db');
  return [
    { id: 'ostree fsck', command: ['ostree', `--repo=${repository}`, 'fsck', '-q'] },
    { id: 'ostree diff a b', command: ['ostree', `--repo=${repository}`, 'diff', 'a', 'b'] },
    {
      id: 'snapshot ostree:',
      command: [
        'node',
        program,
        'snapshot',
        a,
        '--build',
        'a',
        '--replace',
        '--inspect',
        'none',
        '--db',
        db,
      ],
    },
    { id: 'diff ostree: ostree:', command: ['node', program, 'diff', a, b, '--inspect', 'none'] },
  ];
}

/** `umoci unpack` writes the files as well; `skopeo copy` copies blobs and looks into none. Both need a fresh target each time. */
function imageRows() {
  if (!installed('umoci') || !installed('skopeo')) return [];
  const layout = join(scratch, 'image');
  const image = `${layout}:a`;
  must('umoci', 'init', '--layout', layout);
  must('umoci', 'new', '--image', image);
  must('umoci', 'insert', '--rootless', '--image', image, tree, '/');
  const out = join(scratch, 'unpacked');
  const copy = join(scratch, 'copied');
  const fresh = (target, command) => ['sh', '-c', `rm -rf '${target}' && ${command}`];
  const snapshot = ['node', program, 'snapshot', `oci:${image}`, '--build', 'a', '--replace'];
  return [
    {
      id: 'umoci unpack',
      command: fresh(out, `umoci unpack --rootless --image '${image}' '${out}'`),
    },
    { id: 'skopeo copy', command: fresh(copy, `skopeo copy -q 'oci:${image}' 'dir:${copy}'`) },
    {
      id: 'snapshot oci:',
      command: [...snapshot, '--inspect', 'none', '--db', join(scratch, 'oci.db')],
    },
  ];
}

function compare(title, rows) {
  if (rows.length === 0) return console.log(`${title}: the peer is not installed`);
  const times = rows.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, { command }] of rows.entries()) {
      const start = process.hrtime.bigint();
      const { status } = spawnSync(command[0], command.slice(1), { stdio: 'ignore' });
      if (status !== 0 && status !== 1) throw new Error(`${command.join(' ')}: status ${status}`);
      times[i].push(Number(process.hrtime.bigint() - start) / 1e9);
    }
  const medians = times.map((each) => each.toSorted((x, y) => x - y)[Math.floor(each.length / 2)]);
  console.log(title);
  for (const [i, { id }] of rows.entries())
    console.log(
      `  ${id.padEnd(24)} ${medians[i].toFixed(2).padStart(7)} s  ${(medians[i] / medians[0]).toFixed(2)} x ${rows[0].id}`,
    );
}

function must(...command) {
  const { status, stderr } = spawnSync(command[0], command.slice(1), { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
}

function installed(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
}
