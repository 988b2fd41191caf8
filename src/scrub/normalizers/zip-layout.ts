/** What kind of zip archive it is, as far as that gives the order of entries or their headers a meaning. */

import type { ZipArchive, ZipEntry } from '../../formats/zip.js';

export interface ZipLayout {
  /** OME-Zarr in one file (NGFF RFC-9): `zarr.json` files first, zip64 throughout. */
  readonly omeZarr: boolean;
  /** `META-INF/MANIFEST.MF` (any case, as Java reads it): streaming readers want it first. */
  readonly jar: boolean;
  /** Directories `*.dist-info` of wheels, which belong at the end (PEP 427). */
  readonly distInfo: ReadonlySet<string>;
}

export function zipLayout(archive: ZipArchive, fileName: string): ZipLayout {
  const names = archive.entries.map((entry) => entry.central.name);
  return {
    omeZarr: names.includes('zarr.json') && (/\.ozx$/i.test(fileName) || hasOmeComment(archive)),
    jar: names.some((name) => name.toUpperCase() === MANIFEST),
    distInfo: new Set(names.flatMap((name) => /^([^/]+\.dist-info)\/WHEEL$/.exec(name)?.[1] ?? [])),
  };
}

/** The entries in the one order that stands for all orders; entries of one name keep theirs. */
export function canonicalOrder(
  entries: readonly ZipEntry[],
  layout: ZipLayout,
): readonly ZipEntry[] {
  return entries
    .map((entry) => ({ entry, name: entry.central.name, rank: rankOf(entry.central.name, layout) }))
    .sort((a, b) => a.rank - b.rank || compareBytes(a.name, b.name))
    .map(({ entry }) => entry);
}

const MANIFEST = 'META-INF/MANIFEST.MF';
/** Behind every place that has a meaning at the front, whatever the depth of a `zarr.json`. */
const ORDINARY = 100_000;

function rankOf(name: string, layout: ZipLayout): number {
  // Breadth first: the number of directories above (RFC-9, recommendation 4).
  if (layout.omeZarr) return /(?:^|\/)zarr\.json$/.test(name) ? name.split('/').length : ORDINARY;
  // Readers find the type at a fixed offset in the first entry: OCF 3.3 and ODF 1.2 part 3, 3.3; file(1) for OPC.
  if (name === 'mimetype') return 0;
  if (name === '[Content_Types].xml') return 1;
  if (layout.jar && name.toUpperCase() === 'META-INF/') return 2;
  if (layout.jar && name.toUpperCase() === MANIFEST) return 3;
  const slash = name.indexOf('/');
  if (slash < 0 || !layout.distInfo.has(name.slice(0, slash))) return ORDINARY;
  return /^RECORD(?:\.jws|\.p7s)?$/.test(name.slice(slash + 1)) ? ORDINARY + 2 : ORDINARY + 1;
}

function compareBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function hasOmeComment(archive: ZipArchive): boolean {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(archive.end.comment));
    return typeof value === 'object' && value !== null && 'ome' in value;
  } catch {
    return false;
  }
}
