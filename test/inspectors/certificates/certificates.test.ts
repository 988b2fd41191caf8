import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { buildElf } from '../../formats/build-elf.js';
import { needs } from '../../helpers/oracle.js';
import { selfSigned, type SelfSigned } from '../../helpers/self-signed.js';
import { differences } from '../differences.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';

interface Certificate {
  readonly pem: Buffer;
  readonly der: Buffer;
  readonly sign: SelfSigned['sign'];
}

function certificate(t: TestContext, subject: string, ...options: string[]): Certificate {
  const { folder, openssl, sign } = selfSigned(t, { subject, key: 'ec', options });
  return {
    pem: readFileSync(join(folder, 'c.pem')),
    der: openssl('x509 -in c.pem -outform DER'),
    sign,
  };
}

const skip = needs('openssl');

test(
  'a bundle tells which certificate came, and that others only changed places',
  { skip },
  async (t) => {
    const [one, two, three] = ['one', 'two', 'three'].map(
      (name) => certificate(t, `/CN=${name}`).pem,
    );
    const bundle = (...pems: readonly (Buffer | undefined)[]): Buffer =>
      Buffer.concat(pems.filter((pem) => pem !== undefined));
    assert.deepEqual(
      await differences('ca.crt', bundle(one, two, three), bundle(two, one, three)),
      ['certificate!order order'],
    );
    assert.deepEqual(await differences('ca.crt', bundle(one, two), bundle(one, two, three)), [
      'certificate!CN=three!member member',
    ]);
    const comment = (text: string): Buffer =>
      Buffer.concat([Buffer.from(`# ${text}\n`), one!, two!]);
    const found = await differences('ca.crt', comment('made by hand'), comment('made by head'));
    assert.ok(found.length > 0 && found.every((each) => each.startsWith('line')), found.join());
  },
);

test(
  'what differs between two certificates of one name is told field by field',
  { skip },
  async (t) => {
    const make = (...options: string[]): Buffer => certificate(t, '/CN=same', ...options).pem;
    const found = await differences(
      'snakeoil.pem',
      make('-set_serial', '7'),
      make('-set_serial', '9'),
    );
    assert.ok(found.includes('certificate!CERTIFICATE!serialNumber random'), found.join());
    assert.ok(found.includes('certificate!CERTIFICATE!subjectPublicKeyInfo random'), found.join());
  },
);

test('another way to write the same certificate is an encoding', { skip }, async (t) => {
  const { pem } = certificate(t, '/CN=one');
  const dos = Buffer.from(pem.toString('latin1').replaceAll('\n', '\r\n'));
  assert.deepEqual(await differences('a.pem', pem, dos), [
    'certificate!CERTIFICATE!encoding codec',
  ]);
});

test('a private key behind a certificate is never shown', { skip }, async (t) => {
  const { pem } = certificate(t, '/CN=one');
  const body = Buffer.alloc(60, 0x41).toString('base64');
  const key = `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`;
  const padding = Buffer.concat(Array.from({ length: 8 }, () => pem));
  const looked = await lookInto('all.pem', Buffer.concat([padding, Buffer.from(key)]));
  assert.equal(looked.format, 'pem');
  assert.ok(!JSON.stringify(looked).includes(body));
});

test('every byte of certificates and signatures is in some fact', { skip }, async (t) => {
  const made = certificate(t, '/CN=one');
  await proveEveryByte('ca.pem', Buffer.concat([Buffer.from('# text\n'), made.pem, made.pem]), 300);
  await proveEveryByte('cert.der', made.der, 300);
  await proveEveryByte('a.p7s', made.sign('content'), 300);
  await proveTruncation('ca.pem', made.pem, 100);
  await proveTruncation('cert.der', made.der, 100);
});

test(
  'a signed kernel module differs in its signature alone when only that does',
  { skip },
  async (t) => {
    const { sign } = certificate(t, '/CN=module key');
    const module = buildElf({
      type: 1,
      sections: [{ name: '.text', type: 1, flags: 6, data: Buffer.alloc(50, 0x90) }],
    });
    const signed = (options: readonly string[], content = module): Buffer => {
      const signature = sign(content.toString('latin1'), '-noattr', '-nocerts', ...options);
      const info = Buffer.alloc(12);
      info[2] = 2;
      info.writeUInt32BE(signature.length, 8);
      const magic = Buffer.from('~Module signature appended~\n');
      return Buffer.concat([content, signature, info, magic]);
    };
    // ECDSA draws a new number for each signature.
    const [first, second] = [signed([]), signed([])];
    assert.equal((await lookInto('a.ko', first)).format, 'elf');
    const found = await differences('a.ko', first, second);
    assert.ok(found.includes('signature!module!message signature'), found.join());
    assert.ok(
      found.every((each) => each.startsWith('signature')),
      found.join(),
    );
    assert.deepEqual(await differences('a.ko', first, signed(['-md', 'sha512'])), [
      'signature!module!digestAlgorithm text',
      'signature!module!signatureAlgorithm text',
    ]);
    const other = Buffer.from(module);
    other[70]! ^= 1;
    assert.deepEqual(await differences('a.ko', first, signed([], other)), [
      'section!.text!content opaque',
    ]);
    await proveEveryByte('a.ko', first, 500);
  },
);
