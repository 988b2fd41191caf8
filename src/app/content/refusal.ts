/**
 * Whether the bytes of a file may be kept or shown: not those of secrets, nor of what holds a secret or may hold one that was
 * not looked into. Errs on the side of secrecy.
 */

import type { FactRow, Facts } from '../../core/facts.js';
import { displayBytes, type TreePath } from '../../core/path.js';
import {
  hasSecretWord,
  isSecretContent,
  isSecretPath,
  looksLikeKey,
  secretInside,
} from '../../core/secrets.js';
import { CODEC_HEAD_BYTES, detectCodec } from '../../formats/codec/detect.js';

/** The facts of bytes by their SHA-256, 64 hex digits; empty when they were never looked into. */
export type FactsOf = (digest: string) => Promise<readonly Facts[]>;

/** One reason for people, or null when the bytes may be kept and shown. */
export async function whyRefused(
  path: TreePath,
  bytes: Uint8Array,
  digest: string,
  factsOf: FactsOf,
): Promise<string | null> {
  if (isSecretPath(path) || KEY_STORE.test(path)) return SECRET_PATH;
  const secret = secretIn(bytes);
  if (secret !== null) return secret;
  const found = await factsOf(digest);
  if (looksLikeKey(bytes) && found.every(isPlain)) return 'it may be a key';
  if (isArchive(bytes) && !found.some(holdsParts))
    return 'it is an archive or image that was not looked into, so it may hold secrets';
  return whyRefusedInside(digest, '', factsOf, new Set());
}

export const SECRET_PATH = 'its path says that it is secret';

/** PKCS #12, Java and KeePass key stores. */
const KEY_STORE = /\.(?:p12|pfx|jks|keystore|kdbx)$/i;

const CHUNK_BYTES = 1024 * 1024;
/** Longer than what tells a secret, so that none hides where two chunks meet. */
const OVERLAP_BYTES = 256;
const HEAD_BYTES = 4096;
function secretIn(bytes: Uint8Array): string | null {
  if (isSecretContent(bytes.subarray(0, HEAD_BYTES)))
    return 'it holds a private key or password hashes';
  if (DIGITS.test(latin1(bytes.subarray(0, LONGEST_DIGITS)))) return 'it may be a key';
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const chunk = bytes.subarray(at, at + CHUNK_BYTES + OVERLAP_BYTES);
    const secret = secretInside(chunk);
    if (secret !== null) return `it holds ${secret}`;
    if (hasSecretWord(chunk)) return 'it holds what seems to be a password or token';
  }
  return null;
}

/** Nothing but hexadecimal digits: an id, or a key. */
const DIGITS = /^[\da-f]{32,}\s*$/i;
const LONGEST_DIGITS = 4096;

async function whyRefusedInside(
  digest: string,
  name: string,
  factsOf: FactsOf,
  seen: Set<string>,
): Promise<string | null> {
  if (seen.has(digest)) return null;
  seen.add(digest);
  const all = await factsOf(digest);
  const what = name === '' ? 'it' : displayBytes(name);
  if (all.length === 0) return `${what} was not looked into`;
  if (all.some(({ key, format }) => key !== null || format === 'secret'))
    return `${what} holds secrets`;
  const telling = all.filter((facts) => !isPlain(facts));
  if (telling.length === 0 && PACKED_NAME.test(name))
    return `${what} was not looked into as an archive, so it may hold secrets`;
  for (const facts of telling.length > 0 ? telling : all) {
    const { format, problems } = facts;
    if (IMAGE_FORMATS.has(format)) return `${what} is a file system image (${format})`;
    const [problem] = problems;
    if (problem !== undefined) return `${what} was not understood whole: ${problem.detail}`;
    for (const row of rowsOf(facts)) {
      const refused = await whyRefusedPart(row, name, factsOf, seen);
      if (refused !== null) return refused;
    }
  }
  return null;
}

async function whyRefusedPart(
  { key, part }: FactRow,
  parent: string,
  factsOf: FactsOf,
  seen: Set<string>,
): Promise<string | null> {
  if (part === null || part.size === 0) return null;
  const name = parent === '' ? key : `${parent}!${key}`;
  const what = displayBytes(name);
  if (isSecretPath(key) || KEY_STORE.test(key)) return `${what} holds secrets`;
  if (part.skipped !== null) return `${what} was not looked into: ${part.skipped}`;
  return part.format === null ? null : whyRefusedInside(part.digest, name, factsOf, seen);
}

/** What a file system holds is not looked into. */
const IMAGE_FORMATS: ReadonlySet<string> = new Set(['squashfs', 'ext4', 'erofs', 'vfat', 'gpt']);

/** Names of members that hold more than their bytes show. */
const PACKED_NAME =
  /\.(?:7z|rar|cab|xar|cpio|tar|tgz|txz|tbz2?|tzst|gz|xz|zstd?|bz2|lz|lz4|lzo|lzma|br|Z|zip|jar|war|whl|rpm|deb|apk|a|img|iso|raw|qcow2|squashfs|sqfs|efi)$/i;

function isPlain({ format }: Facts): boolean {
  return format === 'blocks' || format === 'text';
}

function* rowsOf({ tables }: Facts): Generator<FactRow> {
  for (const { rows } of tables) yield* rows;
}

function holdsParts(facts: Facts): boolean {
  for (const { part } of rowsOf(facts)) if (part !== null && part.format !== null) return true;
  return false;
}

/** Magic bytes, latin1, and where they stand. */
const ARCHIVES: readonly (readonly [offset: number, magic: string])[] = [
  [0, 'PK\x03\x04'],
  [0, 'PK\x05\x06'],
  [0, '070701'],
  [0, '070702'],
  [0, '070707'],
  [0, '\xc7\x71'],
  [0, '!<arch>\n'],
  [0, '!<thin>\n'],
  [257, 'ustar'],
  [0, '\xed\xab\xee\xdb'],
  [0, '7z\xbc\xaf\x27\x1c'],
  [0, 'Rar!'],
  [0, 'MSCF'],
  [0, 'xar!'],
  [0, 'LZIP'],
  [0, 'MZ'],
  [0, '\xfe\xed\xfe\xed'],
  [0, '\xce\xce\xce\xce'],
  [0, '\x1f\x9d'],
  [0, 'LUKS\xba\xbe'],
  // Write-ahead log and rollback journal of SQLite.
  [0, '\x37\x7f\x06\x82'],
  [0, '\x37\x7f\x06\x83'],
  [0, '\xd9\xd5\x05\xf9\x20\xa1\x63\xd7'],
  [0, 'XFSB'],
  [0, 'QFI\xfb'],
  [0, 'ANDROID!'],
  [0, '\x27\x05\x19\x56'],
  [0, '\xd0\x0d\xfe\xed'],
  [32769, 'CD001'],
  [65600, '_BHRfS_M'],
];

function isArchive(bytes: Uint8Array): boolean {
  const at = (offset: number, length: number): string =>
    latin1(bytes.subarray(offset, offset + length));
  return (
    detectCodec(bytes.subarray(0, CODEC_HEAD_BYTES)) !== null ||
    ARCHIVES.some(([offset, magic]) => at(offset, magic.length) === magic)
  );
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
