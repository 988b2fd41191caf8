import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { FormatError } from '../../src/core/errors.js';
import { readPkcs7 } from '../../src/formats/pkcs7.js';
import { readX509 } from '../../src/formats/x509.js';
import { needs } from '../helpers/oracle.js';
import { selfSigned, type SelfSigned } from '../helpers/self-signed.js';
import { mutations } from '../scrub/normalizers/mutations.js';

function signer(t: TestContext): SelfSigned {
  const subject = '/C=DE/O=Test, Inc/CN=Signer \u00fc';
  const made = selfSigned(t, { subject, options: ['-days', '30', '-utf8'] });
  made.openssl('x509 -in c.pem -outform DER -out c.der');
  return made;
}

const at = (bytes: Buffer, { offset, length }: { offset: number; length: number }): Buffer =>
  bytes.subarray(offset, offset + length);

test('The outline of a certificate agrees with openssl', { skip: needs('openssl') }, (t) => {
  const { folder } = signer(t);
  const bytes = readFileSync(join(folder, 'c.der'));
  const shown = new X509Certificate(bytes);
  const certificate = readX509(Buffer.concat([Buffer.alloc(3), bytes]).subarray(3), 3);
  assert.deepEqual(certificate.extent, { offset: 3, length: bytes.length });
  assert.equal(certificate.serialHex.toUpperCase().replace(/^00/, ''), shown.serialNumber);
  assert.equal(certificate.subject.commonName, 'Signer \u00fc');
  assert.equal(certificate.subject.text, 'C=DE, O=Test, Inc, CN=Signer \u00fc');
  assert.equal(certificate.notBefore, Date.parse(shown.validFrom) / 1000);
  assert.equal(certificate.notAfter, Date.parse(shown.validTo) / 1000);
  const publicKey = shown.publicKey.export({ type: 'spki', format: 'der' });
  const { offset, length } = certificate.publicKey;
  assert.deepEqual(at(bytes, { offset: offset - 3, length }), publicKey);
  assert.ok(certificate.extensions.some(({ oid }) => oid === '2.5.29.14'));
});

test(
  'Signers, their times, digests and certificates are found in what openssl signs',
  { skip: needs('openssl') },
  (t) => {
    const { folder, sign } = signer(t);
    const started = Math.floor(Date.now() / 1000);
    for (const more of [
      [],
      ['-nodetach'],
      ['-keyid'],
      ['-nocerts'],
      ['-keyopt', 'rsa_padding_mode:pss'],
      ['-stream', '-nodetach', '-indef'],
    ]) {
      const bytes = sign('what is signed', ...more);
      const outline = readPkcs7(bytes);
      assert.deepEqual(outline.extent, { offset: 0, length: bytes.length });
      assert.deepEqual(outline.digestAlgorithms, ['2.16.840.1.101.3.4.2.1']);
      assert.equal(outline.contentType, '1.2.840.113549.1.7.1');
      assert.equal(outline.content !== null, more.includes('-nodetach'));
      assert.equal(outline.certificates.length, more.includes('-nocerts') ? 0 : 1);
      if (!more.includes('-nocerts'))
        assert.deepEqual(
          at(bytes, outline.certificates[0]!.extent),
          readFileSync(join(folder, 'c.der')),
        );
      const [one] = outline.signers;
      assert.equal(
        one?.issuer?.commonName ?? null,
        more.includes('-keyid') ? null : 'Signer \u00fc',
      );
      assert.equal(one?.keyIdHex === null, !more.includes('-keyid'));
      assert.equal(one?.signature.bytes.length, 256);
      assert.deepEqual(
        bytes.subarray(one.signature.offset, one.signature.offset + 256),
        Buffer.from(one.signature.bytes),
      );
      assert.ok(Math.abs((one.signingTime?.seconds ?? 0) - started) < 600);
      assert.equal(one.messageDigestHex?.length, 64);
      assert.equal(
        one.signatureAlgorithm,
        more.includes('-keyopt') ? '1.2.840.113549.1.1.10' : '1.2.840.113549.1.1.1',
      );
    }
    const bare = readPkcs7(sign('what is signed', '-noattr')).signers[0];
    assert.deepEqual([bare?.signingTime, bare?.signedAttributes], [null, []]);
  },
);

test(
  'Signatures cut at any byte are refused, damaged ones read or refused',
  { skip: needs('openssl') },
  (t) => {
    const bytes = signer(t).sign('what is signed');
    for (let length = 0; length < bytes.length; length++)
      assert.throws(() => readPkcs7(bytes.subarray(0, length)), FormatError);
    for (const mutant of mutations(bytes, 10_000, 5))
      try {
        readPkcs7(mutant);
      } catch (error) {
        assert.ok(error instanceof FormatError, String(error));
      }
  },
);
