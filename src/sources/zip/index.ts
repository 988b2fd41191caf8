/** `zip:`, `whl:`, `jar:`: a zip archive, and what is one by another name. */

import { FormatError } from '../../core/errors.js';
import { joinPath, ROOT_PATH } from '../../core/path.js';
import type { RandomAccess } from '../../core/random-access.js';
import { readZipDirectory, type ZipPlace } from '../../formats/zip.js';
import type { ContentDigests } from '../archive/hash-content.js';
import { headOf } from '../archive/head-of.js';
import {
  openArchive,
  type ArchiveKind,
  type ArchiveTarget,
  type Carried,
} from '../archive/open-archive.js';
import { readContent, type ContentData } from '../archive/read-content.js';
import type { Node } from '../archive/tree-builder.js';
import { defineSource } from '../define.js';
import { entryContent } from './entry-content.js';
import { entryMeta, type EntryMeta } from './entry-meta.js';

export const zip = defineSource({
  id: 'zip',
  claims: (location) => ZIP_NAME.test(location) || ZIP_HEAD.test(headText(location)),
  open: (location) => openArchive(location, zipArchive),
});
export const whl = defineSource({ ...zip, id: 'whl', claims: () => false });
export const jar = defineSource({ ...zip, id: 'jar', claims: () => false });

const ZIP_NAME = /\.(?:zip|whl|jar|war|ear|egg)$/;
const ZIP_HEAD = /^PK(?:\x03\x04|\x05\x06)/;

function headText(location: string): string {
  return Buffer.from(headOf(location)).toString('latin1', 0, 4);
}

const zipArchive: ArchiveKind = {
  mediaType: 'application/zip',
  capture: {
    xattrs: 'not-carried',
    mtime: true,
    mtimeResolution: 1,
    ownership: true,
    hardLinks: false,
  },
  reads: 'places',
  read: async (bytes, target) => {
    const { entries, localOrder } = readZipDirectory(bytes);
    const told = new Told();
    // In the order of the data: the file is read from front to back.
    for (const index of localOrder) {
      target.step();
      const place = entries[index]!;
      const meta = entryMeta(place);
      told.note(meta);
      await addEntry(bytes, place, meta, target);
    }
    target.carries(told.found());
  },
};

/** What all entries tell is carried; the coarsest time counts. */
class Told {
  #resolution = 1;
  #owners = true;

  note({ owner, mtimeResolution }: EntryMeta): void {
    this.#resolution = Math.max(this.#resolution, mtimeResolution);
    this.#owners &&= owner !== null;
  }

  found(): Partial<Carried> {
    return { mtimeResolution: this.#resolution, ownership: this.#owners };
  }
}

/** Longer targets are none. */
const MAX_TARGET = 65_536;

async function addEntry(
  bytes: RandomAccess,
  place: ZipPlace,
  meta: EntryMeta,
  target: ArchiveTarget,
): Promise<void> {
  const { tree, limits } = target;
  const { name } = place.central;
  const { type } = meta;
  if (type === null) return tree.skip(name, 'its mode has no type that is known');
  const base = {
    type,
    mode: meta.mode,
    uid: meta.owner?.uid ?? 0,
    gid: meta.owner?.gid ?? 0,
    mtimeNs: meta.mtimeNs,
    rdev: null,
    xattrs: [],
  };
  try {
    if (place.problem !== null) throw place.problem;
    const data = entryContent(bytes, place, limits);
    const content = type === 'file' ? await readContent(name, data, target) : null;
    const link = type === 'symlink' ? await targetOf(data, place) : null;
    tree.add(name, { ...base, ...seen(content, link) });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const path = joinPath(ROOT_PATH, name.replace(/^(?:\.?\/)+|\/+$/g, ''));
    tree.diagnostics.push({ code: 'unreadable', path, detail: error.message });
    const size = type === 'file' ? place.uncompressedSize : 0;
    tree.add(name, { ...base, ...seen(null, null), size, coverage: 'unreadable' });
  }
}

function seen(
  content: ContentDigests | null,
  target: string | null,
): Pick<Node, 'coverage' | 'size' | 'target' | 'xxh64' | 'sha256'> {
  return {
    coverage: 'full',
    size: content?.size ?? 0,
    target,
    xxh64: content?.xxh64 ?? null,
    sha256: content?.sha256 ?? null,
  };
}

async function targetOf(data: ContentData, { offset }: ZipPlace): Promise<string> {
  if (data.size > MAX_TARGET)
    throw new FormatError('zip', offset, `a link target of ${data.size} bytes`);
  const parts: Uint8Array[] = [];
  const whole = data.tryAll();
  if (whole !== null) parts.push(whole);
  else for await (const chunk of data.chunks()) parts.push(Uint8Array.from(chunk));
  return Buffer.concat(parts).toString('latin1');
}
