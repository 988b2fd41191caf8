import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { bufferAccess } from '../../src/core/random-access.js';
import { elfRegions } from '../../src/formats/elf-regions.js';
import { readElf } from '../../src/formats/elf.js';
import { readModuleSignature } from '../../src/formats/module-signature.js';
import { buildElf, ByteWriter } from './build-elf.js';

const text = (value: string) => Buffer.from(value, 'latin1');

suite('module signatures', () => {
  const magic = text('~Module signature appended~\n');
  const signed = (
    signature: Uint8Array,
    { signer = 0, keyId = 0, length = signature.length } = {},
  ) =>
    Buffer.concat([
      buildElf(),
      signature,
      new ByteWriter(false)
        .number(0, 2)
        .number(2, 1)
        .number(signer, 1)
        .number(keyId, 1)
        .number(0, 3)
        .number(length, 4)
        .done(),
      magic,
    ]);

  test('content, message and every field have their place', () => {
    const bytes = signed(text('PKCS7 message'));
    const found = readModuleSignature(bufferAccess(bytes))!;
    assert.equal(found.contentBytes, buildElf().length);
    assert.deepEqual(found.signature, { offset: found.contentBytes, bytes: 13 });
    assert.equal(found.offset, found.contentBytes + 13);
    assert.equal(found.magicOffset, found.offset + 12);
    assert.deepEqual([found.algorithm, found.hash, found.idType], [0, 0, 2]);
    assert.deepEqual(found.problems, []);
    const elf = readElf(bufferAccess(bytes.subarray(0, found.contentBytes)));
    assert.equal(elfRegions(elf).at(-1)!.kind, 'section-headers');
  });

  test('older signatures name their signer and key', () => {
    const found = readModuleSignature(
      bufferAccess(signed(text('CNkidsig'), { signer: 2, keyId: 3, length: 3 })),
    )!;
    assert.equal(Buffer.from(found.signer.bytes).toString(), 'CN');
    assert.equal(Buffer.from(found.keyId.bytes).toString(), 'kid');
    assert.equal(found.contentBytes, buildElf().length);
  });

  test('a length that cannot be true is a problem', () => {
    for (const length of [0xffffffff, 100_000]) {
      const found = readModuleSignature(bufferAccess(signed(text('x'), { length })))!;
      assert.equal(found.problems.length, 1);
      assert.equal(found.signature.bytes, 0);
      assert.equal(found.contentBytes, found.offset);
    }
  });

  test('a file without the magic string is not signed', () => {
    assert.equal(readModuleSignature(bufferAccess(buildElf())), null);
    const bytes = signed(text('x'));
    for (let length = 0; length < bytes.length; length++)
      assert.equal(readModuleSignature(bufferAccess(bytes.subarray(0, length))), null);
    assert.equal(readModuleSignature(bufferAccess(magic)), null);
  });
});
