import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { buildBzImage, buildZboot, type BzImageSpec } from '../../formats/build-kernel.js';
import { buildPe, type PeSpec } from '../../formats/build-pe.js';
import { differences } from '../differences.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';

const text = (value: string): Buffer => Buffer.from(value, 'latin1');

const OSREL = 'ID=test\nVERSION_ID=1\n';

function uki(sections: Readonly<Record<string, Uint8Array>> = {}, spec: PeSpec = {}): Buffer {
  const all: Readonly<Record<string, Uint8Array>> = {
    '.text': Buffer.alloc(40, 0x90),
    '.osrel': text(OSREL),
    '.cmdline': text('quiet root=/dev/sda1'),
    '.uname': text('6.1.0'),
    '.sbat': text('sbat,1\n'),
    '.linux': Buffer.alloc(700, 1),
    '.pcrsig': text(pcrsig('aa')),
    ...sections,
  };
  return buildPe({
    sections: Object.entries(all).map(([name, content]) => ({ name, content })),
    ...spec,
  });
}

function pcrsig(sig: string): string {
  return JSON.stringify({ sha256: [{ pcrs: [11], pkfp: '01', pol: '02', sig }] });
}

test('a section of a unified kernel image that changes alone is named, and what changed in it', async () => {
  const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['.text', Buffer.alloc(40, 0x91), /^\.text!/],
    ['.cmdline', text('quiet root=/dev/sdb1'), /^\.cmdline!/],
    ['.uname', text('6.1.1'), /^\.uname!/],
    ['.sbat', text('sbat,2\n'), /^\.sbat!/],
    ['.osrel', text(OSREL.replace('=1', '=2')), /^\.osrel!.*VERSION_ID|^\.osrel!line/],
    ['.linux', Buffer.alloc(700, 2), /^\.linux!/],
    ['.pcrsig', text(pcrsig('bb')), /^\.pcrsig!/],
  ];
  for (const [name, bytes, expected] of cases) {
    const found = await differences('a.efi', uki(), uki({ [name]: bytes }));
    assert.ok(
      found.length > 0 && found.every((each) => expected.test(each)),
      `${name}: ${found.join()}`,
    );
  }
});

test('each field of a PE header that changes alone is the only one that is told', async () => {
  const before = uki();
  const pe = before.readUInt32LE(0x3c);
  const flips: readonly (readonly [number, string])[] = [
    [pe + 8, 'TimeDateStamp time'],
    [pe + 24 + 64, 'wrong CheckSum opaque'],
    [pe + 4, 'Machine number'],
    [pe + 24 + 70, 'DllCharacteristics flags'],
    [64, 'DOS stub opaque'],
    [0x14, 'e_ip number'],
    [pe + 24 + 240 + 36, '.text!Characteristics flags'],
    [pe + 24 + 240 + 40 * 7 + 4, 'padding slack'],
    [1024 + 45, '.text!padding slack'],
  ];
  for (const [at, expected] of flips) {
    const after = Buffer.from(before);
    after[at]! ^= 1;
    assert.deepEqual(await differences('a.efi', before, after), [expected]);
  }
});

test('a certificate table is signatures, what is appended a part of its own', async () => {
  const signed = (content: string): Buffer => uki({}, { certificates: [text(content)] });
  const found = await differences('a.efi', signed('signature one'), signed('signature two'));
  assert.deepEqual(found, ['signature!pkcs7!message signature']);
  const appended = (content: string): Buffer => uki({}, { trailing: text(content) });
  const behind = await differences('a.efi', appended('one line\n'), appended('two line\n'));
  assert.ok(
    behind.length > 0 && behind.every((each) => each.startsWith('trailing!')),
    behind.join(),
  );
});

test('every byte of a PE image is in some fact', async () => {
  await proveEveryByte('a.efi', uki({}, { certificates: [Buffer.alloc(30, 1)] }), 1000);
  await proveEveryByte('a.efi', uki({}, { plus: false, trailing: Buffer.alloc(9, 1) }), 700);
  await proveEveryByte('a.efi', buildPe({ strings: text('.name of a section\0') }), 700);
  await proveTruncation('a.efi', uki(), 300);
});

test('each field of a bzImage that changes alone is the only one that is told', async () => {
  const build = (spec: BzImageSpec = {}): Buffer =>
    buildBzImage({ payload: gzipSync('kernel'), ...spec });
  const before = build();
  for (const [at, expected] of [
    [0x1f2, 'root_flags flags'],
    [0x1fa, 'vid_mode number'],
    [0x211, 'loadflags flags'],
    [0x260, 'init_size size'],
    [10, 'boot-sector!content opaque'],
    [0x300, 'setup!content opaque'],
    [0x600, 'code!content opaque'],
    [before.length - 1, 'wrong crc opaque'],
  ] as const) {
    const after = Buffer.from(before);
    after[at]! ^= 1;
    assert.deepEqual(await differences('vmlinuz', before, after), [expected]);
  }
});

test('who built a kernel, where and when, is told from its version', async () => {
  const version = (of: string): Buffer => buildBzImage({ kernelVersion: of });
  const text1 = '6.1.0 (me@host) #1 SMP Thu Jan 1 00:00:00 UTC 1970';
  for (const [from, to, expected] of [
    ['6.1.0', '6.1.1', 'kernel release version'],
    ['me@', 'mo@', 'build user user'],
    ['@host', '@hast', 'build host host'],
    ['00:00:00', '00:00:07', 'build date time'],
    ['#1', '#2', 'build text'],
  ] as const)
    assert.deepEqual(
      await differences('vmlinuz', version(text1), version(text1.replace(from, to))),
      [expected],
    );
});

test('the kernel inside is looked into, with its length behind it where the codec has none', async () => {
  const build = (content: string): Buffer =>
    buildBzImage({ payload: gzipSync(content, { level: 9 }) });
  const found = await differences('vmlinuz', build('kernel of one\n'), build('kernel of two\n'));
  assert.ok(found.length > 0 && found.every((each) => each.startsWith('payload!')), found.join());
  const looked = await lookInto('vmlinuz', buildBzImage());
  assert.ok(
    looked.facts.at(-1)?.facts.facts.some(({ name }) => name === 'payload unpacked length'),
  );
  const zboot = (content: string): Buffer => buildZboot('gzip', gzipSync(content));
  const inside = await differences('vmlinuz', zboot('kernel of one\n'), zboot('kernel of two\n'));
  assert.ok(
    inside.length > 0 && inside.every((each) => each.startsWith('payload!')),
    inside.join(),
  );
});

test('every byte of a kernel is in some fact', async () => {
  await proveEveryByte('vmlinuz', buildBzImage({ payload: gzipSync('kernel') }));
  await proveEveryByte('vmlinuz', buildBzImage({ trailing: Buffer.alloc(20, 1), version: 0x207 }));
  await proveEveryByte('vmlinuz', buildZboot('gzip', gzipSync('kernel')));
  await proveEveryByte('Image', efiArm64());
  await proveTruncation('vmlinuz', buildBzImage(), 300);
});

/** A PE image whose DOS header is that of an arm64 kernel. */
function efiArm64(): Buffer {
  const image = buildPe({
    sections: [
      { name: '.text', content: Buffer.alloc(90, 7) },
      { name: '.data', content: Buffer.alloc(40, 8) },
    ],
  });
  image.write('ARMd', 56, 'latin1');
  return image;
}

test('each field of an Android boot image that changes alone is the only one that is told', async () => {
  const before = androidBoot();
  for (const [at, expected] of [
    [12, 'kernel_addr offset'],
    [44, 'os_version version'],
    [64, 'cmdline text'],
    [576, 'id digest'],
    [2048 + 6, /^kernel!/],
    [4096 + 6, /^ramdisk!/],
    [2048 + 900, 'padding of kernel!slack slack'],
  ] as const) {
    const after = Buffer.from(before);
    after[at]! ^= 1;
    const found = await differences('boot.img', before, after);
    if (typeof expected === 'string') assert.deepEqual(found, [expected]);
    else assert.ok(found.length > 0 && found.every((each) => expected.test(each)), found.join());
  }
  await proveEveryByte('boot.img', before);
});

function androidBoot(): Buffer {
  const image = Buffer.alloc(3 * 2048);
  image.write('ANDROID!', 'latin1');
  image.writeUInt32LE(800, 8);
  image.writeUInt32LE(0x8000, 12);
  image.writeUInt32LE(700, 16);
  image.writeUInt32LE(2048, 36);
  image.writeUInt32LE(0x1400, 44);
  image.write('console=tty0', 64, 'latin1');
  image.fill(3, 576, 576 + 20);
  image.fill(1, 2048, 2848);
  image.fill(2, 4096, 4796);
  return image;
}

test('each field of a U-Boot image that changes alone is the only one that is told', async () => {
  const before = uImage();
  for (const [at, expected] of [
    [4, 'wrong ih_hcrc opaque'],
    [11, 'ih_time time'],
    [16, 'ih_load offset'],
    [24, 'wrong ih_dcrc opaque'],
    [28, 'ih_os number'],
    [31, 'ih_comp codec'],
    [33, 'ih_name text'],
  ] as const) {
    const after = Buffer.from(before);
    after[at]! ^= 1;
    assert.deepEqual(await differences('uImage', before, after), [expected]);
  }
  await proveEveryByte('uImage', before);
});

function uImage(): Buffer {
  const image = Buffer.alloc(64 + 40, 5);
  image.fill(0, 0, 64);
  image.writeUInt32BE(0x27051956);
  image.writeUInt32BE(1_700_000_000, 8);
  image.writeUInt32BE(30, 12);
  image.write('Linux-6.1', 32, 'latin1');
  return image;
}

test('the build date of a bFLT executable is told', async () => {
  const before = bflt();
  const after = Buffer.from(before);
  after.writeUInt32BE(1_700_000_001, 40);
  assert.deepEqual(await differences('init', before, after), ['build_date time']);
  await proveEveryByte('init', before);
});

function bflt(): Buffer {
  const program = Buffer.alloc(200, 6);
  program.fill(0, 0, 64);
  program.write('bFLT', 'latin1');
  for (const [at, value] of [
    [4, 4],
    [8, 64],
    [12, 100],
    [16, 180],
    [20, 190],
    [28, 180],
    [40, 1_700_000_000],
  ] as const)
    program.writeUInt32BE(value, at);
  return program;
}
