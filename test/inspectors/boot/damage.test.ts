import { gzipSync } from 'node:zlib';
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { buildElf } from '../../formats/build-elf.js';
import { buildBzImage, buildZboot } from '../../formats/build-kernel.js';
import { buildPe } from '../../formats/build-pe.js';
import { mutations } from '../../scrub/normalizers/mutations.js';
import { lookInto } from '../prove.js';

const SAMPLES = {
  'a.out': buildElf({
    sections: [
      { name: '.text', type: 1, flags: 6, data: Buffer.alloc(80, 0x90) },
      { name: '.comment', type: 1, data: Buffer.from('GCC: 12\0') },
      { name: '.modinfo', type: 1, data: Buffer.from('license=GPL\0') },
    ],
    segments: [{ type: 1, offset: 0, filesz: 100 }],
  }),
  'a.efi': buildPe({
    sections: [{ name: '.osrel', content: Buffer.from('ID=a\n') }],
    certificates: [Buffer.alloc(20, 0x30)],
  }),
  vmlinuz: buildBzImage({ payload: gzipSync('kernel') }),
  zboot: buildZboot('gzip', gzipSync('kernel')),
};

test('damage of any sort never ends in more than problems, and never in equal facts for other bytes', async () => {
  for (const [name, bytes] of Object.entries(SAMPLES)) {
    const whole = JSON.stringify(await lookInto(name, bytes));
    for (const mutant of mutations(bytes, 150, 7)) {
      const looked = JSON.stringify(await lookInto(name, mutant));
      if (!Buffer.from(mutant).equals(bytes)) assert.notEqual(looked, whole);
    }
  }
});
