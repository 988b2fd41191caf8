/** The resource tree of a PE image: directories, each with a time of its own, and what they lead to. */

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import { readFields, type FieldsOf } from './fields.js';
import { PE_FORMAT } from './pe-headers.js';
import type { Extent } from './regions.js';

export interface PeResourceDirectory {
  /** Ids and names from the root on, with `/` between: `` for the root, `16/1`. */
  readonly path: string;
  readonly header: FieldsOf<typeof DIRECTORY>;
}

export interface PeResource {
  readonly path: string;
  readonly header: FieldsOf<typeof DATA>;
  /** Null when the address leads out of the file. */
  readonly data: Extent | null;
}

export interface PeResources {
  readonly directories: readonly PeResourceDirectory[];
  readonly leaves: readonly PeResource[];
}

/** `root` is the extent of the directory in the file; `offsetOf` finds an address. A directory is read once. */
export function readPeResources(
  input: RandomAccess,
  root: Extent,
  offsetOf: (address: number) => number | null,
  problems: FormatError[],
): PeResources {
  const bytes = input.read(root.offset, Math.min(root.length, LARGEST_TREE));
  const directories: PeResourceDirectory[] = [];
  const leaves: PeResource[] = [];
  const seen = new Set<number>();
  let entriesLeft = MOST_ENTRIES;
  const pending: { readonly at: number; readonly path: string; readonly depth: number }[] = [
    { at: 0, path: '', depth: 0 },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { at, path, depth } = next;
    if (seen.has(at) || depth > DEEPEST || at + 16 > bytes.length) {
      problems.push(new FormatError(PE_FORMAT, root.offset + at, `resource directory ${path}`));
      continue;
    }
    seen.add(at);
    const header = readFields(PE_FORMAT, DIRECTORY, bytes.subarray(at), root.offset + at);
    directories.push({ path, header });
    const entries = entriesOf(bytes, at, header, entriesLeft);
    entriesLeft -= entries.length;
    if (entries.length < header.numberOfNamedEntries.value + header.numberOfIdEntries.value)
      problems.push(new FormatError(PE_FORMAT, root.offset + at, `too many resources in ${path}`));
    for (const entry of entries) {
      const below = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory) pending.push({ at: entry.target, path: below, depth: depth + 1 });
      else if (entry.target + 16 <= bytes.length) {
        const record = bytes.subarray(entry.target, entry.target + 16);
        const leaf = readFields(PE_FORMAT, DATA, record, root.offset + entry.target);
        const start = offsetOf(leaf.address.value);
        leaves.push({
          path: below,
          header: leaf,
          data: start === null ? null : cut(input.size, start, leaf.size.value),
        });
      } else problems.push(new FormatError(PE_FORMAT, root.offset + entry.target, below));
    }
  }
  return { directories, leaves };
}

interface Entry {
  readonly name: string;
  readonly isDirectory: boolean;
  readonly target: number;
}

/** As many entries as the directory says and as fit, at most `limit`. */
function entriesOf(
  bytes: Uint8Array,
  at: number,
  header: FieldsOf<typeof DIRECTORY>,
  limit: number,
): readonly Entry[] {
  const said = header.numberOfNamedEntries.value + header.numberOfIdEntries.value;
  const count = Math.min(said, limit, Math.floor((bytes.length - at - 16) / 8));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, index) => {
    const name = view.getUint32(at + 16 + index * 8, true);
    const target = view.getUint32(at + 20 + index * 8, true);
    return {
      name: name < HIGH ? String(name) : resourceName(view, name - HIGH),
      isDirectory: target >= HIGH,
      target: target >= HIGH ? target - HIGH : target,
    };
  });
}

/** A counted UTF-16 text. */
function resourceName(view: DataView, at: number): string {
  if (at + 2 > view.byteLength) return `name@${at}`;
  const length = Math.min(view.getUint16(at, true), LONGEST_NAME);
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return Buffer.from(bytes.subarray(at + 2, at + 2 + 2 * length)).toString('utf16le');
}

function cut(size: number, offset: number, length: number): Extent {
  const start = Math.min(offset, size);
  return { offset: start, length: Math.min(length, size - start) };
}

const HIGH = 0x8000_0000;
/** Type, name and language are three; some tools nest deeper. */
const DEEPEST = 8;
/** Of the whole tree: directories may lie in one another. */
const MOST_ENTRIES = 8192;
const LONGEST_NAME = 255;
/** Directories and their texts lie before the data; a tree is far smaller. */
const LARGEST_TREE = 1 << 22;

const DIRECTORY = {
  characteristics: 'u32',
  timeDateStamp: 'u32',
  majorVersion: 'u16',
  minorVersion: 'u16',
  numberOfNamedEntries: 'u16',
  numberOfIdEntries: 'u16',
} as const;

const DATA = { address: 'u32', size: 'u32', codePage: 'u32', reserved: 'u32' } as const;
