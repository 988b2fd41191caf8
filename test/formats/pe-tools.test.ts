/** PE images that programs of others made. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { bufferAccess } from '../../src/core/random-access.js';
import { authenticodeExtents, peChecksum } from '../../src/formats/pe-checksum.js';
import { peRegions } from '../../src/formats/pe-regions.js';
import { ukiOf } from '../../src/formats/pe-uki.js';
import { readPe } from '../../src/formats/pe.js';
import { authenticodeDigest, readPkcs7 } from '../../src/formats/pkcs7.js';
import { needs } from '../helpers/oracle.js';
import { selfSigned } from '../helpers/self-signed.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { assertRegions } from './assert-regions.js';

/** A program that binutils linked, with sections of a unified kernel image that objcopy added. */
function linkedUki(t: TestContext): { readonly folder: string; readonly file: string } {
  const folder = tempFolder(t);
  const run = (program: string, ...args: string[]): void =>
    void execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  writeFileSync(
    join(folder, 'a.s'),
    '.globl _start\n_start: ret\n.data\n.ascii "hello"\n.bss\n.skip 64\n',
  );
  writeFileSync(join(folder, 'osrel'), 'ID=x\n');
  writeFileSync(join(folder, 'linux'), Buffer.alloc(300_001, 5));
  run('as', '--64', 'a.s', '-o', 'a.o');
  run('objcopy', '-O', 'pe-x86-64', 'a.o', 'b.o');
  run(
    'ld',
    '-m',
    'i386pep',
    '--subsystem',
    '10',
    '--image-base',
    '0',
    '-e',
    '_start',
    'b.o',
    '-o',
    'c.efi',
  );
  const add = ['.osrel=osrel', '.linux=linux'].flatMap((spec, i) => [
    '--add-section',
    spec,
    '--change-section-vma',
    `${spec.split('=')[0]}=0x${i + 2}00000`,
  ]);
  run('objcopy', ...add, 'c.efi', 'uki.efi');
  return { folder, file: join(folder, 'uki.efi') };
}

test(
  'objdump shows the same sections and time',
  { skip: needs('as', 'ld', 'objcopy', 'objdump') },
  (t) => {
    const { file } = linkedUki(t);
    const content = readFileSync(file);
    const pe = readPe(bufferAccess(content));
    const shown = execFileSync('objdump', ['-x', '--wide', file], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const rows = [
      ...shown.matchAll(/^ +\d+ (\S+) +([0-9a-f]{8}) +[0-9a-f]+ +([0-9a-f]+) +([0-9a-f]{8}) /gm),
    ];
    assert.deepEqual(
      pe.sections
        .filter(({ header }) => header.pointerToRawData.value > 0)
        .map(({ name, data, header }) => [
          name,
          data.length,
          header.virtualAddress.value,
          data.offset,
        ]),
      rows
        .map(([, name, ...numbers]) => [
          name,
          ...numbers.map((digits) => Number.parseInt(digits, 16)),
        ])
        .filter(([, , , offset]) => offset !== 0),
    );
    const time = /^Time\/Date\t+(.*)$/m.exec(shown)?.[1];
    assert.equal(pe.coff.timeDateStamp.value, Date.parse(`${time} UTC`) / 1000);
    const linux = ukiOf(pe)?.sections.find(({ kind }) => kind === 'linux')?.section.data;
    assert.deepEqual(
      content.subarray(linux?.offset, linux!.offset + linux!.length),
      Buffer.alloc(300_001, 5),
    );
  },
);

test(
  'sbsign writes the same checksum, and signs the digest of the extents that Authenticode covers',
  {
    skip: needs('as', 'ld', 'objcopy', 'openssl', 'sbsign'),
  },
  (t) => {
    const { file } = linkedUki(t);
    const { folder } = selfSigned(t, { subject: '/CN=Test signer' });
    const signing = ['--key', 'k.pem', '--cert', 'c.pem', '--output', 'signed.efi', file];
    execFileSync('sbsign', signing, { cwd: folder, stdio: 'pipe' });
    const content = readFileSync(join(folder, 'signed.efi'));
    const pe = readPe(bufferAccess(content));
    assertRegions(content.length, peRegions(pe));
    assert.equal(peChecksum(bufferAccess(content), pe), pe.optional?.fields.checkSum.value);
    const { offset, length } = pe.certificates[0]!.data;
    const signature = content.subarray(offset, offset + length);
    const hash = createHash('sha256');
    for (const extent of authenticodeExtents(pe))
      hash.update(content.subarray(extent.offset, extent.offset + extent.length));
    assert.equal(authenticodeDigest(signature), hash.digest('hex'));
    const outline = readPkcs7(signature, offset);
    assert.equal(outline.signers[0]?.issuer?.commonName, 'Test signer');
    assert.equal(outline.contentType, '1.3.6.1.4.1.311.2.1.4');
  },
);
