/** What `inspect` looks into: a file, or the bytes that a source is. */

import { constants, openSync, statSync } from 'node:fs';
import { basename } from 'node:path';

import { AuditError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import { isImageDocument } from '../formats/oci-document.js';
import { openAccess } from '../fs/tree-files.js';
import { DEFAULT_LIMITS, type InspectLimits, type InspectOptions } from '../inspectors/index.js';
import type { OpenOptions } from '../sources/define.js';
import { CONTAINER_LIMITS } from './inspection/inspect-container.js';
import { openSource } from './open-location.js';

export interface InspectedBytes {
  /** By which some formats are told. */
  readonly name: string;
  readonly bytes: RandomAccess;
  /** When they were written, Unix time; null where nothing says so. */
  readonly leftSeconds: number | null;
  readonly limits: InspectLimits;
  readonly skips: NonNullable<InspectOptions['skips']>;
  close(): void;
}

/** `word` is for messages. Throws `SOURCE_UNUSABLE` for what is no regular file, and system errors. */
export function openFileBytes(path: string, word: string): InspectedBytes {
  // Not opened at all: a device may act when it is.
  const file = statSync(path).isFile()
    ? openAccess(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK))
    : null;
  if (file === null) throw new AuditError('SOURCE_UNUSABLE', `${word}: expected a regular file`);
  return {
    name: basename(path),
    bytes: file,
    leftSeconds: Number(file.mtimeNs / 1_000_000_000n),
    limits: DEFAULT_LIMITS,
    skips: () => false,
    close: () => file.close(),
  };
}

/**
 * The archive, image or commit; of a build that says in a file what it is, that file. Throws `SOURCE_UNUSABLE` where there is
 * nothing but a tree.
 */
export function openSourceBytes(word: string, options: OpenOptions): InspectedBytes {
  const source = openSource(word, options);
  const { container, statement, location } = source;
  if (statement !== undefined) {
    source.close();
    return openFileBytes(statement.file, word);
  }
  if (container === null) {
    source.close();
    throw new AuditError(
      'SOURCE_UNUSABLE',
      `${word}: expected an archive, image or commit in a file`,
      {
        hint: 'a tree is looked into by snapshot or diff with --inspect all',
      },
    );
  }
  const { name, bytes } = container;
  const isImage = isImageDocument(bytes.read(0, HEAD_BYTES));
  return {
    name,
    bytes,
    leftSeconds: leftAt(location),
    limits: CONTAINER_LIMITS,
    // The files of a whole system: its layers are told by their headers.
    skips: (inspector, depth) => isImage && inspector === 'tar' && depth <= LAYER_DEPTH,
    close: () => source.close(),
  };
}

const HEAD_BYTES = 64;
/** A compressed layer of an image. */
const LAYER_DEPTH = 2;

/** Images and commits say themselves when they were made. */
function leftAt(location: string): number | null {
  const stats = statSync(location, { throwIfNoEntry: false });
  return stats === undefined ? null : Math.floor(stats.mtimeMs / 1000);
}
