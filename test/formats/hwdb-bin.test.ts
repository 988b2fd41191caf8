import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { FormatError } from '../../src/core/errors.js';
import { readHwdbBin } from '../../src/formats/hwdb-bin.js';
import { needs } from '../helpers/oracle.js';
import { hwdbBinSample } from './build-hwdb-bin.js';
import { proveFlips, proveMutations, proveTruncation } from './prove-parser.js';

for (const size of [16, 32] as const) {
  test(`values of ${size} bytes are read with their pattern and source`, () => {
    const { values, account, toolVersion } = readHwdbBin(hwdbBinSample(size));
    assert.deepEqual(account.problems, []);
    assert.equal(toolVersion, 252n);
    const source = values[0]?.source;
    assert.deepEqual(
      [values.length, values[0]?.pattern, values[0]?.key, values[0]?.value],
      [1, 'usb:v1*', ' ID', 'value'],
    );
    assert.deepEqual(
      source === null ? null : [source?.file, source?.line, source?.priority],
      size === 16 ? null : ['/usr/lib/udev/hwdb.d/20.hwdb', 77, 3],
    );
  });

  test(`a database with values of ${size} bytes stands cuts, flips and mutations`, () => {
    proveTruncation(hwdbBinSample(size), readHwdbBin);
    proveFlips(hwdbBinSample(size), readHwdbBin);
    proveMutations(hwdbBinSample(size), readHwdbBin);
  });
}

test('a trie that contains itself ends', () => {
  const bytes = hwdbBinSample(32);
  new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(80 + 32, 80n, true);
  assert.ok(readHwdbBin(bytes).account.problems.length > 0);
});

test('other files are refused', () => {
  assert.throws(() => readHwdbBin(Buffer.from('RHHHKSLP')), FormatError);
});

test(
  'the database of systemd-hwdb has what its sources say',
  { skip: needs('systemd-hwdb') },
  (t) => {
    const root = mkdtempSync(join(tmpdir(), 'hwdb-'));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    mkdirSync(join(root, 'etc/udev/hwdb.d'), { recursive: true });
    writeFileSync(
      join(root, 'etc/udev/hwdb.d/20-a.hwdb'),
      'usb:v1D6B*\n ID_VENDOR=Linux\n ID_MORE=1\n\nusb:v1D6Bp0001*\nusb:v1D6A*\n ID_MODEL=hub\n',
    );
    execFileSync('systemd-hwdb', [`--root=${root}`, 'update'], { stdio: 'ignore' });
    const bytes = readFileSync(join(root, 'etc/udev/hwdb.bin'));
    const { values, account } = readHwdbBin(bytes);
    assert.deepEqual(account.problems, []);
    assert.deepEqual(
      values
        .map(({ pattern, key, value, source }) => [pattern, key, value, source?.line])
        .sort((a, b) => (`${String(a)}` < `${String(b)}` ? -1 : 1)),
      [
        ['usb:v1D6A*', ' ID_MODEL', 'hub', 7],
        ['usb:v1D6B*', ' ID_MORE', '1', 3],
        ['usb:v1D6B*', ' ID_VENDOR', 'Linux', 2],
        ['usb:v1D6Bp0001*', ' ID_MODEL', 'hub', 7],
      ],
    );
    proveFlips(bytes, readHwdbBin);
  },
);
