/** zip archives and what is built on them: jar, wheel, epub, OME-Zarr and others (PKWARE APPNOTE 6.3.10). */

import { readZip, zipChunks } from '../../formats/zip.js';
import { defineNormalizer } from './define.js';
import { orLeft } from './or-left.js';
import { canonicalZip } from './zip-canonical.js';
import { zipFieldChanges } from './zip-fields.js';
import { refuseZip } from './zip-left.js';

export const zip = defineNormalizer({
  id: 'zip',
  version: 1,
  summary:
    'Gives zip headers one time, one host, permissions without the umask, one form and one order of entries.',
  rationale: [
    'Times become SOURCE_DATE_EPOCH in UTC, or 1980-01-01 00:00:00, the first a header can say.',
    'Extra fields of times, users and groups go (0x5455, 0x000a, 0x5855, 0x7855, 0x7875, those in 0x000d and 0x756e); all others stay, Unicode names and unknown ones too.',
    'Host becomes Unix; permissions 0755 or 0644 by the owner’s execute bit, since the packer’s umask decides the rest; setuid, sticky and file type stay.',
    'Sizes move from data descriptors into the local headers, which agree with the central ones; zip64 is used where a number needs it, in OME-Zarr files always, as NGFF RFC-9 recommends. Version needed and flags follow from what the entry uses.',
    'Entries are sorted by the bytes of their names, local headers likewise, but `mimetype`, `[Content_Types].xml`, META-INF/MANIFEST.MF and, in .ozx files, `zarr.json` by depth stay in front, and `*.dist-info` of wheels at the end (OCF 3.3, JAR, RFC-9, PEP 427).',
    'Compressed bytes, methods, names, comments, internal attributes, the jar marker, a `#!` line or jmod magic in front and data behind the end stay; STORED data that was aligned is aligned again.',
    'Left as they are: signed jars and packages, APK signing blocks, encrypted entries, self-extractors, several parts, entries that overlap or whose two headers contradict each other, names that occur in two orders, and all bytes that nothing accounts for.',
  ].join(' '),
  extensions: [
    '.aar',
    '.apk',
    '.docx',
    '.ear',
    '.egg',
    '.epub',
    '.hpi',
    '.jar',
    '.jmod',
    '.jpi',
    '.npz',
    '.odg',
    '.odp',
    '.ods',
    '.odt',
    '.ozx',
    '.pptx',
    '.pyz',
    '.pyzw',
    '.war',
    '.whl',
    '.xlsx',
    '.xpi',
    '.zip',
  ],
  matches: (head) => MAGICS.some((magic) => startsWith(head, 0, magic)) || isZipProgram(head),
  normalize: ({ bytes, name, sourceDateEpoch }) =>
    orLeft(() => {
      const archive = readZip(bytes);
      refuseZip(archive);
      const canonical = canonicalZip(archive, name, sourceDateEpoch);
      const chunks = zipChunks(canonical.archive);
      if (isJoined(bytes, chunks)) return { kind: 'normal' };
      const fields = zipFieldChanges(archive, canonical);
      return { kind: 'changed', bytes: Buffer.concat(chunks), fields };
    }),
});

/** A local header, the end of an empty archive, and a jmod. */
const MAGICS = ['PK\x03\x04', 'PK\x05\x06', 'JM\x01\x00PK'];

/** An interpreter line and an archive right behind it (PEP 441). */
function isZipProgram(head: Uint8Array): boolean {
  return startsWith(head, 0, '#!') && startsWith(head, head.indexOf(0x0a) + 1, MAGICS[0]!);
}

function startsWith(head: Uint8Array, at: number, magic: string): boolean {
  for (let i = 0; i < magic.length; i++) if (head[at + i] !== magic.charCodeAt(i)) return false;
  return true;
}

/** Whether the chunks one after the other are the bytes. */
function isJoined(bytes: Uint8Array, chunks: readonly Uint8Array[]): boolean {
  let at = 0;
  for (const chunk of chunks) {
    const there = bytes.subarray(at, at + chunk.length);
    if (there.length !== chunk.length || Buffer.compare(there, chunk) !== 0) return false;
    at += chunk.length;
  }
  return at === bytes.length;
}
