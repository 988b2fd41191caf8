import assert from 'node:assert/strict';
import { test } from 'node:test';

import { everyDifference } from '../every-difference.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';

const STATUS = `Package: bash
Status: install ok installed
Installed-Size: 1000
Architecture: amd64
Version: 5.2-1
Depends: libc6 (>= 2.36),
 libtinfo6
Conffiles:
 /etc/bash.bashrc 00112233445566778899aabbccddeeff
Description: a shell
 with a long text

Package: base-files
Status: install ok installed
Architecture: all
Version: 12.4
`;
const MD5SUMS = `${'ab'.repeat(16)}  usr/bin/a\n${'cd'.repeat(16)}  usr/share/doc/with space\n`;
const APK = `C:Q1abcdefghijklmnopqrstuvwxyz0=
P:musl
V:1.2.4-r2
A:x86_64
S:100
I:200
T:the c library
t:1790000000
c:0123456789abcdef0123456789abcdef01234567
D:so:libx
F:lib
M:0:0:1777
R:ld-musl-x86_64.so.1
a:0:0:755
Z:Q1YWJjZGVmZ2hpamtsbW5vcHFyc3Q=
R:libc.so
Z:Q1aaaaaaaaaaaaaaaaaaaaaaaaaaa=

P:zlib
V:1.3-r0
A:x86_64

`;
const DESC = `%NAME%
zlib

%VERSION%
1:1.3-1

%INSTALLDATE%
1790000000

%DEPENDS%
glibc
other

`;
const MTREE = `#mtree
/set type=file uid=0 gid=0 mode=644
./.PKGINFO time=1790000000.0 size=300 sha256digest=${'a'.repeat(64)}
./usr time=1790000001.0 mode=755 type=dir
`;

const FILES: Readonly<Record<string, readonly [format: string, text: string]>> = {
  'var/lib/dpkg/status': ['dpkg-status', STATUS],
  'var/lib/dpkg/info/a.md5sums': ['md5sums', MD5SUMS],
  'lib/apk/db/installed': ['apk-installed', APK],
  'var/lib/pacman/local/zlib-1/desc': ['alpm-desc', DESC],
  mtree: ['mtree', MTREE],
};

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

test('every byte of a list of packages is in some fact', async () => {
  for (const [name, [format, text]] of Object.entries(FILES)) {
    const looked = await lookInto(name, bytes(text));
    assert.equal(looked.format, format);
    assert.deepEqual(looked.problems, []);
    await proveEveryByte(name, bytes(text));
    await proveTruncation(name, bytes(text));
  }
});

test('each field that differs is named by package or path', async () => {
  const [status, sums, apk, desc, mtree] = Object.keys(FILES) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const cases: readonly (readonly [string, string, string, string])[] = [
    [status, '5.2-1', '5.2-2', 'packages!bash:amd64!Version version'],
    [status, 'libtinfo6', 'libtinfo5', 'packages!bash:amd64!Depends opaque'],
    [status, 'eeff', 'eefe', 'packages!bash:amd64!Conffiles opaque'],
    [status, 'install ok', 'hold ok', 'packages!bash:amd64!Status text'],
    [status, 'Size: ', 'Size:  ', 'packages!bash:amd64!form layout'],
    [sums, 'cdcd', 'cdce', 'files!usr/share/doc/with space!md5 digest'],
    [apk, 't:1790000000', 't:1790000001', 'packages!musl!t time'],
    [apk, '1.2.4-r2', '1.2.4-r3', 'packages!musl!V version'],
    [apk, '0:0:755', '0:0:750', 'files!lib/ld-musl-x86_64.so.1!a owner'],
    [apk, 'Q1aaa', 'Q1aab', 'files!lib/libc.so!Z digest'],
    [desc, '1790000000', '1790000009', 'INSTALLDATE time'],
    [desc, 'other', 'others', 'DEPENDS opaque'],
    [mtree, '1790000001.0', '1790000002.0', 'files!./usr!time time'],
    [mtree, 'mode=644', 'mode=640', 'files!/set!mode mode'],
  ];
  for (const [name, old, now, expected] of cases) {
    const text = FILES[name]![1];
    assert.deepEqual(
      await everyDifference(name, bytes(text), bytes(text.replace(old, now))),
      [expected],
      `${name}: ${now}`,
    );
  }
});

test('packages in another order are equal but for the order', async () => {
  const [bash, base] = STATUS.split('\n\n') as [string, string];
  const name = 'var/lib/dpkg/status';
  const other = `${base}\n${bash}\n`;
  const found = await everyDifference(name, bytes(STATUS), bytes(other));
  assert.ok(found.includes('packages!order layout'));
  assert.ok(found.every((each) => each.endsWith(' layout')));
});
