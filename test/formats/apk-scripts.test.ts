import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import { settleApkScripts } from '../../src/formats/apk-scripts.js';
import { needs } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';

const EPOCH = 1_600_000_000;
const LONG = `${'long-'.repeat(22)}package-1.2.3-r4.Q1abcdef.post-install`;

interface Script {
  readonly name: string;
  readonly content: string;
  readonly mtime: number;
  readonly uid?: number;
  readonly user?: string;
}

const SCRIPTS: readonly Script[] = [
  { name: 'busybox-1.36-r2.X1aa.post-install', content: '#!/bin/sh\n', mtime: EPOCH - 5 },
  { name: 'alpine-baselayout-3-r0.X1bb.pre-upgrade', content: 'x'.repeat(700), mtime: EPOCH + 5 },
  { name: LONG, content: '', mtime: EPOCH + 9, uid: 1000, user: 'builder' },
];

/** As apk writes it: a long name is a member of its own. */
function archive(scripts: readonly Script[]): Buffer {
  const members = scripts.flatMap((script) => {
    const long =
      script.name.length > 100 ? [member('././@LongLink', `${script.name}\0`, 'L', script)] : [];
    return [...long, member(script.name.slice(0, 99), script.content, '0', script)];
  });
  return Buffer.concat([...members, Buffer.alloc(1024)]);
}

function member(name: string, content: string, type: string, script: Script): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
  header.write(name, 0);
  header.write(octal(0o755, 7), 100);
  header.write(octal(script.uid ?? 0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(content.length, 11), 124);
  header.write(octal(script.mtime, 11), 136);
  header.write(`        ${type}`, 148);
  header.write('ustar\x0000', 257);
  header.write(script.user ?? '', 265);
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
    148,
  );
  return Buffer.concat([header, Buffer.from(content), Buffer.alloc(-content.length & 511)]);
}

test('Members are sorted, of owner 0, and not later than the epoch; the result is a fixed point', () => {
  const settled = settleApkScripts(archive(SCRIPTS), EPOCH);
  const expected = SCRIPTS.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((script) => ({
    name: script.name,
    content: script.content,
    mtime: Math.min(script.mtime, EPOCH),
  }));
  assert.deepEqual(Buffer.from(settled), archive(expected));
  assert.deepEqual(settleApkScripts(settled, EPOCH), settled);
});

test('Any order, owner and later time give the same archive', () => {
  const expected = settleApkScripts(archive(SCRIPTS), EPOCH);
  fc.assert(
    fc.property(
      fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
      fc.nat(1000),
      fc.nat(60000),
      (order, later, uid) => {
        const scripts = order.map((i) => {
          const script = SCRIPTS[i]!;
          return { ...script, uid, mtime: script.mtime + (script.mtime > EPOCH ? later : 0) };
        });
        assert.deepEqual(settleApkScripts(archive(scripts), EPOCH), expected);
      },
    ),
  );
});

test('An archive of nothing but zeros, and an empty file, stay', () => {
  for (const size of [0, 512, 1024, 10240])
    assert.deepEqual(settleApkScripts(Buffer.alloc(size), EPOCH), Buffer.alloc(size));
});

test('What apk would not have written is refused', () => {
  const other = (type: string) =>
    Buffer.concat([member('a', '', type, SCRIPTS[0]!), Buffer.alloc(1024)]);
  const trailing = archive(SCRIPTS);
  trailing[trailing.length - 1] = 1;
  for (const bytes of [other('5'), other('x'), other('2'), trailing, Buffer.from('text')])
    assert.throws(() => settleApkScripts(bytes, EPOCH), FormatError);
});

test('Cut or changed bytes give an archive of the same size or a fault of the format', () => {
  const whole = archive(SCRIPTS);
  const attempt = (bytes: Buffer): void => {
    try {
      assert.equal(settleApkScripts(bytes, EPOCH).length, bytes.length);
    } catch (error) {
      assert.ok(error instanceof FormatError, String(error));
    }
  };
  for (let length = 0; length < whole.length; length++) attempt(whole.subarray(0, length));
  const place = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(place, { minLength: 1, maxLength: 6 }), (changes) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of changes) bytes[at] = value;
      attempt(bytes);
    }),
    { numRuns: 3000 },
  );
});

test(
  'tar lists and unpacks the same scripts before and after',
  { skip: needs('tar') },
  (t: TestContext) => {
    const folder = tempFolder(t);
    const tar = (...args: readonly string[]): string =>
      execFileSync('tar', [...args], { cwd: folder, encoding: 'latin1' });
    mkdirSync(join(folder, 'in'));
    for (const { name, content, mtime } of SCRIPTS) {
      writeFileSync(join(folder, 'in', name), content);
      utimesSync(join(folder, 'in', name), mtime, mtime);
    }
    const names = SCRIPTS.map(({ name }) => name);
    // What the real tar writes for GNU is `ustar` followed by a blank: another dialect of the same header.
    tar('-cf', 'a.tar', '--format=gnu', '--owner=7', '--group=7', '-C', 'in', ...names);
    writeFileSync(
      join(folder, 'b.tar'),
      settleApkScripts(readFileSync(join(folder, 'a.tar')), EPOCH),
    );
    assert.deepEqual(tar('-tf', 'b.tar').trimEnd().split('\n'), names.toSorted());
    assert.ok(!tar('-tvf', 'b.tar', '--numeric-owner').includes('7/7'));
    mkdirSync(join(folder, 'out'));
    tar('-xf', 'b.tar', '-C', 'out', '--no-same-owner');
    for (const { name, content } of SCRIPTS)
      assert.equal(readFileSync(join(folder, 'out', name), 'latin1'), content);
  },
);
