/** The file list of a package as entries of a tree, still without contents. */

import { typeOfMode, type Xattr } from '../../core/entry.js';
import { FormatError } from '../../core/errors.js';
import { capabilityXattr } from '../../formats/capability-text.js';
import { rpmFiles } from '../../formats/rpm-files.js';
import { RPM_TAG, rpmNumbers, rpmStrings, type RpmHeader } from '../../formats/rpm-header.js';
import type { Node } from '../archive/tree-builder.js';

export interface ListedFile {
  readonly node: Node;
  /** Equal for names of one inode; null for a file with one name. */
  readonly inode: string | null;
}

/** A path as the payload or the header has it, without what stands in front. */
export function nameInPackage(path: string): string {
  return path.replace(/^(?:\.?\/)+/, '');
}

export class ListedFiles {
  /** Whether every owner and group is `root`, whose number is known. */
  readonly allRoot: boolean;
  readonly #files: readonly ListedFile[];
  readonly #byName = new Map<string, ListedFile>();

  /** Throws `FormatError` where the lists do not fit together. */
  constructor(header: RpmHeader) {
    const strings = (tag: number): readonly string[] => rpmStrings(header, tag) ?? [];
    const [users, groups] = [strings(RPM_TAG.FILEUSERNAME), strings(RPM_TAG.FILEGROUPNAME)];
    const capabilities = strings(RPM_TAG.FILECAPS);
    const rdevs = rpmNumbers(header, RPM_TAG.FILERDEVS);
    const inodes = rpmNumbers(header, RPM_TAG.FILEINODES);
    const devices = rpmNumbers(header, RPM_TAG.FILEDEVICES);
    this.allRoot = [...users, ...groups].every((name) => name === 'root');
    this.#files = [...rpmFiles(header)].map((file, i) => {
      const type = typeOfMode(file.mode & 0xffff);
      if (type === null)
        throw new FormatError('rpm header', 0, `file ${i}: mode ${file.mode.toString(8)}`);
      const listed: ListedFile = {
        node: {
          type,
          coverage: 'full',
          mode: file.mode & 0o7777,
          uid: 0,
          gid: 0,
          size: 0,
          mtimeNs: BigInt(file.mtimeSeconds ?? 0) * 1_000_000_000n,
          target: type === 'symlink' ? file.linkTarget : null,
          rdev: type === 'char' || type === 'block' ? deviceOf(rdevs?.[i] ?? 0) : null,
          xattrs: capabilityOf(capabilities[i] ?? ''),
          xxh64: null,
          sha256: null,
        },
        inode:
          inodes === null || file.ghost ? null : `${devices?.[i] ?? 0}:${inodes[i] ?? `#${i}`}`,
      };
      const { directory, name } = file;
      this.#byName.set(nameInPackage(directory === '' ? name : `${directory}/${name}`), listed);
      return listed;
    });
  }

  /** By its number in the header; null without one. */
  at(index: number | null): ListedFile | null {
    return index === null ? null : (this.#files[index] ?? null);
  }

  named(name: string): ListedFile | null {
    return this.#byName.get(name) ?? null;
  }
}

function capabilityOf(text: string): readonly Xattr[] {
  const value = text === '' ? null : capabilityXattr(text);
  if (value === null) return [];
  return [{ name: 'security.capability', value: Buffer.from(value).toString('latin1') }];
}

/** 16 bits, as the header has them. */
function deviceOf(rdev: number): { readonly major: number; readonly minor: number } {
  return { major: rdev >> 8, minor: rdev & 0xff };
}
