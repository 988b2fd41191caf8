import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FormatError } from '../../../src/core/errors.js';
import { needs } from '../../helpers/oracle.js';
import {
  compress,
  COMPRESSORS,
  decompressAll,
  generator,
  PLAIN,
  textBytes,
  TOOLS,
} from './samples.js';

const skip = needs(...TOOLS);

for (const { codec, command } of PLAIN) {
  test(`${codec} cut short anywhere is a FormatError within the input`, { skip }, async () => {
    const packed = compress(command, textBytes(700, 30));
    for (let length = 0; length < packed.length; length++) {
      // A legacy lz4 frame without blocks is whole.
      if (codec === 'lz4-legacy' && length === 4) continue;
      await assert.rejects(decompressAll(codec, packed.subarray(0, length)), (error) => {
        assert.ok(error instanceof FormatError, String(error));
        return error.offset <= length;
      });
    }
  });
}

/** With 31 compressors 10,000 in all. */
const MUTATIONS = Math.ceil(10_000 / COMPRESSORS.length);

for (const [i, { codec, command }] of COMPRESSORS.entries()) {
  test(
    `${command}: damage is a FormatError, or leaves the content in bounds`,
    { skip },
    async () => {
      const random = generator(31 + i);
      const content = textBytes(3000, 32 + i);
      const packed = compress(command, content);
      for (let round = 0; round < MUTATIONS; round++) {
        const damaged = Uint8Array.from(packed);
        const count = 1 + Math.floor(random() * 3);
        for (let k = 0; k < count; k++) {
          const at = Math.floor(random() * damaged.length);
          damaged[at] = round % 2 === 0 ? random() * 256 : damaged[at]! ^ (1 << (random() * 8));
        }
        try {
          const result = await decompressAll(codec, damaged, { maxOutputBytes: 100_000 });
          assert.ok(result.content.length <= 100_000);
        } catch (error) {
          assert.ok(error instanceof FormatError, `${command} round ${round}: ${String(error)}`);
          assert.ok(error.offset >= 0 && error.offset <= damaged.length, `offset ${error.offset}`);
        }
      }
    },
  );
}

const CHECKED = ['gzip -nc', 'xz -c', 'zstd -qc', 'lz4 -qc', 'bzip2 -c'];

for (const command of CHECKED) {
  test(`${command}: no changed byte of the content passes`, { skip }, async () => {
    const content = textBytes(900, 33);
    const packed = compress(command, content);
    const { codec } = COMPRESSORS.find((compressor) => compressor.command === command) ?? {
      codec: 'xz' as const,
    };
    for (let at = 0; at < packed.length; at++) {
      const damaged = Uint8Array.from(packed);
      damaged[at] = damaged[at]! ^ 0x10;
      const result = await decompressAll(codec, damaged).catch((error: unknown) => {
        assert.ok(error instanceof FormatError, String(error));
        return null;
      });
      if (result !== null) assert.ok(Buffer.from(result.content).equals(content), `byte ${at}`);
    }
  });
}
