/** Notes: the build id and what else is said of how a file was made. */

import type { Fact, FactKind } from '../../core/facts.js';
import { knownNote, type KnownNote } from '../../formats/elf-known-notes.js';
import { readElfNotes } from '../../formats/elf-notes.js';
import type { Elf } from '../../formats/elf.js';
import type { ElfFindings } from './elf.js';
import { shortText } from './short-text.js';

/** Data of other notes stay in the digest of their section. */
export function noteFacts(elf: Elf, { facts, problems, told }: ElfFindings): void {
  const found = readElfNotes(elf);
  problems.push(...found.problems);
  for (const note of found.notes.slice(0, MOST_NOTES)) {
    const known = knownNote(elf, note);
    const made = known === null ? null : factsOf(known, note.descOffset);
    if (known === null || made === null) continue;
    facts.push(...made);
    // NULs behind a text are left to the digest of the section.
    const length = 'text' in known ? Buffer.byteLength(known.text) : note.desc.length;
    told.add(note.descOffset, length);
  }
}

/** Null where the facts would not account for every byte. */
function factsOf(note: KnownNote, offset: number): Fact[] | null {
  const fact = (name: string, kind: FactKind, value: string): Fact[] => [
    { name, kind, value: shortText(value), offset },
  ];
  switch (note.kind) {
    case 'build-id':
      return fact('build-id', 'build-id', note.hex);
    case 'abi-tag':
      return fact('ABI-tag', 'version', `${note.os}: ${note.version}`);
    case 'gold-version':
      return isAscii(note.text) ? fact('gold-version', 'version', note.text) : null;
    case 'go-build-id':
      return isAscii(note.text) ? fact('Go build id', 'build-id', note.text) : null;
    case 'linux-build-salt':
      return isAscii(note.text) ? fact('LINUX_ELFNOTE_BUILD_SALT', 'version', note.text) : null;
    case 'properties':
      return null;
    case 'package':
      return packageFacts(note, offset);
  }
}

/** Keys of the package metadata (systemd, "Package Metadata for ELF Files"), next to the text when it is written otherwise. */
function packageFacts(
  { text, value }: KnownNote & { kind: 'package' },
  offset: number,
): Fact[] | null {
  // Bytes that are no UTF-8 came out alike.
  if (text.includes('\ufffd')) return null;
  const fact = (name: string, kind: FactKind, of: string): Fact => ({
    name,
    kind,
    value: shortText(Buffer.from(of).toString('latin1')),
    offset,
  });
  const isFlat =
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((each) => typeof each === 'string') &&
    JSON.stringify(value) === text;
  if (!isFlat) return [fact('package', 'text', text)];
  return Object.entries(value as Readonly<Record<string, string>>).map(([key, of]) =>
    fact(`package ${key}`, /version/i.test(key) ? 'version' : 'text', of),
  );
}

/** As many bytes as characters, also in UTF-8. */
function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

const MOST_NOTES = 1000;
