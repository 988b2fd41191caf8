import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { readApkInstalled } from '../../src/formats/apk-installed.js';
import { applyPlan } from '../../src/scrub/apply.js';
import { tempTree } from '../helpers/temp-tree.js';
import { editsOf, NONCE, plan, scrub } from './support.js';

const only = ['apk-virtual-versions'];
const DB = 'lib/apk/db/installed';
const WORLD = 'etc/apk/world';
/** 1,600,000,000 seconds. */
const EPOCH_VERSION = '20200913.122640';

function sha1(text: string): string {
  return `Q1${createHash('sha1').update(Buffer.from(text, 'latin1')).digest('base64')}`;
}

function virtual(name: string, version: string, pid: number): string {
  const number = Buffer.alloc(4);
  number.writeUInt32LE(pid);
  const checksum = sha1(`${number.toString('latin1')}${name}\0${version}`);
  return `C:${checksum}\nP:${name}\nV:${version}\nA:noarch\nS:0\nI:0\nT:virtual meta package\nU:\nL:\nD:gcc musl-dev\n\n`;
}

const REAL = `C:${sha1('real')}\nP:gcc\nV:20260101.000000\nA:x86_64\nS:9\nI:9\nT:The GNU compiler\nU:u\nL:l\nF:usr\nF:usr/bin\nR:gcc\na:0:0:755\nZ:${sha1('file')}\n\n`;

function built(version: string, pid: number): Record<string, string> {
  return {
    [DB]:
      REAL +
      virtual('.build-deps', version, pid) +
      REAL.replace('P:gcc', 'P:musl-dev') +
      virtual('.pinned', '0', pid),
    [WORLD]: `.build-deps=${version}\n.pinned=0\nalpine-base\ngcc=20260101.000000\n`,
  };
}

const text = (root: string, name: string): string => readFileSync(join(root, name), 'latin1');

test('two builds at two times become one, and the world fits the database', async (t) => {
  const roots = [built('20240426.070712', 12), built('20250101.235959', 99_999)].map((files) =>
    tempTree(t, files),
  );
  assert.deepEqual(editsOf(await plan(roots[0]!)), []);
  for (const root of roots) {
    const { plan: planned, result } = await scrub(root, { only });
    assert.deepEqual(editsOf(planned), [`rewrite ${DB}`, `rewrite ${WORLD}`]);
    assert.deepEqual(result.diagnostics, []);
    assert.deepEqual(editsOf(await plan(root, { only })), []);
    assert.equal(text(root, DB), built(EPOCH_VERSION, 0)[DB]);
    assert.equal(text(root, WORLD), built(EPOCH_VERSION, 0)[WORLD]);
  }
  const packages = [...readApkInstalled(readFileSync(join(roots[0]!, DB)))];
  assert.deepEqual(
    packages.map(({ name, version }) => `${name} ${version}`),
    [
      'gcc 20260101.000000',
      `.build-deps ${EPOCH_VERSION}`,
      'musl-dev 20260101.000000',
      '.pinned 0',
    ],
  );
});

test('an earlier version stays; what is no virtual package stays; nothing is done without one', async (t) => {
  const early = tempTree(t, built('20190101.000000', 0));
  assert.deepEqual(editsOf(await plan(early, { only })), []);
  const none = tempTree(t, { [DB]: REAL, [WORLD]: 'gcc=20260101.000000\n' });
  assert.deepEqual(editsOf(await plan(none, { only })), []);
});

test('a run that was cut off between the files is finished by the next', async (t) => {
  const root = tempTree(t, built('20240426.070712', 5));
  const planned = await plan(root, { only });
  await applyPlan({ ...planned, edits: planned.edits.slice(0, 1) }, { nonce: NONCE });
  await scrub(root, { only });
  assert.equal(text(root, WORLD), built(EPOCH_VERSION, 0)[WORLD]);
});

test('a database that is cut off anywhere, or of another kind, is left', async (t) => {
  const whole = virtual('.x', '20240426.070712', 1);
  const root = tempTree(t, { [DB]: 'ADB.', [WORLD]: '.x=20240426.070712\n' });
  const { edits, diagnostics } = await plan(root, { only });
  assert.deepEqual([edits.length, diagnostics.length], [0, 1]);
  for (let length = 1; length < whole.length; length += 7) {
    const cut = tempTree(t, { [DB]: whole.slice(0, length) });
    assert.deepEqual((await plan(cut, { only })).edits, [], String(length));
  }
});
