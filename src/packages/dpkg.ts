/**
 * dpkg's database: `status` (paragraphs), `info/PACKAGE.list` and `.md5sums`, `diversions` (dpkg(1), FILES).
 * Images without a package manager (distroless) have `status.d/PACKAGE` and `status.d/PACKAGE.md5sums` instead.
 */

import { FormatError } from '../core/errors.js';
import { joinPath, type TreePath } from '../core/path.js';
import type { TreeFiles } from '../core/tree-files.js';
import { readDeb822, type Paragraph } from '../formats/deb822.js';
import {
  definePackageDatabase,
  type ListedDigest,
  type ListedFile,
  type PackageSink,
} from './define.js';
import { readConffiles, readDiversions, readFileList, readMd5sums } from './dpkg-files.js';
import { createLinkResolver } from './resolve-links.js';

const FOLDER = 'var/lib/dpkg';
/** Last words of `Status` under which nothing is installed: the name is known, or its configuration is left. */
const ABSENT: readonly string[] = ['not-installed', 'config-files'];

export const dpkg = definePackageDatabase({
  id: 'dpkg',
  locate(files) {
    const folder = createLinkResolver(files).resolve(FOLDER);
    const names = files.list(folder);
    return ['status', 'status.d', 'info'].some((name) => names.includes(name)) ? [folder] : [];
  },
  read(files, location, sink) {
    const names = files.list(location);
    if (names.includes('status.d')) readDistroless(files, joinPath(location, 'status.d'), sink);
    if (names.includes('status') || names.includes('info')) readInstalled(files, location, sink);
  },
});

function readInstalled(files: TreeFiles, location: TreePath, sink: PackageSink): void {
  const info = joinPath(location, 'info');
  const lists = new Set(files.list(info).filter((name) => name.endsWith('.list')));
  const status = files.read(createLinkResolver(files).resolve(joinPath(location, 'status')));
  if (status === null && files.list(location).includes('status'))
    throw new FormatError('dpkg', 0, 'its status is no regular file');
  if (status === null && lists.size === 0) return;
  if (status === null) throw new FormatError('dpkg', 0, 'file lists without a status file');
  const diversions = readDiversions(files.read(joinPath(location, 'diversions')));
  const missing: string[] = [];
  const conffiles = new Map<string, ReadonlyMap<string, string>>();
  for (const paragraph of readDeb822(status)) {
    const stem = readPackage(paragraph, lists, sink, missing);
    const text = paragraph.get('conffiles');
    if (stem !== null && text !== undefined) conffiles.set(stem, readConffiles(text));
  }
  if (missing.length > 0)
    throw new FormatError('dpkg', 0, `the file list of package ${missing[0]} is missing`);
  if (sink.file === null) return;
  // Lists of packages that the status file does not know count as well: rather too much is owned than too little.
  for (const list of lists) {
    const stem = list.slice(0, -'.list'.length);
    const name = packageOf(stem);
    for (const path of readFileList(files.read(joinPath(info, list)), stem))
      sink.file(listedFile(name, diversions.realPath(name, path), null));
    sink.digests(name, function* () {
      const md5sums = readMd5sums(files.read(joinPath(info, `${stem}.md5sums`)));
      for (const [path, md5] of conffiles.get(stem) ?? []) md5sums.set(path, md5);
      for (const [path, md5] of md5sums)
        yield { ...placeOf(diversions.realPath(name, path)), digest: digestOf(md5) };
    });
  }
}

/** Passes on the package, or notes that its list is missing; returns the stem of its files in `info`, null when it has none. */
function readPackage(
  paragraph: Paragraph,
  lists: ReadonlySet<string>,
  sink: PackageSink,
  missing: string[],
): string | null {
  const name = required(paragraph, 'package');
  const state = required(paragraph, 'status').split(/\s+/).at(-1)!;
  const architecture = paragraph.get('architecture') ?? '';
  const stem = [name, `${name}:${architecture}`].find((candidate) =>
    lists.has(`${candidate}.list`),
  );
  if (!ABSENT.includes(state)) {
    sink.package({ manager: 'dpkg', name, version: required(paragraph, 'version'), architecture });
    if (stem === undefined && state === 'installed') missing.push(name);
  }
  return stem ?? null;
}

/** The stem of a package that can be installed for several architectures names one of them. */
function packageOf(stem: string): string {
  const colon = stem.indexOf(':');
  return colon < 0 ? stem : stem.slice(0, colon);
}

/** No lists: all that is known are the files with a digest. */
function readDistroless(files: TreeFiles, folder: TreePath, sink: PackageSink): void {
  const names = files.list(folder);
  const missing: string[] = [];
  for (const file of names) {
    if (file.endsWith('.md5sums')) continue;
    const bytes = files.read(joinPath(folder, file));
    const [paragraph] = bytes === null ? [] : readDeb822(bytes);
    if (paragraph === undefined) throw new FormatError('dpkg', 0, `status.d/${file} is empty`);
    const name = required(paragraph, 'package');
    const architecture = paragraph.get('architecture') ?? '';
    sink.package({ manager: 'dpkg', name, version: required(paragraph, 'version'), architecture });
    if (!names.includes(`${file}.md5sums`)) missing.push(name);
    if (sink.file === null) continue;
    const md5sums = readMd5sums(files.read(joinPath(folder, `${file}.md5sums`)));
    for (const [path, md5] of md5sums) sink.file(listedFile(name, path, md5));
  }
  if (missing.length > 0)
    throw new FormatError('dpkg', 0, `the digests of package ${missing[0]} are missing`);
}

/** From a path relative to the root. */
function listedFile(packageName: string, path: string, md5: string | null): ListedFile {
  return {
    ...placeOf(path),
    owned: true,
    shipped: {
      package: packageName,
      digest: md5 === null ? null : digestOf(md5),
      mtimeSeconds: null,
    },
  };
}

function placeOf(path: string): Pick<ListedFile, 'directory' | 'name'> {
  const slash = path.lastIndexOf('/');
  return { directory: slash < 0 ? '' : path.slice(0, slash), name: path.slice(slash + 1) };
}

function digestOf(md5: string): ListedDigest['digest'] {
  return { algorithm: 'md5', hex: md5 };
}

function required(paragraph: Paragraph, field: string): string {
  const value = paragraph.get(field);
  if (value === undefined || value === '')
    throw new FormatError(
      'dpkg',
      0,
      `a package (${paragraph.get('package') ?? '?'}) has no ${field}`,
    );
  return value;
}
