import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import fc from 'fast-check';

import { bufferAccess } from '../../../src/core/random-access.js';
import { hashedAccess } from '../../../src/sources/archive/hashed-access.js';

test('The digest is that of all bytes, whatever was read before and in whatever order', () => {
  const places = fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { maxLength: 12 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), places, (bytes, reads) => {
      const access = hashedAccess(bufferAccess(bytes));
      for (const [offset, length] of reads)
        assert.deepEqual(
          access.bytes.read(offset, length),
          bytes.subarray(offset, offset + length),
        );
      const expected = createHash('sha256').update(bytes).digest();
      assert.deepEqual(access.digest(), expected);
      assert.deepEqual(access.digest(), expected);
    }),
  );
});

test('Bytes that were read from front to back are not read again', () => {
  const bytes = Buffer.alloc(5000, 'x');
  let asked = 0;
  const input = bufferAccess(bytes);
  const access = hashedAccess({
    size: input.size,
    read: (offset, length) => {
      asked += 1;
      return input.read(offset, length);
    },
  });
  for (let offset = 0; offset < bytes.length; offset += 1000) access.bytes.read(offset, 1000);
  assert.deepEqual(access.digest(), createHash('sha256').update(bytes).digest());
  assert.equal(asked, 5);
});
