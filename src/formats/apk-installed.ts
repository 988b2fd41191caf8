/**
 * apk's list of installed packages (`lib/apk/db/installed`; fields as in apk-package(5), and those of the file list that
 * only this file has): lines of one letter, a colon and a value; a blank line ends a package. apk 3 writes the same text.
 */

import { FormatError } from '../core/errors.js';

export interface ApkPackage {
  /** Latin1 bytes, like all text here. */
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly directories: readonly ApkDirectory[];
}

export interface ApkDirectory {
  /** Relative to the root, without the slashes at both ends; `''` is the root. */
  readonly path: string;
  readonly files: readonly ApkFile[];
}

export interface ApkFile {
  readonly name: string;
  /** Permission bits; links have 0777. */
  readonly mode: number;
  /** Of the content, or of a link's target; null where none is recorded, or one that is cut short. */
  readonly digest: { readonly algorithm: 'md5' | 'sha1' | 'sha256'; readonly hex: string } | null;
}

const FORMAT = 'apk database';
/** Schema files of apk 3 begin so; plain, deflated or with another compression. */
const ADB_MAGIC = /^ADB[.dc]/;
const DEFAULT_MODE = 0o644;

/** Yields the packages in order. Throws `FormatError`; one that is cut off is an error and no package. */
export function* readApkInstalled(bytes: Uint8Array): Generator<ApkPackage> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (ADB_MAGIC.test(text))
    throw new FormatError(FORMAT, 0, 'a binary database, of which only the text form can be read');
  let item: PackageUnderway | null = null;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    if (newline < 0) throw new FormatError(FORMAT, start, 'the last line is cut');
    // apk itself takes a line of one character for a blank one.
    if (newline - start < 2) {
      if (item !== null) yield finish(item, start);
      item = null;
    } else {
      if (text[start + 1] !== ':') throw new FormatError(FORMAT, start, 'a line without a field');
      item ??= { fields: new Map(), directories: [], file: null, cutDigests: false };
      addField(item, text[start]!, text.slice(start + 2, newline), start);
    }
    start = newline + 1;
  }
  if (item !== null) throw new FormatError(FORMAT, text.length, 'the last package is cut');
}

interface PackageUnderway {
  readonly fields: Map<string, string>;
  readonly directories: { readonly path: string; readonly files: FileUnderway[] }[];
  file: FileUnderway | null;
  /** Its digests are SHA-256 cut to the length of SHA-1, under the mark of SHA-1. */
  cutDigests: boolean;
}

interface FileUnderway {
  readonly name: string;
  mode: number;
  digest: string;
}

function addField(item: PackageUnderway, field: string, value: string, offset: number): void {
  const directory = item.directories.at(-1);
  switch (field) {
    case 'F':
      item.directories.push({ path: value.replace(/^\/+|\/+$/g, ''), files: [] });
      item.file = null;
      return;
    case 'R':
      if (directory === undefined) throw new FormatError(FORMAT, offset, 'a file of no directory');
      if (value === '' || value.includes('/'))
        throw new FormatError(FORMAT, offset, 'a file name that is none');
      item.file = { name: value, mode: DEFAULT_MODE, digest: '' };
      directory.files.push(item.file);
      return;
    case 'a':
      fileOf(item, offset).mode = readMode(value, offset);
      return;
    case 'Z':
      fileOf(item, offset).digest = value;
      return;
    case 'M':
      if (directory === undefined) throw new FormatError(FORMAT, offset, 'the mode of nothing');
      readMode(value, offset);
      return;
    case 'f':
      item.cutDigests = value.includes('S');
      return;
    default:
      item.fields.set(field, value);
  }
}

function fileOf(item: PackageUnderway, offset: number): FileUnderway {
  if (item.file === null) throw new FormatError(FORMAT, offset, 'an attribute of no file');
  return item.file;
}

/** Owner, group and octal mode; a digest of extended attributes may follow. */
function readMode(value: string, offset: number): number {
  const [, mode] = /^\d+:\d+:([0-7]{1,6})(?::.+)?$/.exec(value) ?? [];
  if (mode === undefined) throw new FormatError(FORMAT, offset, 'no owner, group and mode');
  return Number.parseInt(mode, 8) & 0o7777;
}

function finish(item: PackageUnderway, offset: number): ApkPackage {
  const { fields, directories, cutDigests } = item;
  const name = fields.get('P');
  const version = fields.get('V');
  if (name === undefined || name === '' || version === undefined)
    throw new FormatError(FORMAT, offset, 'a package without a name and a version');
  return {
    name,
    version,
    architecture: fields.get('A') ?? '',
    directories: directories.map(({ path, files }) => ({
      path,
      files: files.map(({ name: fileName, mode, digest }) => ({
        name: fileName,
        mode,
        digest: cutDigests ? null : readDigest(digest),
      })),
    })),
  };
}

/** `Q1` and base64, `X1` and hexadecimal for SHA-1; `Q2`, `X2` for SHA-256; bare hexadecimal MD5 of apk 1. */
function readDigest(text: string): ApkFile['digest'] {
  if (/^[0-9a-f]{32}$/.test(text)) return { algorithm: 'md5', hex: text };
  const [, form, kind, value = ''] = /^([QX])([12])(.+)$/.exec(text) ?? [];
  const bytes = Buffer.from(value, form === 'Q' ? 'base64' : 'hex');
  const algorithm = kind === '1' ? 'sha1' : 'sha256';
  if (form === undefined || bytes.length !== (kind === '1' ? 20 : 32)) return null;
  return { algorithm, hex: bytes.toString('hex') };
}
