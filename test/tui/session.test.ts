import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { AuditError } from '../../src/core/errors.js';
import { runDiffTui } from '../../src/tui/index.js';
import type { TerminalInput, TerminalOutput } from '../../src/tui/terminal/terminal.js';
import { displayWidth } from '../../src/tui/text/width.js';
import { explainedReport, MANY } from '../helpers/explained-report.js';
import { largeReport, report, sampleReport } from '../helpers/sample-report.js';
import { startSession, type Session } from '../helpers/tui-session.js';

const ENTER_SCREEN = '\u001b[?1049h';
const LEAVE_SCREEN = '\u001b[?1049l';
const SHOW_CURSOR = '\u001b[?25h';

function assertFits(session: Session, columns: number, rows: number): void {
  const screen = session.screen();
  assert.ok(screen.length <= rows);
  for (const line of screen) assert.ok(displayWidth(line) <= columns, `${columns}: ${line}`);
}

function assertGivenBack(session: Session): void {
  const written = session.written();
  assert.equal(written.split(ENTER_SCREEN).length, written.split(LEAVE_SCREEN).length);
  assert.ok(written.lastIndexOf(SHOW_CURSOR) > written.lastIndexOf('\u001b[?25l'));
  assert.ok(written.lastIndexOf('\u001b[?7h') > written.lastIndexOf('\u001b[?7l'));
  assert.equal(session.stdin.rawModes.at(-1), false);
  assert.equal(session.stdin.listenerCount('data'), 0);
}

async function quit(session: Session): Promise<void> {
  await session.type('q');
  await session.ended;
  assertGivenBack(session);
}

test('at 80x24 the first screen tells builds, verdict, counts, circumstances, groups and keys', async () => {
  const session = startSession(sampleReport(), [80, 24]);
  const screen = session.screen().join('\n');
  for (const words of [
    'debian-12-nightly.41',
    'debian-12-nightly.42',
    'different',
    'A 12 added',
    'R 2 removed',
    'M 6 modified',
    'U 125 metadata only',
    '12,968 unchanged',
    '2026-01-02 02:54',
    'host name',
    'Groups',
    '1 of 10',
    'fontconfig',
    '[a] added',
    '? help',
    'q quit',
  ])
    assert.ok(screen.includes(words), words);
  assertFits(session, 80, 24);
  await quit(session);
});

test('at 200x50 groups, files and detail stand side by side', async () => {
  const session = startSession(sampleReport(), [200, 50]);
  await session.type('jjj\t');
  const title = session.screen().find((line) => line.includes('Groups'))!;
  assert.match(title, /Groups.*Files.*File/);
  assertFits(session, 200, 50);
  await quit(session);
});

test('the way from a group to old and new values takes two keys', async () => {
  const session = startSession(sampleReport(), [80, 24]);
  await session.type('j\r\r');
  const screen = session.screen().join('\n');
  assert.match(screen, /~ size +12\.3 KB .*→ 12\.4 KB .*\+55 B/);
  assert.match(screen, /~ mtime +2026-01-02 02:54:05 UTC → 2026-01-03 02:59:11 UTC/);
  assert.match(screen, /= mode +0644 rw-r--r--/);
  await quit(session);
});

test('keys that arrive together all count', async () => {
  const session = startSession(sampleReport(), [80, 24]);
  await session.type('\t/perl\r\r');
  assert.match(session.screen().join('\n'), /- links +\/usr\/bin\/perl5\.36\.0/);
  await quit(session);
});

test('every tab has its page', async () => {
  const session = startSession(sampleReport(), [80, 24]);
  const seen: string[] = [];
  for (let tab = 0; tab < 4; tab++) {
    seen.push(session.screen().join('\n'));
    await session.type(']');
  }
  assert.match(seen[1]!, /~ name +debian-12-nightly\.41 +debian-12-nightly\.42/);
  assert.match(seen[2]!, /before +truncate +machine-id +\/etc\/machine-id/);
  assert.match(seen[3]!, /gap +after +listing +\/root\/\.ssh/);
  await session.type('?');
  assert.match(session.screen().join('\n'), /Help/);
  await quit(await closed(session));
});

async function closed(session: Session): Promise<Session> {
  await session.type('\u001b');
  return session;
}

test('names cannot send escapes: what is written holds those of the program alone', async () => {
  const session = startSession(sampleReport(), [200, 50], {});
  await session.type('a\tjjjjjjjj');
  const rest = session.written().replaceAll(/\u001b\[[?0-9;]*[mHJKhl]/g, '');
  assert.doesNotMatch(rest, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  // Of the sequences, only styles, positions, erasing and the modes of the program itself.
  const modes = new Set(session.written().match(/\u001b\[[?0-9;]*[hl]/g));
  for (const mode of modes) assert.match(mode, /^\u001b\[\?(1049|25|7|2026)[hl]$/);
  assert.ok(session.screen().join('\n').includes('\\x1b[2J'));
  await quit(session);
});

test('NO_COLOR is honoured, and the letters still tell the kinds', async () => {
  const plain = startSession(sampleReport(), [80, 24], { NO_COLOR: '1' });
  const colourful = startSession(sampleReport(), [80, 24], {});
  const colour = /\u001b\[[0-9;]*(3[0-7]|9[0-7])m/;
  assert.doesNotMatch(plain.written(), colour);
  assert.match(colourful.written(), colour);
  assert.deepEqual(plain.screen(), colourful.screen());
  await quit(plain);
  await quit(colourful);
});

test('any size is drawn without a crash, and what is drawn fits', async () => {
  const session = startSession(sampleReport(), [80, 24]);
  for (const [columns, rows] of [
    [20, 5],
    [1, 1],
    [40, 10],
    [500, 100],
    [111, 13],
    [0, 0],
    [80, 24],
  ] as const) {
    await session.resize(columns, rows);
    if (columns > 0) assertFits(session, columns, rows);
  }
  await session.resize(20, 5);
  assert.match(session.screen().join(' '), /too small/);
  await session.resize(80, 24);
  assert.match(session.screen().join('\n'), /Groups/);
  assert.doesNotMatch(session.written(), /\u001b\[3J/);
  await quit(session);
});

test('after any keys at any size what is drawn fits', async () => {
  const keys = fc.string({
    unit: fc.constantFrom(
      'j',
      'k',
      '\t',
      '\r',
      'a',
      'u',
      '`',
      's',
      '/',
      'e',
      '+',
      '-',
      ']',
      '?',
      'G',
      'n',
      '\u001b[6~',
    ),
  });
  await fc.assert(
    fc.asyncProperty(
      keys,
      fc.integer({ min: 40, max: 210 }),
      fc.integer({ min: 10, max: 50 }),
      async (typed, columns, rows) => {
        const session = startSession(sampleReport(), [columns, rows]);
        await session.type(typed);
        assertFits(session, columns, rows);
        session.abort.abort();
        await assert.rejects(session.ended, { code: 'INTERRUPTED' });
        assertGivenBack(session);
      },
    ),
    { numRuns: 12 },
  );
});

test('only visible rows are written, however many there are', async () => {
  const session = startSession(largeReport(100_000), [80, 24]);
  await session.type('\t');
  const before = session.written().length;
  for (let i = 0; i < 10; i++) await session.type('\u001b[6~');
  assert.ok(session.written().length - before < 10 * 24 * 200);
  await quit(session);
});

test('Ctrl-C and an aborted signal reject as interrupted, with the terminal given back', async () => {
  const byKey = startSession(sampleReport(), [80, 24]);
  await byKey.type('\u0003');
  await assert.rejects(
    byKey.ended,
    (error) => error instanceof AuditError && error.exitCode === 130,
  );
  assertGivenBack(byKey);

  const bySignal = startSession(sampleReport(), [80, 24]);
  bySignal.abort.abort();
  await assert.rejects(bySignal.ended, { code: 'INTERRUPTED' });
  assertGivenBack(bySignal);
});

test('an error while drawing or after a key is what the caller gets, with the terminal given back', async () => {
  const whole = sampleReport();
  const broken = {
    ...whole,
    findings: whole.findings.map((finding, i) =>
      i === 2
        ? {
            ...finding,
            get title(): string {
              throw new RangeError('deliberate');
            },
          }
        : finding,
    ),
  };
  const drawing = startSession(broken, [80, 24]);
  await assert.rejects(drawing.ended, RangeError);
  assertGivenBack(drawing);

  let isArmed = false;
  const later = new Proxy(whole, {
    get(target, key) {
      if (isArmed) throw new RangeError('deliberate');
      return Reflect.get(target, key) as unknown;
    },
  });
  const afterKey = startSession(later, [80, 24]);
  isArmed = true;
  await afterKey.type('j');
  await assert.rejects(afterKey.ended, RangeError);
  assertGivenBack(afterKey);
});

test('the end of the input ends the session', async () => {
  const session = startSession(sampleReport(), [80, 24]);
  session.stdin.emit('end');
  await session.ended;
  assertGivenBack(session);
});

test('an input that is no terminal is refused before anything is written', async () => {
  await assert.rejects(
    runDiffTui(sampleReport(), {
      stdin: { isTTY: false } as unknown as TerminalInput,
      stdout: {} as TerminalOutput,
      env: {},
      signal: new AbortController().signal,
    }),
    { code: 'USAGE' },
  );
});

test('directories that were never recorded are called by where they lie', async () => {
  const whole = sampleReport();
  const session = startSession(
    {
      ...whole,
      before: { ...whole.before, name: 'before', location: './a' },
      after: { ...whole.after, name: 'after', location: './b' },
    },
    [80, 24],
  );
  assert.match(session.screen()[0]!, /\.\/a {2}→ {2}\.\/b/);
  await quit(session);
});

test('two equal builds have a screen too', async () => {
  const session = startSession({ ...report([], []), complete: true }, [80, 24]);
  assert.match(session.screen().join('\n'), /same/);
  await session.type('\t');
  assert.match(session.screen().join('\n'), /nothing changed/);
  await quit(session);
});

test('thousands of differences of one file scroll, and the keys w and c filter', async () => {
  const sizes: readonly (readonly [number, number])[] = [
    [80, 24],
    [200, 50],
  ];
  for (const size of sizes) {
    const session = startSession(explainedReport(), size);
    await session.type('\r\r');
    assert.match(session.screen().join('\n'), /explained/);
    await session.type('/m3999!\r');
    assert.match(session.screen().join('\n'), /m3999!c_mtime/);
    await session.type('\u001bG');
    assert.match(session.screen().join('\n'), new RegExp(`of ${(MANY * 3).toString()[0]}`));
    assertFits(session, ...size);
    await session.type('\u001b\u001bc');
    assert.match(session.screen().join('\n'), /why +time\.field/);
    await session.type('cw');
    assert.match(session.screen().join('\n'), /nondeterminism, rand\.key/);
    assert.doesNotMatch(session.screen().join('\n'), /bash/);
    assertFits(session, ...size);
    await quit(session);
  }
});

test('a report without causes says so when one is asked for', async () => {
  const session = startSession(sampleReport(), [80, 24]);
  await session.type('c');
  assert.match(session.screen().join('\n'), /no causes/);
  await quit(session);
});
