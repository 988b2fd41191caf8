import assert from 'node:assert/strict';
import { test } from 'node:test';

import { everyDifference } from '../every-difference.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';

const PASSWD =
  'root:x:0:0:root:/root:/bin/bash\n# a comment\nuser:x:1000:1000:Some One,,,:/home/user:/bin/sh\n';
const GROUP = 'root:x:0:\nwheel:x:10:root,user\n';
const SHADOW =
  'root:$6$salt$hashhash:20700:0:99999:7:::\nbin:*:20700:0:99999:7:::\nsshd:!!:20701::::::\nu:!$y$j9T$x:20700:0:99999:7::20800:\n';
const GSHADOW = 'root:*::\nwheel:!:root:root,user\n';

const FILES: readonly (readonly [string, string])[] = [
  ['etc/passwd', PASSWD],
  ['usr/lib/group', GROUP],
  ['etc/shadow', SHADOW],
  ['etc/gshadow-', GSHADOW],
];

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

test('every byte of an account file is in some fact', async () => {
  for (const [name, text] of FILES) {
    await proveEveryByte(name, bytes(text));
    await proveTruncation(name, bytes(text));
  }
});

test('each field that differs is named by account and field', async () => {
  const cases: readonly (readonly [string, string, string, string, readonly string[]])[] = [
    ['etc/passwd', PASSWD, ':1000:1000', ':1001:1000', ['passwd!user!uid owner']],
    ['etc/passwd', PASSWD, 'Some One', 'Some Two', ['passwd!user!gecos opaque']],
    ['etc/passwd', PASSWD, '/bin/sh', '/bin/zsh', ['passwd!user!shell path']],
    ['etc/passwd', PASSWD, 'a comment', 'b comment', ['other lines opaque']],
    ['usr/lib/group', GROUP, 'root,user', 'user,root', ['group!wheel!members owner']],
    ['etc/shadow', SHADOW, '20701', '20702', ['shadow!sshd!changed time']],
    ['etc/shadow', SHADOW, 'hashhash', 'hashhasi', ['shadow!root!password secret']],
    ['etc/shadow', SHADOW, 'sshd:!!', 'sshd:*', ['shadow!sshd!lock text']],
    ['etc/shadow', SHADOW, '20800', '20801', ['shadow!u!expire time']],
    ['etc/gshadow', GSHADOW, ':root:root', '::root', ['gshadow!wheel!administrators owner']],
  ];
  for (const [name, text, old, now, expected] of cases)
    assert.deepEqual(
      await everyDifference(name, bytes(text), bytes(text.replace(old, now))),
      expected,
      now,
    );
});

test('the order of accounts is told by itself', async () => {
  const [root, wheel] = GROUP.split(/(?<=\n)/);
  assert.deepEqual(await everyDifference('etc/group', bytes(GROUP), bytes(`${wheel}${root}`)), [
    'group!order layout',
  ]);
});

test('no password or part of one is in the facts, nor a line of unknown form', async () => {
  const odd = `${SHADOW}this line:$6$is odd\n`;
  const { facts, format } = await lookInto('etc/shadow', bytes(odd));
  assert.equal(format, 'shadow');
  assert.doesNotMatch(JSON.stringify(facts), /salt|hash|\$6|\$y|j9T|odd/);
  const { rows, columns } = facts[0]!.facts.tables[0]!;
  const at = columns.findIndex(({ name }) => name === 'changed');
  assert.equal(rows[1]!.values[at], String(20700 * 86_400));
});

test('programs and settings of these names are no account files', async () => {
  for (const name of ['etc/pam.d/passwd', 'usr/share/bash-completion/completions/passwd'])
    assert.equal((await lookInto(name, bytes('a:b:c\n'))).format, 'text');
});
