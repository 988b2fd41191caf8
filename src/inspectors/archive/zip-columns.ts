/** Fields of zip entries as columns: those of the central header, and of the local one where it says something else. */

import type { FactValue } from '../../core/facts.js';
import type { ZipPlace } from '../../formats/zip.js';
import type { ZipCentralHeader, ZipHeader } from '../../formats/zip-structure.js';
import type { ColumnList } from '../common/row-collector.js';
import { hex32 } from '../codec/units.js';
import { shortDigest } from '../common/short-digest.js';
import { extraValues } from './zip-extra-values.js';

/** Names are those of PKWARE's APPNOTE, 4.4, shortened. */
const SHARED: ColumnList = [
  ['last mod', 'local-time'],
  ['version needed', 'version'],
  ['flags', 'flags'],
  ['method', 'codec'],
  ['crc-32', 'checksum'],
  ['compressed size', 'size'],
  ['uncompressed size', 'size'],
  ['mtime', 'time'],
  ['atime', 'time'],
  ['ctime', 'time'],
  ['uid', 'owner'],
  ['gid', 'owner'],
  ['zip64', 'layout'],
  ['extra ids', 'codec'],
  ['extra', 'opaque'],
  ['extra padding', 'slack'],
];

export const ZIP_COLUMNS: ColumnList = [
  ...SHARED,
  ['version made by', 'version'],
  ['mode', 'mode'],
  ['external attributes', 'flags'],
  ['internal attributes', 'flags'],
  ['comment', 'opaque'],
  ['zip64 offset', 'offset'],
  ...SHARED.map(([name, kind]) => [`local ${name}`, kind] as const),
  ['wrong crc-32', 'opaque'],
  ['local name', 'path'],
  ['local position', 'offset'],
  ['data descriptor', 'codec'],
  ['data', 'stream'],
  ['sealed', 'secret'],
  ['gap', 'opaque'],
];

export interface ZipEntryFacts {
  readonly place: ZipPlace;
  /** Position among the local headers, where these have another order than the directory; else null. */
  readonly position: number | null;
  /** Digest of the compressed bytes; null when they are the content. */
  readonly data: string | null;
  readonly gap: string | null;
  /** Of the content; null where it was not read whole. */
  readonly crc: number | null;
  /** Makes checksums of secrets something that cannot be guessed; null for anything else. */
  readonly seal: ((text: string) => string) | null;
}

export function zipValues({
  place,
  position,
  data,
  gap,
  crc,
  seal,
}: ZipEntryFacts): readonly FactValue[] {
  const { central, local, descriptor } = place;
  const shared = sharedValues(central, 'central');
  const inLocal = local === null ? [] : sharedValues(local, 'local');
  const locals = SHARED.map(([name], i) => {
    const value = inLocal[i] ?? null;
    // A header in front of a descriptor leaves empty what the descriptor says.
    if (value === (shared[i] ?? null)) return null;
    return value ?? `no ${name}`;
  });
  const secret = seal === null ? null : seal(`${shared[CRC]} ${locals[CRC]} ${data}`);
  const wrong = seal === null ? wrongCrc(place, crc) : null;
  if (seal !== null || wrong !== null) shared[CRC] = locals[CRC] = null;
  return [
    ...shared,
    ...centralValues(central),
    ...locals,
    wrong,
    local === null || local.name === central.name ? null : local.name,
    position,
    descriptor === null
      ? null
      : `${descriptor.signature ? 'signed' : 'bare'}${descriptor.wide ? ' zip64' : ''}`,
    seal === null ? data : null,
    secret,
    gap,
  ];
}

const CRC = SHARED.findIndex(([name]) => name === 'crc-32');

/** Both headers, when one of them has a CRC that is not that of the content; a header in front of a descriptor has none. */
function wrongCrc({ central, local }: ZipPlace, crc: number | null): string | null {
  if (crc === null) return null;
  const isRight = (header: ZipHeader): boolean => header.crc32 === crc;
  if (isRight(central) && (local === null || local.crc32 === 0 || isRight(local))) return null;
  return `${hex32(central.crc32)} ${local === null ? '' : hex32(local.crc32)}`.trimEnd();
}

function sharedValues(header: ZipHeader, where: 'central' | 'local'): FactValue[] {
  return [
    dosTimeText(header.modDate, header.modTime),
    header.versionNeeded,
    header.flags,
    header.method,
    hex32(header.crc32),
    header.compressedSize,
    header.uncompressedSize,
    ...extraValues(header.extra, where),
  ];
}

function centralValues(header: ZipCentralHeader): readonly FactValue[] {
  const { externalAttributes, internalAttributes, versionMadeBy, comment } = header;
  const mode = externalAttributes >>> 16;
  const low = externalAttributes & 0xffff;
  return [
    // The upper byte is the system whose attributes the entry has.
    `${versionMadeBy & 0xff} of system ${versionMadeBy >>> 8}`,
    mode === 0 ? null : mode.toString(8),
    low === 0 ? null : `0x${low.toString(16)}`,
    internalAttributes === 0 ? null : internalAttributes,
    comment.length === 0 ? null : shortDigest(comment),
    header.localOffset === 0xffffffff ? 'in the extra field' : null,
  ];
}

/** `2026-01-02T03:04:06`, with the digits as stored, sensible or not. */
export function dosTimeText(date: number, time: number): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${1980 + (date >> 9)}-${two((date >> 5) & 15)}-${two(date & 31)}`;
  return `${day}T${two(time >> 11)}:${two((time >> 5) & 63)}:${two((time & 31) * 2)}`;
}
