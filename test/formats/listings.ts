/** What the tests of lists have in common. */

import assert from 'node:assert/strict';

import fc from 'fast-check';

import type { CaptureSet } from '../../src/core/capture.js';
import type { EntryType } from '../../src/core/entry.js';
import type { ListedEntry, ListingReader } from '../../src/formats/listing.js';
import type { ListingWriter, WrittenEntry } from '../../src/formats/listing-write.js';

/** All entries of a text, with the messages of lines that make no sense. */
export function readAll(
  reader: ListingReader,
  text: string,
): {
  readonly entries: readonly ListedEntry[];
  readonly errors: readonly string[];
  readonly missing: string | null;
} {
  const entries: ListedEntry[] = [];
  const errors: string[] = [];
  for (const line of text.replace(/\n$/, '').split('\n')) {
    try {
      const entry = reader.line(line);
      if (entry !== null) entries.push(entry);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      errors.push(error.message);
    }
  }
  return { entries, errors, missing: reader.end() };
}

/** Cut anywhere, and with bytes changed at random, a text gives entries or messages and nothing else. */
export function proveHarmless(reader: () => ListingReader, text: string): void {
  for (let length = 0; length < text.length; length++) readAll(reader(), text.slice(0, length));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(text.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      (changes) => {
        const bytes = Buffer.from(text, 'latin1');
        for (const [at, byte] of changes) bytes[at] = byte;
        readAll(reader(), bytes.toString('latin1'));
      },
    ),
    { numRuns: 300 },
  );
}

export const EVERYTHING: CaptureSet = {
  version: 1,
  digests: ['sha256'],
  xattrs: 'all',
  mtime: true,
  ownership: true,
  hardLinks: true,
  exclusions: [],
  mountPoints: [],
};

/** Names of any bytes; those that formats use for themselves are frequent. */
const name = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ' ',
        '\n',
        '\r',
        '\t',
        '\\',
        '#',
        '=',
        '*',
        '?',
        '[',
        ']',
        '%',
        '@',
        '-',
        '0',
        '"',
        '\xff',
      ),
      fc.nat(255).map((byte) => String.fromCharCode(byte)),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((chars) => chars.join('').replace(/[/\0]/g, '_'))
  .filter((text) => text !== '.' && text !== '..');

export const treePaths = fc
  .array(name, { minLength: 1, maxLength: 4 })
  .map((names) => names.join('/'));

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** Entries of every type with values of every size. */
export const entries: fc.Arbitrary<WrittenEntry> = fc
  .record({
    type: fc.constantFrom<EntryType>(
      'file',
      'directory',
      'symlink',
      'fifo',
      'socket',
      'char',
      'block',
    ),
    mode: fc.nat(0o7777),
    uid: fc.nat(0xffff_ffff),
    gid: fc.nat(0xffff_ffff),
    size: fc.nat(Number.MAX_SAFE_INTEGER),
    mtimeNs: fc.bigInt(-(10n ** 18n), 10n ** 18n),
    target: treePaths,
    major: fc.nat(0xfff),
    minor: fc.nat(0xf_ffff),
    sha256: bytes32,
  })
  .map(({ type, major, minor, ...rest }) => ({
    ...rest,
    type,
    coverage: 'full' as const,
    size: type === 'file' ? rest.size : 0,
    target: type === 'symlink' ? rest.target : null,
    rdev: type === 'char' || type === 'block' ? { major, minor } : null,
    xattrs: [],
    xxh64: null,
    sha256: type === 'file' ? rest.sha256 : null,
    link: null,
  }));

/** What one line says when it is read again. */
export function reread(
  writer: ListingWriter,
  reader: ListingReader,
  path: string,
  entry: WrittenEntry,
): ListedEntry | undefined {
  const text = writer.head + writer.line(path as never, entry) + writer.tail;
  const { entries: found, errors, missing } = readAll(reader, text);
  assert.deepEqual([errors, missing], [[], null]);
  assert.deepEqual(
    found.flatMap(({ problems }) => problems),
    [],
  );
  return found[0];
}
