import assert from 'node:assert/strict';
import { test } from 'node:test';

import { everyDifference } from './every-difference.js';
import { lookInto, proveEveryByte, proveTruncation } from './prove.js';

const TEXT =
  '# made by hand\nNAME="Some OS"\nVERSION_ID=42.20260901\n\nBUILD_ID=\'x y\'\nOSTREE_VERSION=42.1\n';
const NAME = 'usr/lib/os-release';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

test('every byte of os-release is in some fact', async () => {
  await proveEveryByte(NAME, bytes(TEXT));
  await proveTruncation(NAME, bytes(TEXT));
});

test('a value that differs is named by its key', async () => {
  const cases = [
    ['42.20260901', '42.20260902', 'VERSION_ID version'],
    ['x y', 'x z', 'BUILD_ID version'],
    ['Some', 'Same', 'NAME text'],
    ['42.1', '42.2', 'OSTREE_VERSION version'],
    ['"Some OS"', "'Some OS'", 'layout layout'],
  ] as const;
  for (const [old, now, expected] of cases)
    assert.deepEqual(
      await everyDifference(NAME, bytes(TEXT), bytes(TEXT.replace(old, now))),
      [expected],
      now,
    );
});

test('a release file that is one line of text is a text', async () => {
  assert.equal((await lookInto('etc/redhat-release', bytes('Some Linux 9\n'))).format, 'text');
});
