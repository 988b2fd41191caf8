/** apk's database: one text file. What is below `etc` counts as owned like all else: apk keeps its digest too. */

import { FormatError } from '../core/errors.js';
import { joinPath, type TreePath } from '../core/path.js';
import type { TreeFiles } from '../core/tree-files.js';
import {
  readApkInstalled,
  type ApkDirectory,
  type ApkFile,
  type ApkPackage,
} from '../formats/apk-installed.js';
import { definePackageDatabase, type ListedFile } from './define.js';
import { createLinkResolver, type LinkResolver } from './resolve-links.js';

/** The second is where Alpine keeps it since it merged `/lib` into `/usr`. */
const FOLDERS: readonly string[] = ['lib/apk/db', 'usr/lib/apk/db'];
const LINK_MODE = 0o777;

export const apk = definePackageDatabase({
  id: 'apk',
  locate(files) {
    const links = createLinkResolver(files);
    const folders = new Set(FOLDERS.map((folder) => links.resolve(folder)));
    return [...folders].flatMap((folder) =>
      files.list(folder).includes('installed') ? [links.resolve(`${folder}/installed`)] : [],
    );
  },
  read(files, location, sink) {
    const bytes = files.read(location);
    if (bytes === null) throw new FormatError('apk database', 0, 'not a regular file');
    const links = createLinkResolver(files);
    for (const item of readApkInstalled(bytes)) {
      const { name, version, architecture } = item;
      sink.package({ manager: 'apk', name, version, architecture });
      if (sink.file === null) continue;
      for (const directory of item.directories)
        for (const file of listDirectory(item, directory, files, links)) sink.file(file);
    }
  },
});

function* listDirectory(
  item: ApkPackage,
  directory: ApkDirectory,
  files: TreeFiles,
  links: LinkResolver,
): Generator<ListedFile> {
  const slash = directory.path.lastIndexOf('/');
  yield {
    directory: slash < 0 ? '' : directory.path.slice(0, slash),
    name: directory.path.slice(slash + 1),
    owned: true,
    shipped: { package: item.name, digest: null, mtimeSeconds: null },
  };
  for (const file of directory.files)
    yield {
      directory: directory.path,
      name: file.name,
      owned: true,
      shipped: {
        package: item.name,
        digest: isLink(directory, file, files, links) ? null : file.digest,
        mtimeSeconds: null,
      },
    };
}

/** The list does not tell links from files; a link's digest is that of its target's name. */
function isLink(
  directory: ApkDirectory,
  file: ApkFile,
  files: TreeFiles,
  links: LinkResolver,
): boolean {
  if (file.digest === null || file.mode !== LINK_MODE) return false;
  const path: TreePath = joinPath(links.resolve(directory.path), file.name);
  return files.readLink(path) !== null;
}
