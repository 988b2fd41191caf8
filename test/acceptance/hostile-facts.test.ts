/** Files that were made to hurt: time and memory are bounded, a problem is told, and nothing is written anywhere. */

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { PROGRAM } from '../cli/helpers.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';

const MIB = 1024 ** 2;
/** Far more than any needs, far less than what the inputs ask for. */
const MOST_MEMORY = 1500 * MIB;
const REPEATS = 100;

interface Measured {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly memory: number;
}

/** Runs the program in `cwd`, and holds that its surroundings are as before but for `expected`. */
function runIn(cwd: string, args: readonly string[], expected: readonly string[] = []): Measured {
  const report = join(cwd, '..', 'memory');
  const before = listing(cwd);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', REPORTER, PROGRAM, ...args],
    {
      cwd,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      timeout: 120_000,
      env: { ...environment(cwd), MEMORY_REPORT: report },
    },
  );
  const added = listing(cwd).filter((name) => !before.includes(name) && !expected.includes(name));
  assert.deepEqual(added, []);
  return { status, stdout, stderr, memory: Number(readFileSync(report, 'utf8')) * 1024 };
}

const REPORTER = `data:text/javascript,${encodeURIComponent(`
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
if (isMainThread)
  process.on('exit', () =>
    writeFileSync(process.env['MEMORY_REPORT'], String(process.resourceUsage().maxRSS)),
  );
`)}`;

function environment(cwd: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    NO_COLOR: '1',
    TZ: 'UTC',
    LC_ALL: 'C',
    CI: 'true',
    XDG_CACHE_HOME: join(cwd, '..', 'cache'),
  };
}

function listing(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'latin1' }).toSorted();
}

/** A folder in a folder of its own. */
function place(t: Parameters<typeof tempFolder>[0]): string {
  const cwd = join(tempFolder(t), 'here');
  mkdirSync(cwd);
  return cwd;
}

function assertProblem(cwd: string, file: string): void {
  const { status, stderr, memory } = runIn(cwd, ['inspect', file]);
  assert.equal(status, 4, `${file}: ${stderr}`);
  assert.ok(memory < MOST_MEMORY, `${memory} bytes`);
}

/** Ten gigabytes of zeros, as a hundred streams of a hundred megabytes. */
function bomb(one: Uint8Array): Uint8Array {
  return Buffer.concat(Array.from({ length: REPEATS }, () => one));
}

test('a gzip file of ten gigabytes of zeros is left at a bound', (t) => {
  const cwd = place(t);
  writeFileSync(join(cwd, 'bomb.gz'), bomb(gzipSync(Buffer.alloc(100 * MIB), { level: 9 })));
  assertProblem(cwd, 'bomb.gz');
});

for (const [tool, args, suffix] of [
  ['xz', ['-0', '-c', '-T1'], 'xz'],
  ['zstd', ['-q', '-c', '-1'], 'zst'],
  ['bzip2', ['-9', '-c'], 'bz2'],
] as const)
  test(`ten gigabytes of zeros by ${tool} are left at a bound`, { skip: needs(tool) }, (t) => {
    const cwd = place(t);
    const one = execFileSync(tool, args, { input: Buffer.alloc(100 * MIB), maxBuffer: MIB });
    writeFileSync(join(cwd, `bomb.${suffix}`), bomb(one));
    assertProblem(cwd, `bomb.${suffix}`);
  });

test('gzip in gzip, a thousand deep, ends', (t) => {
  const cwd = place(t);
  let bytes: Uint8Array = Buffer.from('x');
  for (let depth = 0; depth < 1000; depth++) bytes = gzipSync(bytes, { level: 1 });
  writeFileSync(join(cwd, 'deep.gz'), bytes);
  assertProblem(cwd, 'deep.gz');
});

test('more than a million members are not looked into one by one', (t) => {
  const cwd = place(t);
  const entry = (i: number, name: string): Buffer => {
    const numbers = [i, 0o100644, 0, 0, 1, 0, 0, 0, 0, 0, 0, name.length + 1, 0];
    const head = `070701${numbers.map((n) => n.toString(16).padStart(8, '0')).join('')}${name}\0`;
    return Buffer.from(head.padEnd(Math.ceil(head.length / 4) * 4, '\0'), 'latin1');
  };
  const file = openSync(join(cwd, 'many.cpio'), 'w');
  for (let i = 0; i < 1_010_000; i += 10_000)
    writeFileSync(
      file,
      Buffer.concat(Array.from({ length: 10_000 }, (_, n) => entry(i + n, `f${i + n}`))),
    );
  writeFileSync(file, entry(0, 'TRAILER!!!'));
  closeSync(file);
  assertProblem(cwd, 'many.cpio');
});

test('sizes of 64 bits, offsets in circles and entries that overlap end, and tell a problem', (t) => {
  const cwd = place(t);
  const elf = Buffer.alloc(4096, 0xff);
  Buffer.from('7f454c4602010100', 'hex').copy(elf);
  elf.writeBigUInt64LE(0n, 40);
  writeFileSync(join(cwd, 'elf'), elf);
  const sqlite = Buffer.alloc(8192);
  sqlite.write('SQLite format 3\0', 'latin1');
  sqlite.writeUInt16BE(4096, 16);
  Buffer.from([1, 1, 0, 64, 32, 32]).copy(sqlite, 18);
  sqlite.writeUInt32BE(2, 28);
  // The root is an interior page whose only child is itself.
  sqlite[100] = 5;
  sqlite.writeUInt32BE(1, 108);
  writeFileSync(join(cwd, 'sqlite'), sqlite);
  const tar = Buffer.alloc(2048);
  tar.write('../../escape', 0, 'latin1');
  tar.write('\x80', 124, 'latin1');
  tar.fill(0xff, 125, 136);
  tar.write('ustar\x0000', 257, 'latin1');
  tar.fill(0x20, 148, 156);
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  writeFileSync(join(cwd, 'tar'), tar);
  const local = Buffer.alloc(31);
  local.writeUInt32LE(0x04034b50);
  local.writeUInt16LE(1, 26);
  local.write('a', 30);
  const central = Buffer.alloc(47);
  central.writeUInt32LE(0x02014b50);
  central.writeUInt16LE(1, 28);
  central.write('a', 46);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(3, 8);
  end.writeUInt16LE(3, 10);
  end.writeUInt32LE(3 * 47, 12);
  end.writeUInt32LE(31, 16);
  writeFileSync(join(cwd, 'zip'), Buffer.concat([local, central, central, central, end]));
  for (const file of ['elf', 'sqlite', 'zip']) assertProblem(cwd, file);
  // A header whose size makes no sense is none: the bytes are told as bytes.
  assert.ok([0, 4].includes(runIn(cwd, ['inspect', 'tar']).status ?? -1));
});

test('pipes, devices, links out of the tree and files that nobody may read stop nothing', (t) => {
  const cwd = place(t);
  const tree = join(cwd, 'tree');
  mkdirSync(join(tree, 'boot'), { recursive: true });
  execFileSync('mkfifo', [join(tree, 'boot', 'initrd.img')]);
  symlinkSync('/dev/zero', join(tree, 'boot', 'vmlinuz'));
  symlinkSync('../../outside', join(tree, 'boot', 'a.img'));
  writeFileSync(join(cwd, 'outside'), 'not to be read');
  writeFileSync(join(tree, 'closed'), 'x');
  chmodSync(join(tree, 'closed'), 0);
  const sparse = openSync(join(tree, 'boot', 'sparse.img'), 'w');
  ftruncateSync(sparse, 300 * MIB);
  closeSync(sparse);
  const { status, stderr, memory } = runIn(
    cwd,
    ['snapshot', './tree', '--build', 'a', '--inspect', 'all'],
    ['repro-audit.db'],
  );
  assert.equal(status, process.getuid?.() === 0 ? 0 : 4, stderr);
  assert.ok(memory < MOST_MEMORY);
});

test('a damaged file is told in a line of the snapshot, and again when its facts are known', (t) => {
  const cwd = place(t);
  mkdirSync(join(cwd, 'tree'));
  for (const [build, text] of [
    ['a', 'one'],
    ['b', 'one'],
    ['c', 'two'],
  ] as const) {
    const whole = gzipSync(Buffer.from(text.repeat(1000)));
    writeFileSync(join(cwd, 'tree', 'x.gz'), whole.subarray(0, -6));
    const { status, stdout } = runIn(
      cwd,
      ['snapshot', './tree', '--build', build, '--inspect', 'all', '--json'],
      ['repro-audit.db'],
    );
    assert.equal(status, 0);
    const { partlyInspected } = JSON.parse(stdout) as { partlyInspected: { path: string }[] };
    assert.deepEqual(
      partlyInspected.map(({ path }) => path),
      ['x.gz'],
      build,
    );
  }
  const { status, stdout } = runIn(cwd, ['diff', 'b', 'c', '--format', 'json']);
  assert.equal(status, 1);
  const { changes } = JSON.parse(stdout) as {
    changes: { path: string; explanation: { status: string; problems: { side: string }[] } }[];
  };
  const { explanation } = changes.find(({ path }) => path === 'x.gz')!;
  assert.notEqual(explanation.status, 'explained');
  assert.ok(explanation.problems.length > 0);
});

test('a file that grows or shrinks all the while is recorded, or told to have changed', async (t) => {
  const cwd = place(t);
  const tree = join(cwd, 'tree');
  mkdirSync(tree);
  const file = join(tree, 'busy.log');
  writeFileSync(file, 'begin\n'.repeat(100_000));
  const child = spawn(
    process.execPath,
    [PROGRAM, 'snapshot', './tree', '--build', 'a', '--inspect', 'all', '--keep-content', '10M'],
    { cwd, env: environment(cwd), stdio: 'ignore' },
  );
  let round = 0;
  const writer = setInterval(() => {
    if (round++ % 7 === 6) truncateSync(file, 10);
    else appendFileSync(file, 'more\n'.repeat(1000));
  }, 1);
  const status = await new Promise((resolve) => void child.once('exit', resolve));
  clearInterval(writer);
  assert.ok(status === 0 || status === 4, String(status));
});

test('JSON of ten thousand levels is told, as JSON or as text', (t) => {
  const cwd = place(t);
  const deep = 10_000;
  writeFileSync(join(cwd, 'a.json'), `${'{"a":['.repeat(deep)}1${']}'.repeat(deep)}\n`);
  writeFileSync(join(cwd, 'b.json'), `${'['.repeat(100 * deep)}\n`);
  const { status, memory, stderr } = runIn(cwd, ['inspect', 'a.json', 'b.json', '--json']);
  assert.ok(status === 0 || status === 4, stderr);
  assert.ok(memory < MOST_MEMORY, `${memory} bytes`);
});

test('a bomb in a bomb is left at a bound', (t) => {
  const cwd = place(t);
  const inner = bomb(gzipSync(Buffer.alloc(100 * MIB), { level: 9 }));
  writeFileSync(join(cwd, 'bomb.gz.gz'), gzipSync(gzipSync(inner)));
  assertProblem(cwd, 'bomb.gz.gz');
});

test(
  'devices, sockets and pipes are recorded, and not one of them is opened',
  { skip: needsRoot() || needs('mknod', 'mkfifo', 'python3') },
  (t) => {
    const cwd = place(t);
    const tree = join(cwd, 'tree');
    mkdirSync(join(tree, 'boot'), { recursive: true });
    // A tape rewinds when it is closed, /dev/zero never ends, and a watchdog resets the machine.
    execFileSync('mknod', [join(tree, 'boot/vmlinuz-zero'), 'c', '1', '5']);
    execFileSync('mknod', [join(tree, 'boot/initrd.img'), 'b', '7', '250']);
    execFileSync('mkfifo', [join(tree, 'boot/a.efi')]);
    execFileSync('python3', [
      '-c',
      'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])',
      join(tree, 's'),
    ]);
    const args = ['snapshot', './tree', '--build', 'a', '--inspect', 'all', '--keep-content', '1M'];
    const { status, stderr } = runIn(cwd, args, ['repro-audit.db']);
    assert.equal(status, 0, stderr);
    for (const name of ['boot/vmlinuz-zero', 'boot/initrd.img', 'boot/a.efi', 's'])
      assert.equal(runIn(cwd, ['inspect', `tree/${name}`]).status, 3, name);
  },
);

test(
  'a file that others may not read is told, and the rest is recorded and looked into',
  { skip: needsRoot() || needs('setpriv') },
  (t) => {
    const cwd = place(t);
    const tree = join(cwd, 'tree');
    mkdirSync(tree);
    writeFileSync(join(tree, 'open'), 'made at 2026-01-02T03:04:05Z\n');
    writeFileSync(join(tree, 'closed'), 'x');
    chmodSync(join(tree, 'closed'), 0o600);
    for (const folder of [join(cwd, '..'), cwd]) chmodSync(folder, 0o777);
    const nobody = (args: readonly string[]) =>
      spawnSync(
        'setpriv',
        ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, PROGRAM, ...args],
        { cwd, encoding: 'utf8', env: environment(cwd) },
      );
    const flags = ['--build', 'a', '--inspect', 'all', '--keep-content', '1M'];
    const { status, stderr } = nobody(['snapshot', './tree', ...flags]);
    // Where the program itself lies in a folder of root alone it cannot begin.
    if (stderr.includes('Cannot find module')) {
      t.skip('the program lies where others may not read');
      return;
    }
    assert.equal(status, 4, stderr);
    assert.match(stderr, /closed/);
    assert.match(nobody(['inspect', 'a:open']).stdout, /2026-01-02T03:04:05Z/);
    assert.equal(nobody(['inspect', 'tree/closed']).status, 3);
  },
);

test('files that vanish or shrink while others are looked into stop nothing', async (t) => {
  const cwd = place(t);
  const tree = join(cwd, 'tree');
  mkdirSync(tree);
  for (let i = 0; i < 2000; i++) writeFileSync(join(tree, `f${i}`), `made by ${i}\n`.repeat(200));
  const child = spawn(
    process.execPath,
    [PROGRAM, 'snapshot', './tree', '--build', 'a', '--inspect', 'all', '--keep-content', '10M'],
    { cwd, env: environment(cwd), stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => void child.once('exit', resolve));
  // The store comes into being with the build, before files are looked into.
  while (!existsSync(join(cwd, 'repro-audit.db')) && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 5));
  for (let i = 0; i < 2000; i += 2) rmSync(join(tree, `f${i}`));
  for (let i = 1; i < 2000; i += 2) truncateSync(join(tree, `f${i}`), 10);
  const status = await ended;
  assert.ok(status === 0 || status === 4, String(status));
});
