/**
 * pacman's local database (alpm-db(7)): one folder per package with `desc`, `files` and, compressed, `mtree`. The first two
 * must be there; digests and times come from the third, or from the list of configuration files.
 */

import { gunzipSync } from 'node:zlib';

import { FormatError } from '../core/errors.js';
import { joinPath, type TreePath } from '../core/path.js';
import type { ShippedFile } from '../core/ownership.js';
import type { TreeFiles } from '../core/tree-files.js';
import { readAlpmBackup, readAlpmSections, type AlpmSections } from '../formats/alpm-desc.js';
import { readAlpmMtree, type AlpmMtreeFile } from '../formats/alpm-mtree.js';
import { definePackageDatabase, type ListedFile, type PackageSink } from './define.js';
import { createLinkResolver } from './resolve-links.js';

const FOLDER = 'var/lib/pacman/local';
const VERSION_FILE = 'ALPM_DB_VERSION';
/** Largest list that is unpacked; that of a kernel's headers has 10 MiB. */
const MAX_MTREE_BYTES = 1 << 28;

export const pacman = definePackageDatabase({
  id: 'pacman',
  locate(files) {
    const folder = createLinkResolver(files).resolve(FOLDER);
    return files.list(folder).some((name) => name !== VERSION_FILE) ? [folder] : [];
  },
  read(files, location, sink) {
    for (const name of files.list(location))
      if (name !== VERSION_FILE) readPackage(files, joinPath(location, name), sink);
  },
});

function readPackage(files: TreeFiles, folder: TreePath, sink: PackageSink): void {
  const names = files.list(folder);
  if (names.length === 0) return;
  const desc = readSections(files, joinPath(folder, 'desc'));
  const [name, version, architecture] = ['NAME', 'VERSION', 'ARCH'].map(
    (section) => desc.get(section)?.[0],
  );
  if (name === undefined || version === undefined)
    throw new FormatError('pacman', 0, `${folder}/desc has no name or no version`);
  sink.package({ manager: 'pacman', name, version, architecture: architecture ?? '' });
  if (sink.file === null) return;
  const lists = readSections(files, joinPath(folder, 'files'));
  const backup = readAlpmBackup(lists.get('BACKUP') ?? []);
  const recorded = readMtree(files.read(joinPath(folder, 'mtree')));
  for (const path of lists.get('FILES') ?? [])
    sink.file(listedFile(name, path, recorded.get(path), backup.get(path)));
}

function readSections(files: TreeFiles, path: TreePath): AlpmSections {
  const bytes = files.read(path);
  if (bytes === null) throw new FormatError('pacman', 0, `${path} is missing`);
  return readAlpmSections(bytes);
}

/** Only regular files, by path; empty where the package came without a list. */
function readMtree(compressed: Uint8Array | null): ReadonlyMap<string, AlpmMtreeFile> {
  const recorded = new Map<string, AlpmMtreeFile>();
  if (compressed === null) return recorded;
  for (const file of readAlpmMtree(gunzip(compressed)))
    if (file.type === 'file') recorded.set(file.path, file);
  return recorded;
}

function gunzip(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_MTREE_BYTES });
  } catch (error) {
    throw new FormatError('pacman', 0, `a list of files cannot be unpacked: ${String(error)}`);
  }
}

/** Directories end in a slash. */
function listedFile(
  packageName: string,
  listed: string,
  recorded: AlpmMtreeFile | undefined,
  backup: string | undefined,
): ListedFile {
  const path = listed.replace(/^\/+|\/+$/g, '');
  const slash = path.lastIndexOf('/');
  return {
    directory: slash < 0 ? '' : path.slice(0, slash),
    name: path.slice(slash + 1),
    owned: true,
    shipped: {
      package: packageName,
      digest: digestOf(recorded, backup),
      mtimeSeconds: recorded?.mtimeSeconds ?? null,
    },
  };
}

function digestOf(
  recorded: AlpmMtreeFile | undefined,
  backup: string | undefined,
): ShippedFile['digest'] {
  if (recorded?.sha256 != null) return { algorithm: 'sha256', hex: recorded.sha256 };
  const md5 = recorded?.md5 ?? backup;
  return md5 === undefined ? null : { algorithm: 'md5', hex: md5 };
}
