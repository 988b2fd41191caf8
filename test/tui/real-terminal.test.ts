/** The terminal UI in a terminal that we did not write: tmux. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { displayWidth } from '../../src/tui/text/width.js';
import { needs } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';

const DRIVER = fileURLToPath(new URL('../helpers/tui-driver.js', import.meta.url));
const PATIENCE_MILLISECONDS = 30_000;

class Tmux {
  readonly #socket: string;

  constructor(t: TestContext, columns: number, rows: number, what: string) {
    // Registered before the folder's own removal, so that the server is gone before its folder.
    t.after(() => this.#run('kill-server'));
    this.#socket = join(tempFolder(t), 'socket');
    const command = `printf 'before\\n'; '${process.execPath}' '${DRIVER}' ${what}; stty -a | tr ';' '\\n'; echo done; cat`;
    this.#run(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-s',
      'tui',
      '-x',
      `${columns}`,
      '-y',
      `${rows}`,
      command,
    );
  }

  keys(...keys: readonly string[]): void {
    this.#run('send-keys', '-t', 'tui', ...keys);
  }

  resize(columns: number, rows: number): void {
    this.#run('resize-window', '-t', 'tui', '-x', `${columns}`, '-y', `${rows}`);
  }

  screen(): string {
    return this.#run('capture-pane', '-p', '-t', 'tui');
  }

  /** Everything above the screen too. */
  history(): string {
    return this.#run('capture-pane', '-p', '-S', '-200', '-t', 'tui');
  }

  format(format: string): string {
    return this.#run('display-message', '-p', '-t', 'tui', format).trim();
  }

  /** Sends a signal to the program in the pane. */
  signal(name: string): void {
    const children = execFileSync(
      'ps',
      ['-o', 'pid=,args=', '--ppid', this.format('#{pane_pid}')],
      { encoding: 'utf8' },
    );
    const line = children.split('\n').find((text) => text.includes('tui-driver'));
    process.kill(Number(line!.trim().split(/\s+/)[0]), name);
  }

  async until(pattern: RegExp): Promise<string> {
    const end = Date.now() + PATIENCE_MILLISECONDS;
    for (;;) {
      const screen = this.screen();
      if (pattern.test(screen)) return screen;
      if (Date.now() > end) assert.fail(`no ${pattern} on the screen:\n${screen}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  #run(...args: readonly string[]): string {
    const { PATH, HOME } = process.env;
    return execFileSync('tmux', ['-u', '-S', this.#socket, ...args], {
      encoding: 'utf8',
      env: { PATH, HOME, LANG: 'C.UTF-8', TERM: 'xterm-256color' },
    });
  }
}

async function assertRestored(tmux: Tmux, ending: RegExp): Promise<void> {
  await tmux.until(/^done$/m);
  const history = tmux.history();
  assert.match(history, /^before$/m);
  assert.match(history, ending);
  // Nothing of the interface is left, the line discipline is the ordinary one, the cursor shows.
  assert.doesNotMatch(history, /Groups|unchanged/);
  assert.match(history, /(?<!-)icanon/);
  assert.match(history, /(?<!-)echo\b/);
  assert.equal(tmux.format('#{alternate_on} #{cursor_flag} #{wrap_flag}'), '0 1 1');
}

const skip = needs('tmux', 'ps', 'stty');

test(
  'in a real terminal of 80x24 the user finds what changed, and q gives the terminal back',
  { skip },
  async (t) => {
    const tmux = new Tmux(t, 80, 24, 'sample');
    const first = await tmux.until(/q quit/);
    assert.equal(tmux.format('#{alternate_on} #{cursor_flag}'), '1 0');
    assert.equal(first.trimEnd().split('\n').length, 24);
    assert.match(
      first,
      /A 12 added {2}R 2 removed {2}M 6 modified {2}U 125 metadata only {2}12,968 unchanged/,
    );
    tmux.keys('j', 'Enter');
    await tmux.until(/Files: fontconfig/);
    tmux.keys('Enter');
    await tmux.until(/~ size +12\.3 KB .*\+55 B/);
    tmux.keys('Escape');
    await tmux.until(/1 of 2/);
    tmux.keys('Escape');
    await tmux.until(/2 of 10/);
    tmux.keys('/', 'm', 't', 'i', 'm', 'e', 'Space', 'o', 'f', ' ', '1', 'Enter');
    await tmux.until(/▌ .*mtime of 120 paths/);
    tmux.keys('q');
    await assertRestored(tmux, /ended: quit/);
  },
);

test(
  'at 200x50 three panes stand side by side, and odd names do not shift them',
  { skip },
  async (t) => {
    const tmux = new Tmux(t, 200, 50, 'sample');
    await tmux.until(/q quit/);
    tmux.keys('a', 'Tab');
    const screen = await tmux.until(/━ Files[^]*q quit/);
    const rows = screen.split('\n').filter((line) => line.includes('│'));
    assert.ok(rows.length > 35);
    for (const row of rows) {
      const columns = [...row.matchAll(/│/g)].map(({ index }) => displayWidth(row.slice(0, index)));
      assert.deepEqual(columns, [56, 126], row);
    }
  },
);

test('a resize is followed, also to a size that is too small and back', { skip }, async (t) => {
  const tmux = new Tmux(t, 100, 30, 'sample');
  await tmux.until(/q quit/);
  tmux.resize(20, 5);
  await tmux.until(/terminal too small/);
  tmux.resize(160, 40);
  const wide = await tmux.until(/Groups.*Files[^]*q quit/);
  assert.equal(wide.match(/q quit/g)?.length, 1);
  tmux.resize(80, 24);
  const small = await tmux.until(/Group ─[^]*q quit/);
  assert.equal(small.match(/q quit/g)?.length, 1);
  tmux.keys('q');
  await assertRestored(tmux, /ended: quit/);
});

test('Ctrl-C gives the terminal back', { skip }, async (t) => {
  const tmux = new Tmux(t, 80, 24, 'sample');
  await tmux.until(/q quit/);
  tmux.keys('C-c');
  await assertRestored(tmux, /ended: INTERRUPTED/);
});

test('so does SIGTERM', { skip }, async (t) => {
  const tmux = new Tmux(t, 80, 24, 'sample');
  await tmux.until(/q quit/);
  tmux.signal('SIGTERM');
  await assertRestored(tmux, /ended: INTERRUPTED/);
});

test('so does a crash while drawing', { skip }, async (t) => {
  const tmux = new Tmux(t, 80, 24, 'crash');
  await tmux.until(/q quit/);
  tmux.keys('Tab');
  await assertRestored(tmux, /ended: Error: deliberate/);
});

test(
  'so does an uncaught error elsewhere, whose message is then on the ordinary screen',
  { skip },
  async (t) => {
    const tmux = new Tmux(t, 80, 40, 'uncaught');
    await assertRestored(tmux, /Error: deliberate/);
  },
);

test('200,000 changes open, scroll to the end and are searched', { skip }, async (t) => {
  const tmux = new Tmux(t, 80, 24, 'large');
  await tmux.until(/q quit/);
  tmux.keys('Tab', 'G');
  await tmux.until(/200,000 of 200,000/);
  tmux.keys('g', '/', '0', '0', '7', '7', '7', '/', 'Enter');
  await tmux.until(/▌.*package-00777/);
  tmux.keys('q');
  await assertRestored(tmux, /ended: quit/);
});
