/** Compressed tar archives (.tar.gz, .tgz: npm packages, Python source distributions, releases): the gzip header and the archive. */

import { constants, crc32, deflateRawSync, gunzipSync } from 'node:zlib';

import { isGzip, readGzip } from '../../formats/gzip.js';
import { isTar } from '../../formats/tar.js';
import { defineNormalizer, type NormalizeInput, type NormalizeResult } from './define.js';
import { gzip } from './gzip.js';
import { orLeft } from './or-left.js';
import { normalizeTar, type TarOptions } from './tar.js';

export const tgz = defineNormalizer({
  id: 'tgz',
  version: 2,
  summary: 'Normalises the tar archive in .tar.gz and .tgz files, and the gzip header around it.',
  rationale:
    'Both as the rules tar and gzip say. Only where the archive itself changes it is compressed anew, with zlib level 9 in one member: the same input gives the same bytes with the same release of Node.js on the same processor family. Otherwise the compressed data stays as it is. The gzip header keeps its name and comment. Left: several gzip members or data behind them (signed Alpine packages are made so), an extra field (indices point into the compressed data), a wrong CRC, more than 1 GiB of content; an archive that tar leaves.',
  extensions: ['.tgz', '.tar.gz'],
  matches: (head, name) => isGzip(head) && /\.(?:tgz|tar\.gz)$/i.test(name),
  normalize: (input) => normalizeTgz(input),
});

const MAX_CONTENT_BYTES = 2 ** 30;
const HEADER_EXTRA = 4;

/** The normaliser with a choice of owners. */
export function normalizeTgz(input: NormalizeInput, options: TarOptions = {}): NormalizeResult {
  return orLeft(() => rewrite(input, options));
}

function rewrite(input: NormalizeInput, options: TarOptions): NormalizeResult {
  const { bytes, name } = input;
  const { members, end } = readGzip(bytes);
  const [member] = members;
  if (member === undefined || members.length > 1 || end !== bytes.length)
    return { kind: 'left', reason: 'more than one gzip member, or data behind it' };
  if ((member.flags & HEADER_EXTRA) !== 0)
    return { kind: 'left', reason: 'an extra field, whose indices may point into the data' };
  const content = inflate(bytes);
  if (content === null)
    return { kind: 'left', reason: 'the compressed data is damaged or more than 1 GiB' };
  if (!isTar(content)) return { kind: 'left', reason: 'what is compressed is no tar archive' };
  const inner = normalizeTar(
    { ...input, bytes: content, name: name.replace(/\.gz$/i, '') },
    options,
  );
  if (inner.kind === 'left') return inner;
  if (inner.kind === 'normal') return gzip.normalize(input);
  const packed = Buffer.concat([
    bytes.subarray(0, member.dataOffset),
    deflateRawSync(inner.bytes, { level: constants.Z_BEST_COMPRESSION, memLevel: 9 }),
    trailer(inner.bytes),
  ]);
  const outer = gzip.normalize({ ...input, bytes: packed, volatileOnly: false });
  if (outer.kind === 'left') return outer;
  return outer.kind === 'normal'
    ? { kind: 'changed', bytes: packed, fields: inner.fields }
    : { kind: 'changed', bytes: outer.bytes, fields: [...outer.fields, ...inner.fields] };
}

function inflate(bytes: Uint8Array): Buffer | null {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_CONTENT_BYTES });
  } catch (error) {
    // zlib tells damage by a code of its own, and the limit by ERR_BUFFER_TOO_LARGE.
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}

function trailer(content: Uint8Array): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(crc32(content), 0);
  bytes.writeUInt32LE(content.length % 2 ** 32, 4);
  return bytes;
}
