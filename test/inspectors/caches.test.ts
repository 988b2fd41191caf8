import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { fontconfigCacheSample } from '../formats/build-fontconfig-cache.js';
import { gtkIconCacheSample } from '../formats/build-gtk-icon-cache.js';
import { gvdbSample } from '../formats/build-gvdb.js';
import { hwdbBinSample } from '../formats/build-hwdb-bin.js';
import { journalFileSample } from '../formats/build-journal-file.js';
import { ldSoCacheSample } from '../formats/build-ld-so-cache.js';
import { mimeCacheSample } from '../formats/build-mime-cache.js';
import { systemdCatalogSample } from '../formats/build-systemd-catalog.js';
import { differences } from './differences.js';
import { comparable, lookInto, proveEveryByte, proveTruncation } from './prove.js';

const wtmp = (): Uint8Array => {
  const bytes = Buffer.alloc(2 * 384 + 10);
  bytes.writeUInt16LE(7, 384);
  bytes.writeInt32LE(4711, 384 + 4);
  bytes.write('tty1', 384 + 8, 'latin1');
  bytes.write('alice', 384 + 44, 'latin1');
  bytes.write('host.example', 384 + 76, 'latin1');
  bytes.writeUInt32LE(1767225600, 384 + 340);
  return Uint8Array.from(bytes);
};

const SAMPLES: readonly (readonly [string, string, Uint8Array])[] = [
  ['ld.so.cache', 'etc/ld.so.cache', ldSoCacheSample('/lib/libc.so.6')],
  ['gvdb', 'etc/dconf/db/site', gvdbSample(true)],
  ['gvdb', 'etc/dconf/db/site', gvdbSample(false)],
  ['gtk-icon-cache', 'usr/share/icons/a/icon-theme.cache', gtkIconCacheSample()],
  ['mime-cache', 'usr/share/mime/mime.cache', mimeCacheSample()],
  ['fontconfig-cache', 'var/cache/fontconfig/a.cache-8', fontconfigCacheSample(8, true)],
  ['fontconfig-cache', 'var/cache/fontconfig/a.cache-8', fontconfigCacheSample(4, false)],
  ['systemd-catalog', 'database', systemdCatalogSample(['Subject: one', 'two'])],
  ['hwdb', 'etc/udev/hwdb.bin', hwdbBinSample(32)],
  ['journal', 'system.journal', journalFileSample(272)],
  ['logins', 'var/log/wtmp', wtmp()],
];

for (const [format, name, bytes] of SAMPLES) {
  test(`every byte of ${format} is in a fact, and damage is told`, async () => {
    const looked = await lookInto(name, bytes);
    assert.deepEqual([looked.format, looked.problems], [format, []]);
    await proveEveryByte(name, bytes, 700);
    await proveTruncation(name, bytes, 200);
  });

  test(`${format} with random damage gives facts and never throws`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        async (changes) => {
          const changed = Uint8Array.from(bytes);
          for (const [at, value] of changes) changed[at] = value;
          assert.notEqual(comparable(await lookInto(name, changed)), '');
        },
      ),
      { numRuns: 60 },
    );
  });
}

test('a moved library is the path of its row, and where things lie follows', async () => {
  assert.deepEqual(
    await differences(
      'etc/ld.so.cache',
      ldSoCacheSample('/lib/libc.so.6'),
      ldSoCacheSample('/usr/libc.so.6'),
    ),
    ['libc.so.6!value path'],
  );
});

test('the time of its directory is all that differs between two caches of fontconfig', async () => {
  const [a, b] = [fontconfigCacheSample(8, true), fontconfigCacheSample(8, true)];
  new DataView(b.buffer, b.byteOffset).setInt32(48, 1_767_225_600, true);
  assert.deepEqual(await differences('a.cache-8', a, b), ['checksum time']);
});

test('a changed text of a catalogue is the text of its id', async () => {
  const changed = await differences(
    'database',
    systemdCatalogSample(['Subject: one', 'two']),
    systemdCatalogSample(['Subject: one', 'owt']),
  );
  assert.equal(changed.length, 1);
  assert.match(changed[0]!, /!text opaque$/);
});

test('a record of a login tells user, host and time', async () => {
  const later = wtmp();
  new DataView(later.buffer).setUint32(384 + 340, 1767225601, true);
  assert.deepEqual(await differences('var/log/wtmp', wtmp(), later), ['1!seconds time']);
  const other = wtmp();
  other[384 + 76] = 0x48;
  assert.deepEqual(await differences('var/log/wtmp', wtmp(), other), ['1!host host']);
});

test('a value of a database of settings is told under its whole key', async () => {
  const changed = gvdbSample(true);
  changed[148] = 0x58;
  const found = await differences('etc/dconf/db/site', gvdbSample(true), changed);
  assert.deepEqual(found, ['/name!text opaque']);
});
