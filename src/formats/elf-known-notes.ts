/** What is inside the notes that matter: GNU's, the package metadata of systemd's specification, and Go's. */

import type { Elf } from './elf.js';
import type { ElfNote } from './elf-notes.js';
import { PagedBytes, latin1 } from './paged-bytes.js';

export interface GnuProperty {
  /** `pr_type`, such as 0xc0000002 for IBT and shadow stacks. */
  readonly type: number;
  /** In the file, of the type. */
  readonly offset: number;
  readonly data: Uint8Array;
}

export type KnownNote =
  /** Lower-case hex: a digest of the linked file by default. */
  | { readonly kind: 'build-id'; readonly hex: string }
  /** `os` 0 is Linux; the oldest kernel it runs on. */
  | { readonly kind: 'abi-tag'; readonly os: number; readonly version: string }
  | { readonly kind: 'gold-version'; readonly text: string }
  | { readonly kind: 'properties'; readonly properties: readonly GnuProperty[] }
  /** `.note.package`: `value` is undefined when the text is no JSON. */
  | { readonly kind: 'package'; readonly text: string; readonly value: unknown }
  /** Action id, input id and the like, joined by slashes. */
  | { readonly kind: 'go-build-id'; readonly text: string }
  /** The salt of a kernel's configuration, also in its modules. */
  | { readonly kind: 'linux-build-salt'; readonly text: string };

const GNU_ABI_TAG = 1;
const GNU_BUILD_ID = 3;
const GNU_GOLD_VERSION = 4;
const GNU_PROPERTY = 5;
const GO_BUILD_ID = 4;
const FDO_PACKAGING = 0xcafe1a7e;
const LINUX_BUILD_SALT = 0x100;

/** Null for a note of another kind, or whose data are not what its type says. */
export function knownNote(elf: Elf, note: ElfNote): KnownNote | null {
  const { owner, type, desc } = note;
  if (owner === 'GNU') {
    if (type === GNU_BUILD_ID) return { kind: 'build-id', hex: Buffer.from(desc).toString('hex') };
    if (type === GNU_ABI_TAG) return abiTag(elf, desc);
    if (type === GNU_GOLD_VERSION) return { kind: 'gold-version', text: textOf(desc) };
    if (type === GNU_PROPERTY) return properties(elf, note);
  }
  if (owner === 'Go' && type === GO_BUILD_ID) return { kind: 'go-build-id', text: textOf(desc) };
  if (owner === 'FDO' && type === FDO_PACKAGING) return packageMetadata(desc);
  if (owner === 'Linux' && type === LINUX_BUILD_SALT)
    return { kind: 'linux-build-salt', text: textOf(desc) };
  return null;
}

function abiTag(elf: Elf, desc: Uint8Array): KnownNote | null {
  if (desc.length !== 16) return null;
  const bytes = PagedBytes.of(desc, elf.littleEndian, 'elf note');
  const version = `${bytes.u32(4)}.${bytes.u32(8)}.${bytes.u32(12)}`;
  return { kind: 'abi-tag', os: bytes.u32(0), version };
}

/** Type, size, data, each filled up to a word of the class (Linux extensions to gABI, 2.1.8). */
function properties(elf: Elf, { desc, descOffset }: ElfNote): KnownNote | null {
  const bytes = PagedBytes.of(desc, elf.littleEndian, 'elf note');
  const word = elf.bits / 8;
  const found: GnuProperty[] = [];
  for (let at = 0; at < desc.length;) {
    if (at + 8 > desc.length) return null;
    const size = bytes.u32(at + 4);
    if (at + 8 + size > desc.length) return null;
    const data = desc.subarray(at + 8, at + 8 + size);
    found.push({ type: bytes.u32(at), offset: descOffset + at, data });
    at += 8 + Math.ceil(size / word) * word;
  }
  return { kind: 'properties', properties: found };
}

function packageMetadata(desc: Uint8Array): KnownNote {
  const text = Buffer.from(desc).toString('utf8').replace(/\0+$/, '');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  return { kind: 'package', text, value };
}

function textOf(desc: Uint8Array): string {
  return latin1(desc).replace(/\0+$/, '');
}
