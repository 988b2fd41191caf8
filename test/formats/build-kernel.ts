/** Small Linux kernels for tests: only their headers make sense. */

import { crc32 } from 'node:zlib';

export interface BzImageSpec {
  readonly version?: number;
  readonly kernelVersion?: string;
  readonly payload?: Uint8Array;
  /** How many bytes of header there are from 0x202 on. */
  readonly headerLength?: number;
  readonly trailing?: Uint8Array;
}

/** Two sectors of setup, 64 bytes of code, the payload, kernel_info, the CRC. */
export function buildBzImage(spec: BzImageSpec = {}): Buffer {
  const { version = 0x20f, payload = Buffer.from('28b52ffd00000000', 'hex') } = spec;
  const setup = Buffer.alloc(3 * 512, 0x90);
  const header = setup.subarray(0x1f1, 0x26c);
  header.fill(0);
  setup.writeUInt8(2, 0x1f1);
  setup.writeUInt16LE(0xaa55, 0x1fe);
  setup.writeUInt8(0xeb, 0x200);
  setup.writeUInt8(spec.headerLength ?? 0x26c - 0x202, 0x201);
  setup.write('HdrS', 0x202, 'latin1');
  setup.writeUInt16LE(version, 0x206);
  const text = spec.kernelVersion ?? '6.1.0 (me@host) #1 SMP Thu Jan 1 00:00:00 UTC 1970';
  setup.writeUInt16LE(0x200, 0x20e);
  setup.write(`${text}\0`, 0x400, 'latin1');
  setup.writeUInt32LE(64, 0x248);
  setup.writeUInt32LE(payload.length, 0x24c);
  const info = Buffer.alloc(16);
  info.write('LToP', 'latin1');
  info.writeUInt32LE(16, 4);
  info.writeUInt32LE(16, 8);
  setup.writeUInt32LE(64 + payload.length, 0x268);
  const body = Buffer.concat([Buffer.alloc(64, 0xcc), payload, info]);
  const length = Math.ceil((body.length + 4) / 16) * 16;
  setup.writeUInt32LE(length / 16, 0x1f4);
  const file = Buffer.concat([setup, body, Buffer.alloc(length - body.length)]);
  file.writeUInt32LE(~crc32(file.subarray(0, -4)) >>> 0, file.length - 4);
  return Buffer.concat([file, spec.trailing ?? Buffer.alloc(0)]);
}

/** A zboot program, without the PE headers. */
export function buildZboot(compression: string, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(64);
  header.write('MZ\0\0zimg', 'latin1');
  header.writeUInt32LE(64, 8);
  header.writeUInt32LE(payload.length, 12);
  header.write(compression, 24, 'latin1');
  header.writeUInt32LE(0x818223cd, 56);
  header.writeUInt32LE(64, 60);
  return Buffer.concat([header, payload, Buffer.alloc(4)]);
}
