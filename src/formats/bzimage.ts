/**
 * Linux kernels for x86 (Documentation/arch/x86/boot.rst): the setup header, the compressed kernel inside, and the CRC
 * behind it. With an EFI stub the same file is a PE image, which `readPe` reads.
 */

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import { BZIMAGE_FIRST, BZIMAGE_LATER, type BzImageHeader } from './bzimage-header.js';
import { layoutLength, readFields, zeroEnded, type FieldsOf } from './fields.js';
import { payloadCodec, type PayloadCodec } from './payload-magic.js';
import { partition, type Extent, type Region } from './regions.js';

export interface BzImage {
  /** Bytes of the file. */
  readonly size: number;
  /** Of the boot protocol, 0x20f for 2.15. */
  readonly version: number;
  /** The header, as far as its own length goes; fields behind that are absent. */
  readonly header: BzImageHeader;
  readonly headerExtent: Extent;
  /** Release, builder, number and date of the build; null when the header has none. */
  readonly kernelVersion: (Extent & { readonly text: string }) | null;
  /** Boot sector, setup header and real-mode code: (setup_sects + 1) * 512 bytes. */
  readonly setup: Extent;
  /** What `syssize` says of protected-mode code, cut at the end of the file. */
  readonly protectedMode: Extent;
  /** The compressed kernel (protocol 2.08 on). It may end in four bytes with its unpacked length. */
  readonly payload: (Extent & { readonly codec: PayloadCodec | null }) | null;
  /** Protocol 2.15 on. */
  readonly kernelInfo: FieldsOf<typeof KERNEL_INFO> | null;
  /** The last four bytes of the protected-mode code, written by protocol 2.08 and later; newer kernels dropped them. */
  readonly crc: Extent | null;
  readonly problems: readonly FormatError[];
}

export type BzImageRegionKind =
  | 'boot-sector'
  | 'setup-header'
  | 'setup'
  | 'kernel-version'
  | 'code'
  | 'payload'
  | 'kernel-info'
  | 'crc'
  | 'gap'
  /** Behind the protected-mode code: signatures. */
  | 'trailing';

export function isBzImage(input: RandomAccess): boolean {
  return zeroEnded(input.read(0x202, 4)) === 'HdrS';
}

/** Throws `FormatError` when the header is missing or cut off. */
export function readBzImage(input: RandomAccess): BzImage {
  if (!isBzImage(input)) throw new FormatError(FORMAT, 0x202, 'expected HdrS');
  const { header, headerExtent } = readHeader(input);
  const problems: FormatError[] = [];
  // For historical reasons 0 means 4.
  const setupLength = ((header.setupSects.value || 4) + 1) * 512;
  const setup = within(input.size, 0, setupLength);
  const wanted = header.syssize.value * 16;
  const protectedMode = within(input.size, setupLength, wanted);
  if (protectedMode.length < wanted)
    problems.push(new FormatError(FORMAT, header.syssize.offset, 'the kernel is cut off'));
  const version = header.version.value;
  return {
    size: input.size,
    version,
    header,
    headerExtent,
    kernelVersion: kernelVersion(input, header, setupLength, problems),
    setup,
    protectedMode,
    payload: payload(input, header, protectedMode, problems),
    kernelInfo: kernelInfo(input, header, protectedMode, problems),
    crc:
      version >= 0x208 && wanted >= 4 && protectedMode.length === wanted
        ? { offset: protectedMode.offset + wanted - 4, length: 4 }
        : null,
    problems,
  };
}

/** The regions of [0, size), in order of offset, without overlap. */
export function bzImageRegions(image: BzImage): readonly Region<BzImageRegionKind>[] {
  const { headerExtent, kernelVersion: version, payload: packed, kernelInfo: info, crc } = image;
  const end = image.protectedMode.offset + image.protectedMode.length;
  const infoExtent = info === null ? null : { offset: info.magic.offset, length: info.size.value };
  const claims: readonly (readonly [BzImageRegionKind, Extent | null])[] = [
    ['setup-header', headerExtent],
    ['kernel-version', version],
    ['boot-sector', { offset: 0, length: headerExtent.offset }],
    ['setup', image.setup],
    ['crc', crc],
    ['payload', packed],
    ['kernel-info', infoExtent],
    ['code', image.protectedMode],
    ['trailing', { offset: end, length: image.size - end }],
  ];
  return partition<BzImageRegionKind>(
    image.size,
    claims.flatMap(([kind, extent]) =>
      extent === null ? [] : [{ kind, name: kind, offset: extent.offset, length: extent.length }],
    ),
    'gap',
  );
}

/** Fields end where the jump over the header leads to. */
function readHeader(input: RandomAccess): Pick<BzImage, 'header' | 'headerExtent'> {
  const jump = input.read(0x201, 1)[0] ?? 0;
  const bytes = input.read(HEADER_AT, Math.max(0, 0x202 + jump - HEADER_AT));
  const end = HEADER_AT + bytes.length;
  readFields(FORMAT, BZIMAGE_FIRST, bytes, HEADER_AT);
  const layout = { ...BZIMAGE_FIRST, ...BZIMAGE_LATER };
  const whole = new Uint8Array(Math.max(bytes.length, layoutLength(layout)));
  whole.set(bytes);
  const fields = Object.entries(readFields(FORMAT, layout, whole, HEADER_AT));
  const present = fields.filter(([, field]) => field.offset + field.length <= end);
  return {
    // Those of the first layout are all there: reading them above would have thrown.
    header: Object.fromEntries(present) as unknown as BzImageHeader,
    headerExtent: { offset: HEADER_AT, length: bytes.length },
  };
}

function kernelVersion(
  input: RandomAccess,
  header: BzImageHeader,
  setupLength: number,
  problems: FormatError[],
): BzImage['kernelVersion'] {
  const pointer = header.kernelVersion.value;
  if (pointer === 0) return null;
  const offset = pointer + 0x200;
  if (offset >= setupLength || offset >= input.size) {
    problems.push(new FormatError(FORMAT, header.kernelVersion.offset, `version at ${offset}`));
    return null;
  }
  const text = zeroEnded(input.read(offset, Math.min(LONGEST_VERSION, setupLength - offset)));
  return { offset, length: text.length, text };
}

function payload(
  input: RandomAccess,
  { version, payloadOffset, payloadLength }: BzImageHeader,
  code: Extent,
  problems: FormatError[],
): BzImage['payload'] {
  if (version.value < 0x208 || payloadOffset === undefined || payloadLength === undefined)
    return null;
  if (payloadOffset.value + payloadLength.value > code.length)
    problems.push(new FormatError(FORMAT, payloadLength.offset, 'the payload is cut off'));
  const left = code.length - payloadOffset.value;
  if (left <= 0 || payloadLength.value === 0) return null;
  const offset = code.offset + payloadOffset.value;
  const length = Math.min(payloadLength.value, left);
  return { offset, length, codec: payloadCodec(input.read(offset, Math.min(10, length))) };
}

function kernelInfo(
  input: RandomAccess,
  { version, kernelInfoOffset }: BzImageHeader,
  code: Extent,
  problems: FormatError[],
): BzImage['kernelInfo'] {
  const at = kernelInfoOffset?.value ?? 0;
  if (version.value < 0x20f || at === 0) return null;
  const offset = code.offset + at;
  const bytes = at < code.length ? input.read(offset, Math.min(16, code.length - at)) : null;
  if (bytes === null || bytes.length < 16 || zeroEnded(bytes.subarray(0, 4)) !== 'LToP') {
    problems.push(new FormatError(FORMAT, offset, 'expected kernel_info'));
    return null;
  }
  return readFields(FORMAT, KERNEL_INFO, bytes, offset);
}

function within(size: number, offset: number, length: number): Extent {
  const start = Math.min(offset, size);
  return { offset: start, length: Math.min(length, size - start) };
}

const FORMAT = 'bzimage';
const HEADER_AT = 0x1f1;
const LONGEST_VERSION = 1024;

const KERNEL_INFO = { magic: 4, size: 'u32', sizeTotal: 'u32', setupTypeMax: 'u32' } as const;
