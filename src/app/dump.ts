/**
 * The canonical composefs-dump text of a stored tree, and its SHA-256: the tree digest that people quote. Defined
 * byte by byte in `docs/tree-digest.md`.
 */

import { createHash } from 'node:crypto';

import { isWhole, type CaptureSet } from '../core/capture.js';
import { stMode, type Entry } from '../core/entry.js';
import { AuditError } from '../core/errors.js';
import type { ArtifactReader, TreeRef } from '../core/manifest.js';
import { joinPath, ROOT_PATH, type TreePath } from '../core/path.js';

/** Lines in canonical order, each with its newline, in pieces of some kilobytes; latin1 characters, one per byte. */
export async function* composefsDump(
  reader: Pick<ArtifactReader, 'root' | 'entries'>,
): AsyncGenerator<string> {
  let piece = dumpLine(ROOT_PATH, reader.root.entry);
  const visit = async function* (path: TreePath, directory: TreeRef): AsyncGenerator<string> {
    for (const { entry, child } of await reader.entries(directory)) {
      const entryPath = joinPath(path, entry.name);
      piece += dumpLine(entryPath, entry);
      if (child !== null) yield* visit(entryPath, child);
      if (piece.length > 1 << 16) {
        yield piece;
        piece = '';
      }
    }
  };
  if (reader.root.child !== null) yield* visit(ROOT_PATH, reader.root.child);
  yield piece;
}

/** Why there is no such text of a tree: not every entry has what it says. Null where there is. */
export function undumpable(capture: CaptureSet): string | null {
  if (!capture.digests.includes('sha256')) return 'recorded without SHA-256';
  return isWhole(capture) ? null : 'recorded of a manifest that leaves attributes out';
}

/** Throws `SOURCE_UNUSABLE` for a tree without such a text; `name` is what the user called it. */
export function refuseUndumpable(name: string, capture: CaptureSet): void {
  const why = undumpable(capture);
  if (why === null) return;
  throw new AuditError('SOURCE_UNUSABLE', `${name} was ${why}, so it has no tree digest`, {
    hint: capture.digests.includes('sha256')
      ? 'record the tree itself'
      : 'record it without --digest xxh64',
  });
}

/** Null when there is no tree digest. */
export async function treeDigest(reader: ArtifactReader): Promise<Uint8Array | null> {
  if (undumpable(reader.artifact.capture) !== null) return null;
  const hash = createHash('sha256');
  for await (const piece of composefsDump(reader)) hash.update(Buffer.from(piece, 'latin1'));
  return hash.digest();
}

/** Fields of composefs-dump(5): path size mode nlink uid gid rdev mtime payload content digest [xattr=value]... */
function dumpLine(path: TreePath, entry: Entry): string {
  const isLink = entry.link !== null && entry.link !== path;
  const mode = `${isLink ? '@' : ''}${stMode(entry).toString(8)}`;
  const rdev =
    entry.rdev === null ? '0' : deviceNumber(entry.rdev.major, entry.rdev.minor).toString();
  const payload = isLink
    ? `/${escape(entry.link!)}`
    : entry.target === null || entry.target === ''
      ? '-'
      : escape(entry.target);
  const sha256 =
    entry.sha256 === null || isLink
      ? ''
      : ` ${SHA256_FIELD}=${Buffer.from(entry.sha256).toString('hex')}`;
  const xattrs = isLink
    ? ''
    : entry.xattrs.map(({ name, value }) => ` ${escapeName(name)}=${escape(value)}`).join('');
  return `/${escape(path)} ${entry.size} ${mode} 1 ${entry.uid} ${entry.gid} ${rdev} ${dumpTime(entry.mtimeNs)} ${payload} - -${sha256}${xattrs}\n`;
}

/**
 * A field of our own in the place of an xattr, because the digest field means fs-verity. The name of a real xattr
 * always has a namespace and a dot.
 */
const SHA256_FIELD = 'sha256';

function dumpTime(mtimeNs: bigint): string {
  const nanoseconds = ((mtimeNs % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return `${(mtimeNs - nanoseconds) / 1_000_000_000n}.${nanoseconds}`;
}

/** The kernel's encoding of a device number (`new_encode_dev`). */
function deviceNumber(major: number, minor: number): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return (low & 0xffn) | (high << 8n) | ((low & ~0xffn) << 12n);
}

const PLAIN = /^[\x21-\x5b\x5d-\x7e]+$/;
const NAMED: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** composefs-dump(5) escapes; a field that would be `-` or empty could not be told from "none", so `-` alone is escaped too. */
function escape(latin1: string): string {
  if (latin1 === '-') return '\\x2d';
  if (PLAIN.test(latin1)) return latin1;
  return latin1.replace(
    /[^\x21-\x5b\x5d-\x7e]/g,
    (c) => NAMED[c] ?? `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

function escapeName(latin1: string): string {
  return escape(latin1).replaceAll('=', '\\x3d');
}
