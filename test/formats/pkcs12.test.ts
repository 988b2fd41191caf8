import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { FormatError } from '../../src/core/errors.js';
import { isPkcs12, readPkcs12, type Pkcs12 } from '../../src/formats/pkcs12.js';
import { readX509 } from '../../src/formats/x509.js';
import { needs } from '../helpers/oracle.js';
import { selfSigned } from '../helpers/self-signed.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { mutations } from '../scrub/normalizers/mutations.js';

const AES_256_CBC = '2.16.840.1.101.3.4.1.42';
const PBKDF2 = '1.2.840.113549.1.5.12';

interface Store {
  readonly bytes: Buffer;
  readonly outline: Pkcs12;
}

/** What `openssl pkcs12 -export` makes of a new key and its certificate. */
function exported(t: TestContext, ...options: string[]): Store {
  const { folder, openssl } = selfSigned(t);
  openssl(
    'pkcs12 -export -inkey k.pem -in c.pem -out x.p12 -passout pass:changeit -name na\u00efve',
    ...options,
  );
  return read(join(folder, 'x.p12'));
}

function read(file: string): Store {
  const bytes = readFileSync(file);
  assert.ok(isPkcs12(bytes));
  const outline = readPkcs12(bytes);
  assert.deepEqual(outline.extent, { offset: 0, length: bytes.length });
  return { bytes, outline };
}

/** Values are where the outline says. */
function assertPlaces({ bytes, outline }: Store): void {
  const encryptions = outline.safes.flatMap((safe) =>
    safe.kind === 'encrypted'
      ? [safe.encryption]
      : safe.kind === 'plain'
        ? safe.bags.map((bag) => bag.encryption)
        : [],
  );
  const values = [
    ...encryptions.flatMap((encryption) => [encryption?.salt, encryption?.iv]),
    outline.mac?.salt,
    outline.mac?.digest,
  ];
  for (const value of values)
    if (value !== null && value !== undefined)
      assert.deepEqual(
        bytes.subarray(value.offset, value.offset + value.bytes.length),
        Buffer.from(value.bytes),
      );
}

test(
  'Safes, bags, salts, counts and vectors of a store by openssl are told',
  { skip: needs('openssl') },
  (t) => {
    const store = exported(t, '-iter', '3000', '-maciter');
    assertPlaces(store);
    const [certificates, keys] = store.outline.safes;
    assert.ok(certificates?.kind === 'encrypted' && keys?.kind === 'plain');
    const { derivation, cipher, iterations, salt, iv } = certificates.encryption;
    assert.deepEqual([derivation, cipher, iterations], [PBKDF2, AES_256_CBC, 3000]);
    assert.ok((salt?.bytes.length ?? 0) >= 8);
    assert.equal(iv?.bytes.length, 16);
    assert.equal(certificates.data.bytes.length % 16, 0);
    const [key] = keys.bags;
    assert.deepEqual(
      [key?.kind, key?.friendlyName, key?.localKeyId?.bytes.length],
      ['shrouded-key', 'na\u00efve', 20],
    );
    assert.equal(key?.encryption?.cipher, AES_256_CBC);
    assert.equal(store.outline.mac?.iterations, 3000);
    assert.equal(store.outline.mac.digest.bytes.length, 32);
  },
);

test(
  'Stores of the old schemes, without encryption and without a seal are told',
  { skip: needs('openssl') },
  (t) => {
    const bare = exported(t, '-certpbe', 'NONE', '-keypbe', 'NONE', '-nomac');
    assert.equal(bare.outline.mac, null);
    const bags = bare.outline.safes.flatMap((safe) => (safe.kind === 'plain' ? safe.bags : []));
    assert.deepEqual(
      bags.map(({ kind }) => kind),
      ['cert', 'key'],
    );
    const { offset, bytes } = bags[0]!.certificate!;
    const certificate = readX509(bytes, offset);
    assert.equal(certificate.subject.commonName, 'x');
    assert.deepEqual(certificate.extent, { offset, length: bytes.length });
    const old = exported(
      t,
      '-certpbe',
      'PBE-SHA1-3DES',
      '-keypbe',
      'PBE-SHA1-3DES',
      '-macalg',
      'sha1',
    );
    assertPlaces(old);
    const [first] = old.outline.safes;
    assert.ok(first?.kind === 'encrypted');
    assert.deepEqual(
      [first.encryption.algorithm, first.encryption.salt?.bytes.length, first.encryption.iv],
      ['1.2.840.113549.1.12.1.3', 8, null],
    );
  },
);

test(
  'Two stores of the same entries by keytool differ in salts and vectors, and their keys in time',
  { skip: needs('keytool') },
  (t) => {
    const folder = tempFolder(t);
    const keytool = (...args: string[]): void =>
      void execFileSync('keytool', [...args, '-storetype', 'PKCS12', '-storepass', 'changeit'], {
        cwd: folder,
        stdio: 'pipe',
      });
    const started = Date.now();
    keytool(
      '-genkeypair',
      '-alias',
      'k',
      '-keyalg',
      'EC',
      '-dname',
      'CN=x',
      '-keystore',
      'key.p12',
    );
    keytool('-exportcert', '-alias', 'k', '-file', 'c.der', '-keystore', 'key.p12');
    for (const name of ['a.p12', 'b.p12'])
      keytool('-importcert', '-noprompt', '-alias', 'ca', '-file', 'c.der', '-keystore', name);
    const [a, b] = ['a.p12', 'b.p12'].map((name) => read(join(folder, name)));
    assert.ok(a !== undefined && b !== undefined);
    for (const store of [a, b]) assertPlaces(store);
    const encryptionOf = ({ outline }: Store): readonly (string | number | null)[] => {
      const [safe] = outline.safes;
      assert.ok(safe?.kind === 'encrypted');
      const { salt, iterations, iv } = safe.encryption;
      return [...[salt, iv].map((value) => Buffer.from(value!.bytes).toString('hex')), iterations];
    };
    const [one, two] = [encryptionOf(a), encryptionOf(b)];
    assert.notEqual(one[0], two[0]);
    assert.notEqual(one[1], two[1]);
    assert.equal(one[2], two[2]);
    assert.notDeepEqual(a.outline.mac?.salt.bytes, b.outline.mac?.salt.bytes);
    const key = read(join(folder, 'key.p12')).outline.safes.find((safe) => safe.kind === 'plain')
      ?.bags[0];
    assert.equal(key?.kind, 'shrouded-key');
    assert.equal(key.friendlyName, 'k');
    assert.ok(Math.abs((key.javaTimeMs ?? 0) - started) < 600_000);
  },
);

test(
  'Stores cut at any byte are refused, damaged ones read or refused',
  { skip: needs('openssl') },
  (t) => {
    for (const options of [['-maciter'], ['-certpbe', 'NONE', '-keypbe', 'NONE']]) {
      const { bytes } = exported(t, ...options);
      for (let length = 0; length < bytes.length; length++)
        assert.throws(() => readPkcs12(bytes.subarray(0, length)), FormatError);
      for (const mutant of mutations(bytes, 5000, 7))
        try {
          readPkcs12(mutant);
        } catch (error) {
          assert.ok(error instanceof FormatError, String(error));
        }
    }
  },
);

test(
  'A store in pieces of indefinite length is read as one in a piece',
  { skip: needs('openssl') },
  (t) => {
    const { bytes, outline } = exported(t, '-certpbe', 'NONE', '-keypbe', 'NONE', '-nomac');
    // version, then authSafe { type, [0] { OCTET STRING } }: the string is cut in two.
    const at = outline.safes[0]!.extent.offset - 4;
    const inner = bytes.subarray(at);
    const head = Buffer.from('3080020103', 'hex');
    const type = Buffer.from('308006092a864886f70d010701a0802480', 'hex');
    const piece = (part: Buffer): Buffer => {
      const header = Buffer.from([0x04, 0x82, part.length >> 8, part.length & 255]);
      return Buffer.concat([header, part]);
    };
    const file = Buffer.concat([
      head,
      type,
      piece(inner.subarray(0, 100)),
      piece(inner.subarray(100)),
      Buffer.alloc(8),
    ]);
    assert.ok(isPkcs12(file));
    const shape = (store: Pkcs12): unknown =>
      store.safes.map((safe) =>
        safe.kind === 'plain'
          ? safe.bags.map((bag) => [bag.kind, bag.friendlyName, bag.extent.length])
          : safe.kind,
      );
    assert.deepEqual(shape(readPkcs12(file)), shape(outline));
  },
);
