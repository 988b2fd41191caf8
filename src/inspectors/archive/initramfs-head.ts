/** Whether bytes are an initramfs image: by their head, by what decompressing their head gives, by their name. */

import { constants, inflateRawSync } from 'node:zlib';

import { FormatError } from '../../core/errors.js';
import { windowAccess, type RandomAccess } from '../../core/random-access.js';
import { accessInput, countZeros } from '../../formats/codec/access.js';
import { decompressFrom } from '../../formats/codec/decompress.js';
import { CODEC_HEAD_BYTES, detectCodec } from '../../formats/codec/detect.js';
import { cpioDialect } from '../../formats/cpio.js';
import { readGzipHeader } from '../../formats/gzip.js';
import type { Piece } from '../define.js';
import { contentName } from '../codec/content-name.js';

/**
 * An archive of Linux' dialects begins, or a gzip member that holds one; other compressed bytes when their name says so. Of a
 * stream, which cannot be declined, only names that leave no doubt count.
 */
export function mayBeInitramfs({
  name,
  size,
  head,
}: Pick<Piece, 'name' | 'size' | 'head'>): boolean {
  if (NO_IMAGE.test(name)) return false;
  let at = 0;
  while (at < head.length && head[at] === 0) at++;
  const start = head.subarray(at);
  if (isLinuxCpio(start)) return true;
  const codec = detectCodec(start.subarray(0, CODEC_HEAD_BYTES));
  if (codec === null || codec === 'lzop') return false;
  if (codec === 'gzip') return isLinuxCpio(inflateHead(start));
  return (size === null ? NAMED_CLEARLY : NAMED).test(contentName(name));
}

/** Whether the first segment holds a cpio archive, or nothing at all. */
export async function startsCpio(input: RandomAccess): Promise<boolean> {
  const start = countZeros(input, 0);
  const head = input.read(start, CODEC_HEAD_BYTES);
  if (cpioDialect(head) !== null) return true;
  const codec = detectCodec(head);
  if (codec === null || codec === 'lzop') return false;
  const content = decompressFrom(
    codec,
    accessInput(windowAccess(input, start, input.size - start)),
    { maxOutputBytes: FIRST_BYTES },
  );
  let found = Buffer.alloc(0);
  try {
    for (let step = await content.next(); step.done !== true; step = await content.next()) {
      found = Buffer.concat([found, step.value]);
      const first = found.findIndex((byte) => byte !== 0);
      if (first >= 0 && found.length >= first + 6) return isLinuxCpio(found.subarray(first));
    }
  } catch (error) {
    // The limit, or damage: nothing that looks like an archive came before.
    if (!(error instanceof FormatError)) throw error;
  } finally {
    await content.return(undefined as never);
  }
  return false;
}

/** Zeros may stand in front of an archive, and no more than this is looked through for it. */
const FIRST_BYTES = 16 * 1024 * 1024;
const INFLATED_BYTES = 1024;
const NAMED =
  /(?:^|[/.])(?:init|ram|rd|u?initrd|cpio|.*\.(?:img|cpio)$)|initr|ramdisk|ramfs|microcode/i;
/** What holds the files of an RPM package is an archive of the same kind. */
const NO_IMAGE = /(?:^|\/)payload$/;
const NAMED_CLEARLY = /(?:^|[/.])u?init(?:rd|ramfs)[^/]*$|\.cpio$/i;

function isLinuxCpio(head: Uint8Array): boolean {
  const dialect = cpioDialect(head);
  return dialect === 'newc' || dialect === 'crc';
}

/** What the first bytes of a gzip member hold; nothing for damaged ones. */
function inflateHead(head: Uint8Array): Uint8Array {
  try {
    const { dataOffset } = readGzipHeader(head, 0);
    const content = inflateRawSync(head.subarray(dataOffset, dataOffset + INFLATED_BYTES), {
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    const first = content.findIndex((byte) => byte !== 0);
    return first < 0 ? content : content.subarray(first);
  } catch {
    return new Uint8Array(0);
  }
}
