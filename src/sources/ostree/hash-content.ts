/** Content objects hashed and held against their names; what a manifest needs of each, packed. */

import { createHash } from 'node:crypto';
import { constants as osConstants } from 'node:os';

import { errnoOf, FormatError } from '../../core/errors.js';
import { RecordWriter } from '../../core/packed-directory.js';
import { systemError } from '../../fs/native.js';
import { writeFileHeader } from '../../formats/ostree-objects.js';
import type { ContentHasher } from '../../util/hashing.js';
import { openContent, type OpenContent } from './open-content.js';
import type { Repository } from './repository.js';

export interface HashedContent {
  /** A record of a packed directory without the name: see `core/packed-directory.ts`. */
  readonly record: Uint8Array;
  readonly size: number;
  readonly trouble: ContentTrouble | null;
}

export interface ContentTrouble {
  readonly code: 'unreadable' | 'format';
  readonly detail: string;
}

export interface ContentDigestOptions {
  readonly xxh64: boolean;
  readonly sha256: boolean;
}

/** Above this an object is read in pieces. */
const WHOLE_BYTES = 8 * 1024 * 1024;
/** The longest piece for XXH64 at once. */
const HASH_BYTES = 256 * 1024;
/** Length of the empty name that a record begins with. */
const NAME_BYTES = 2;

/** Never throws for what the objects are. Once `isStopped`, what was begun ends soon and means nothing. */
export function contentHasher(
  repository: Repository,
  hasher: ContentHasher,
  digests: ContentDigestOptions,
  isStopped: () => boolean = () => false,
): (checksum: string) => Promise<HashedContent> {
  const writer = new RecordWriter(4096);
  const record = (): Uint8Array => Uint8Array.from(writer.view(NAME_BYTES));
  const lost = (code: ContentTrouble['code'], detail: string): HashedContent => {
    writer.reset();
    writer.head('', 'unreadable', 0o100000, 0, 0);
    writer.file(0, null, null);
    writer.xattrs([]);
    return { record: record(), size: 0, trouble: { code, detail } };
  };
  return async (checksum) => {
    let content: OpenContent | null = null;
    try {
      content = openContent(repository, checksum);
      if (content === null) return lost('unreadable', `object ${checksum} is not there`);
      const xxh64 = new Uint8Array(8);
      const sha256 = new Uint8Array(32);
      const found = await hash(content, hasher, xxh64, digests.sha256 ? sha256 : null, isStopped);
      const isTrue = found === checksum;
      const { mode, uid, gid, target, xattrs } = content.header;
      writer.reset();
      writer.head('', isTrue ? 'full' : 'unreadable', mode, uid, gid);
      if ((mode & 0o170000) === 0o120000) writer.symlink(target);
      else
        writer.file(
          content.size,
          isTrue && digests.xxh64 ? xxh64 : null,
          isTrue && digests.sha256 ? sha256 : null,
        );
      writer.xattrs(xattrs.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
      const detail = `object ${checksum} does not have its checksum: found ${found}`;
      const trouble = isTrue ? null : { code: 'format' as const, detail };
      return { record: record(), size: content.size, trouble };
    } catch (error) {
      if (error instanceof FormatError)
        return lost('format', `object ${checksum}: ${error.message}`);
      const errno = errnoOf(error);
      if (errno === undefined) throw error;
      return lost('unreadable', `object ${checksum} cannot be read: ${errno}`);
    } finally {
      content?.close();
    }
  };
}

/** The checksum of the object; fills the digests of its bytes. */
async function hash(
  content: OpenContent,
  hasher: ContentHasher,
  xxh64: Uint8Array,
  sha256: Uint8Array | null,
  isStopped: () => boolean,
): Promise<string> {
  const object = createHash('sha256').update(writeFileHeader(content.header));
  if (content.size <= WHOLE_BYTES) {
    const bytes = content.bytes();
    if (bytes.length <= HASH_BYTES) hasher.whole(bytes, xxh64, sha256);
    else {
      const stream = hasher.stream(sha256 !== null);
      for (let at = 0; at < bytes.length; at += HASH_BYTES)
        stream.update(bytes.subarray(at, at + HASH_BYTES));
      stream.digest(xxh64, sha256);
    }
    return object.update(bytes).digest('hex');
  }
  const stream = hasher.stream(sha256 !== null);
  for await (const chunk of content.chunks()) {
    if (isStopped()) throw systemError(-osConstants.errno.EINTR, 'read', 'object');
    stream.update(chunk);
    object.update(chunk);
  }
  stream.digest(xxh64, sha256);
  return object.digest('hex');
}
