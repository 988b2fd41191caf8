import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import { readApkInstalled, type ApkPackage } from '../../src/formats/apk-installed.js';

const sha1 = (text: string, encoding: 'base64' | 'hex'): string =>
  createHash('sha1').update(text).digest(encoding);
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

const DATABASE = `C:Q1${sha1('package', 'base64')}
P:musl
V:1.2.5-r1
A:x86_64
S:407478
I:667648
T:the musl c library (libc) implementation
U:https://musl.libc.org/
L:MIT
o:musl
t:1600000000
c:0123456789012345678901234567890123456789
p:so:libc.musl-x86_64.so.1=1
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
Z:Q1${sha1('musl', 'base64')}
R:libc.musl-x86_64.so.1
a:0:0:777
Z:Q1${sha1('ld-musl-x86_64.so.1', 'base64')}
F:tmp
M:0:0:1777
F:
R:b\xe4r
a:0:0:644:Q1${sha1('xattrs', 'base64')}

P:.build-deps
V:20240426.070712
A:noarch

`;

const read = (text: string): ApkPackage[] => [...readApkInstalled(Buffer.from(text, 'latin1'))];

test('Packages have names, versions, directories and files with modes and digests', () => {
  const [musl, virtual, ...others] = read(DATABASE);
  assert.deepEqual(others, []);
  assert.deepEqual([musl!.name, musl!.version, musl!.architecture], ['musl', '1.2.5-r1', 'x86_64']);
  const digest = (text: string) => ({ algorithm: 'sha1', hex: sha1(text, 'hex') });
  assert.deepEqual(musl!.directories, [
    {
      path: 'lib',
      files: [
        { name: 'ld-musl-x86_64.so.1', mode: 0o755, digest: digest('musl') },
        { name: 'libc.musl-x86_64.so.1', mode: 0o777, digest: digest('ld-musl-x86_64.so.1') },
      ],
    },
    { path: 'tmp', files: [] },
    { path: '', files: [{ name: 'b\xe4r', mode: 0o644, digest: null }] },
  ]);
  assert.deepEqual(virtual, {
    name: '.build-deps',
    version: '20240426.070712',
    architecture: 'noarch',
    directories: [],
  });
});

test('Each way to write a digest is understood, and one that is cut short is none', () => {
  const digestOf = (value: string, flags = ''): unknown =>
    read(`P:p\nV:1\n${flags}F:d\nR:f\nZ:${value}\n\n`)[0]!.directories[0]!.files[0]!.digest;
  assert.deepEqual(digestOf(`X1${sha1('a', 'hex')}`), { algorithm: 'sha1', hex: sha1('a', 'hex') });
  assert.deepEqual(digestOf(`Q2${sha256('a').toString('base64')}`), {
    algorithm: 'sha256',
    hex: sha256('a').toString('hex'),
  });
  assert.deepEqual(digestOf('ab'.repeat(16)), { algorithm: 'md5', hex: 'ab'.repeat(16) });
  assert.equal(digestOf(`Q1${sha256('a').subarray(0, 20).toString('base64')}`, 'f:S\n'), null);
  assert.equal(digestOf('Q1AAAA'), null);
  assert.equal(digestOf('Q9AAAA'), null);
});

test('Unknown fields are passed over, and blank lines between packages do not matter', () => {
  assert.equal(read('\n\nP:p\nV:1\nz:new field\nG:another\n\n\n\n').length, 1);
  assert.deepEqual(read(''), []);
});

test('What apk would not have written is refused', () => {
  for (const text of [
    'P:p\nV:1\n',
    'P:p\nV:1',
    'V:1\n\n',
    'P:p\n\n',
    'P:p\nV:1\nR:f\n\n',
    'P:p\nV:1\nF:d\nZ:Q1\n\n',
    'P:p\nV:1\nF:d\na:0:0:755\n\n',
    'P:p\nV:1\nF:d\nR:f\na:0:0:rwx\n\n',
    'P:p\nV:1\nF:d\nR:a/b\n\n',
    'P:p\nV:1\nM:0:0:755\n\n',
    'no field\n\n',
    'ADB.inst\n\n',
    'ADBd\u0001\u0002',
  ])
    assert.throws(() => read(text), FormatError, JSON.stringify(text));
});

test('Cut anywhere it is refused, or ends after a whole package', () => {
  const whole = read(DATABASE);
  for (let length = 0; length < DATABASE.length; length++)
    try {
      const packages = read(DATABASE.slice(0, length));
      assert.deepEqual(packages, whole.slice(0, packages.length));
      assert.ok(length === 0 || DATABASE.slice(0, length).endsWith('\n\n'), String(length));
    } catch (error) {
      assert.ok(error instanceof FormatError, String(error));
    }
});

test('Changed bytes give packages or a fault of the format', () => {
  const place = fc.tuple(fc.nat(DATABASE.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(place, { minLength: 1, maxLength: 8 }), (changes) => {
      const bytes = Buffer.from(DATABASE, 'latin1');
      for (const [at, value] of changes) bytes[at] = value;
      try {
        for (const item of readApkInstalled(bytes)) assert.notEqual(item.name, '');
      } catch (error) {
        assert.ok(error instanceof FormatError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
