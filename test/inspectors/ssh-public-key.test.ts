import assert from 'node:assert/strict';
import { test } from 'node:test';

import { everyDifference } from './every-difference.js';
import { lookInto, proveEveryByte, proveTruncation } from './prove.js';

const KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAI'.padEnd(68, 'Qk3+/');
const pub = (key = KEY, comment = 'root@builder-1'): Uint8Array =>
  Buffer.from(`ssh-ed25519 ${key} ${comment}\n`);
const NAME = 'etc/ssh/ssh_host_ed25519_key.pub';

test('a public key has a type, a key drawn by chance, a user and a host', async () => {
  assert.equal((await lookInto(NAME, pub())).format, 'ssh-public-key');
  assert.deepEqual(await everyDifference(NAME, pub(), pub(KEY.replace('Qk3', 'Zk3'))), [
    'ssh-ed25519!key random',
  ]);
  assert.deepEqual(await everyDifference(NAME, pub(), pub(KEY, 'root@builder-2')), [
    'ssh-ed25519!host host',
  ]);
});

test('every byte of a public key is in some fact, and a cut one is another', async () => {
  const keys = Buffer.concat([pub(), pub(KEY, 'a comment of words'), Buffer.from('# note\n\n')]);
  await proveEveryByte(NAME, keys);
  await proveTruncation(NAME, keys);
});

test('text that is no key stays text', async () => {
  assert.equal((await lookInto('a.txt', Buffer.from('ssh-keygen makes keys\n'))).format, 'text');
});
