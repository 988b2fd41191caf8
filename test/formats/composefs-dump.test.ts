import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { composefsDumpReader } from '../../src/formats/composefs-dump.js';
import { proveHarmless, readAll } from './listings.js';

const VERITY = '12'.repeat(32);

const SAMPLE = `/ 0 40755 2 0 0 0 1.000000005 - - -
/a\\x20b 5 100644 2 1 2 0 -2.5 - hello - user.x=\\x00\\x3d security.capability=\\\\
/big 70000 100600 1 0 0 0 0.0 12/34 - ${VERITY}
/dev 0 20644 1 0 0 66305 0.0 - - -
/empty 0 100644 1 0 0 0 0.0 - - -
/hard 5 @100644 2 1 2 0 0.0 /a\\x20b - -
/link 3 120777 1 0 0 0 0.0 ..\\n - -
`;

test('entries are read with what their lines have', () => {
  const { entries, errors } = readAll(composefsDumpReader(), SAMPLE);
  assert.deepEqual(errors, []);
  const [root, a, big, dev, empty, hard, link] = entries;
  assert.deepEqual(
    [root?.path, root?.type, root?.mode, root?.mtimeNs],
    ['/', 'directory', 0o755, 1_000_000_005n],
  );
  assert.deepEqual(
    [a?.path, a?.size, a?.uid, a?.gid, a?.mtimeNs],
    ['/a b', 5, 1, 2, -1_999_999_995n],
  );
  assert.deepEqual(a?.xattrs, [
    { name: 'security.capability', value: '\\' },
    { name: 'user.x', value: '\0=' },
  ]);
  assert.deepEqual(a.sha256, createHash('sha256').update('hello').digest());
  assert.deepEqual([big?.sha256, big?.otherDigests], [null, ['fs-verity']]);
  assert.deepEqual(dev?.rdev, { major: 259, minor: 1 });
  assert.deepEqual(empty?.sha256, createHash('sha256').digest());
  assert.deepEqual([hard?.path, hard?.linkTo], ['/hard', '/a b']);
  assert.deepEqual([link?.type, link?.target], ['symlink', '..\n']);
});

test('lines that make no sense are refused', () => {
  const good = '/a 5 100644 1 0 0 0 0.0 - - -';
  for (const [from, to] of [
    ['/a', 'a'],
    ['/a', '/\\q'],
    [' 5 ', ' x '],
    ['100644', '644'],
    ['100644', '8'],
    ['0.0', '0,0'],
    [' - - -', ' - -'],
    [' - - -', ' - abc -'],
    [' - - -', ' - - - x'],
    [' - - -', ' - - - sha256=00'],
  ] as const) {
    const { errors } = readAll(composefsDumpReader(), good.replace(from, to));
    assert.equal(errors.length, 1, to);
  }
});

test('cut and changed dumps do no harm', () => proveHarmless(composefsDumpReader, SAMPLE));
