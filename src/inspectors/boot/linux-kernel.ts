/**
 * Linux kernels: bzImage of x86, Image of arm64, and EFI programs that unpack one. Most are PE images at the same time; then
 * fields of both are told, and the bytes between them once.
 */

import type { Fact, FactColumn, FactProblem, FactRow } from '../../core/facts.js';
import { bufferAccess, windowAccess, type RandomAccess } from '../../core/random-access.js';
import { bzImageCrc } from '../../formats/bzimage-crc.js';
import { bzImageRegions, isBzImage, readBzImage, type BzImage } from '../../formats/bzimage.js';
import {
  isArm64Image,
  isZboot,
  readArm64Image,
  readZboot,
  type ZbootImage,
} from '../../formats/efi-kernel.js';
import { isPe } from '../../formats/pe-headers.js';
import { readPe, type Pe } from '../../formats/pe.js';
import { partition, type Extent } from '../../formats/regions.js';
import { sumFact } from '../common/sum-fact.js';
import { digestOfExtents, fillOf, Told } from '../common/told.js';
import {
  defineInspector,
  type InspectContext,
  type InspectedFacts,
  type Inspector,
} from '../define.js';
import { fieldFacts } from './field-facts.js';
import { bannerFacts } from './kernel-banner.js';
import { peHeaderFacts, peSectionValues, peTables, PE_SECTION_COLUMNS } from './pe-facts.js';

export const linuxKernelInspector: Inspector = defineInspector({
  id: 'linux-kernel',
  version: 1,
  summary:
    'Linux kernels (bzImage, arm64 Image, zboot): boot protocol header, version, PE headers, the compressed kernel, CRC and signatures.',
  streams: false,
  claims: ({ head }) => {
    const bytes = bufferAccess(head);
    return isBzImage(bytes) || isArm64Image(bytes) || isZboot(bytes);
  },
  inspect: async (piece, context) => inspectKernel(await piece.random(), context),
});

/** A stretch of the image by the kernel's own header. */
interface Stretch extends Extent {
  readonly name: string;
  readonly kind: 'opaque' | 'part' | 'slack';
}

async function inspectKernel(
  input: RandomAccess,
  context: InspectContext,
): Promise<InspectedFacts> {
  const told = new Told();
  const facts: Fact[] = [];
  const problems: FactProblem[] = [];
  const stretches: Stretch[] = [];
  const tell = (found: readonly { readonly offset: number; readonly message: string }[]): void => {
    problems.push(...found.map(({ offset, message }) => ({ offset, detail: message })));
  };
  if (isBzImage(input)) {
    const image = readBzImage(input);
    tell(image.problems);
    facts.push(...bzImageFacts(image, input, told));
    stretches.push(...bzImageStretches(image, input, told, facts));
  } else if (isZboot(input)) {
    const image = readZboot(input);
    tell(image.problems);
    facts.push(...fieldFacts(image.header, told, { kinds: ZBOOT_KINDS, rename: (name) => name }));
    stretches.push(...zbootStretches(image, input.size));
  } else {
    const { header } = readArm64Image(input);
    facts.push(...fieldFacts(header, told, { kinds: { magic: 'text' }, rename: (name) => name }));
  }
  const pe = isPe(input) ? readPe(input) : null;
  const tables = pe === null ? [] : peTables(pe, input, told);
  if (pe !== null) {
    tell(pe.problems);
    context.spend(pe.sections.length);
    facts.push(...peHeaderFacts(pe, input, told));
    const rows = pe.sections.map((section) => ({
      key: section.key,
      values: peSectionValues(section, told),
      offset: section.header.name.offset,
      part: null,
    }));
    tables.push({ name: 'section', ordered: true, columns: PE_SECTION_COLUMNS, rows });
  }
  const claims = [...stretches, ...peStretches(pe)];
  const rows = await stretchRows(input, claims, told, context);
  tables.unshift({ name: '', ordered: true, columns: STRETCH_COLUMNS, rows });
  return { facts, tables: tables.filter((table) => table.rows.length > 0), problems };
}

function bzImageFacts(image: BzImage, input: RandomAccess, told: Told): Fact[] {
  const rename = (name: string): string =>
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const facts = fieldFacts(image.header, told, { kinds: BZIMAGE_KINDS, rename });
  if (image.kernelInfo !== null)
    facts.push(...fieldFacts(image.kernelInfo, told, { prefix: 'kernel_info.', rename }));
  if (image.kernelVersion !== null) {
    const { text, offset, length } = image.kernelVersion;
    told.add(offset, length);
    facts.push(...bannerFacts(text, offset));
  }
  if (image.crc !== null) {
    const { offset, length } = image.crc;
    const bytes = Buffer.from(input.read(offset, length));
    const value = bytes.toString('hex');
    const isRight = hasRightCrc(image, input, bytes.readUInt32LE());
    told.add(offset, length);
    facts.push(sumFact({ name: 'crc', kind: 'checksum', value, offset }, isRight));
  }
  return facts;
}

/** Who signs a kernel changes its PE headers and leaves the CRC as it was. */
function hasRightCrc(image: BzImage, input: RandomAccess, stored: number): boolean {
  if (bzImageCrc(input, image) === stored) return true;
  const pe = isPe(input) ? readPe(input) : null;
  if (pe === null || pe.optional === null) return false;
  const places = [pe.optional.fields.checkSum, ...securityEntry(pe)];
  return bzImageCrc(input, image, places) === stored;
}

function securityEntry({ directories }: Pe): readonly Extent[] {
  const entry = directories.find(({ name }) => name === 'security');
  return entry === undefined ? [] : [{ offset: entry.address.offset, length: 8 }];
}

function bzImageStretches(
  image: BzImage,
  input: RandomAccess,
  told: Told,
  facts: Fact[],
): readonly Stretch[] {
  const { payload } = image;
  return bzImageRegions(image).flatMap((region): Stretch[] => {
    const { name, offset, length } = region;
    if (region.kind !== 'payload' || payload === null)
      return [{ name, offset, length, kind: region.kind === 'gap' ? 'slack' : 'opaque' }];
    // All but gzip, which has it already, are followed by the length of what they hold (linux, scripts/Makefile.lib).
    const behind = payload.codec === null || payload.codec === 'gzip' || length <= 4 ? 0 : 4;
    if (behind > 0) {
      const at = offset + length - behind;
      const value = Buffer.from(input.read(at, behind)).readUInt32LE();
      told.add(at, behind);
      facts.push({ name: 'payload unpacked length', kind: 'size', value, offset: at });
    }
    return [{ name: 'payload', offset, length: length - behind, kind: 'part' }];
  });
}

function zbootStretches({ payload }: ZbootImage, size: number): readonly Stretch[] {
  const end = payload.offset + payload.length;
  return [
    { name: 'payload', offset: payload.offset, length: payload.length, kind: 'part' },
    {
      name: 'unpacked length',
      offset: end,
      length: Math.min(4, Math.max(0, size - end)),
      kind: 'opaque',
    },
  ];
}

/** Sections, for what the kernel's own header does not divide. */
function peStretches(pe: Pe | null): readonly Stretch[] {
  return (pe?.sections ?? []).flatMap(({ key, data, padding }): Stretch[] => [
    { name: key, ...data, kind: 'opaque' },
    { name: `padding of ${key}`, ...padding, kind: 'slack' },
  ]);
}

/** Earlier claims win; bytes that nobody claims are a stretch of their own. */
async function stretchRows(
  input: RandomAccess,
  claims: readonly Stretch[],
  told: Told,
  context: InspectContext,
): Promise<FactRow[]> {
  const regions = partition<Stretch['kind']>(input.size, claims, 'opaque');
  context.spend(regions.length);
  const rows: FactRow[] = [];
  for (const region of regions) {
    const { name, kind, offset, length } = region;
    const rest = told.rest(region);
    const isPart = kind === 'part' && !told.touches(region);
    const part = isPart ? await context.part(name, windowAccess(input, offset, length)) : null;
    const digest = isPart
      ? null
      : kind === 'slack'
        ? fillOf(input, rest)
        : digestOfExtents(input, rest);
    // Wholly told, or nothing to tell.
    if (rest.length === 0 || (digest === null && part === null && kind !== 'slack')) continue;
    const values = kind === 'slack' ? [length, null, digest] : [length, digest, null];
    rows.push({ key: name === 'opaque' ? 'rest' : name, values, offset, part });
  }
  return rows;
}

const STRETCH_COLUMNS: readonly FactColumn[] = [
  { name: 'size', kind: 'size' },
  { name: 'content', kind: 'opaque' },
  { name: 'slack', kind: 'slack' },
];

const BZIMAGE_KINDS = {
  magic: 'text',
  version: 'number',
  jump: 'size',
  kernelVersion: 'offset',
  ramdiskImage: 'offset',
  code32Start: 'offset',
  setupSects: 'size',
  cmdLinePtr: 'offset',
  initSize: 'size',
  prefAddress: 'offset',
} as const;
const ZBOOT_KINDS = { mz: 'text', magic: 'text', compression: 'text' } as const;
