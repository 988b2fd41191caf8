/** The tree of a commit, by its metadata objects; each is read, checked and parsed once. */

import { errnoOf, FormatError } from '../../core/errors.js';
import {
  readDirMeta,
  readDirTree,
  type OstreeDirMeta,
  type OstreeDirTree,
} from '../../formats/ostree-objects.js';
import type { ContentTrouble } from './hash-content.js';
import { readMetadata, type MetadataType, type Repository } from './repository.js';

export type Loaded<T> =
  | { readonly kind: 'loaded'; readonly value: T }
  | { readonly kind: 'lost'; readonly trouble: ContentTrouble };

export class CommitTree {
  readonly #repository: Repository;
  readonly #trees = new Map<string, Loaded<OstreeDirTree>>();
  readonly #metas = new Map<string, Loaded<OstreeDirMeta>>();

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  tree(checksum: string): Loaded<OstreeDirTree> {
    return this.#load(this.#trees, checksum, 'dirtree', (bytes) => readDirTree(bytes));
  }

  meta(checksum: string): Loaded<OstreeDirMeta> {
    return this.#load(this.#metas, checksum, 'dirmeta', (bytes) => {
      const meta = readDirMeta(bytes);
      if ((meta.mode & 0o170000) !== 0o040000 || meta.mode > 0o177777)
        throw new FormatError('ostree dirmeta', 8, `mode 0${meta.mode.toString(8)}`);
      return { ...meta, xattrs: meta.xattrs.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
    });
  }

  #load<T>(
    known: Map<string, Loaded<T>>,
    checksum: string,
    type: MetadataType,
    parse: (bytes: Uint8Array) => T,
  ): Loaded<T> {
    let loaded = known.get(checksum);
    if (loaded === undefined) known.set(checksum, (loaded = this.#read(checksum, type, parse)));
    return loaded;
  }

  #read<T>(checksum: string, type: MetadataType, parse: (bytes: Uint8Array) => T): Loaded<T> {
    const lost = (code: ContentTrouble['code'], detail: string): Loaded<T> => ({
      kind: 'lost',
      trouble: { code, detail },
    });
    try {
      const bytes = readMetadata(this.#repository, checksum, type);
      if (bytes === null) return lost('unreadable', `${type} ${checksum} is not there`);
      return { kind: 'loaded', value: parse(bytes) };
    } catch (error) {
      if (error instanceof FormatError) return lost('format', `${checksum}: ${error.message}`);
      const errno = errnoOf(error);
      if (errno === undefined) throw error;
      return lost('unreadable', `${type} ${checksum} cannot be read: ${errno}`);
    }
  }
}
