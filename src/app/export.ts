/** Writes a stored build in another format. */

import { AuditError } from '../core/errors.js';
import { openStore } from '../store/index.js';
import { composefsDump } from './dump.js';
import { parseReference } from './refs.js';

/** Latin1 text, one character per byte, in pieces. */
export async function exportBuild(
  location: string,
  word: string,
  write: (latin1: string) => Promise<void>,
): Promise<void> {
  const reference = parseReference(word);
  if (reference.kind !== 'build')
    throw new AuditError('USAGE', `export: expected a build, found ${word}`, {
      hint: 'take a snapshot of the directory first',
    });
  const store = await openStore(reference.store ?? location, { mode: 'read' });
  try {
    const { name } = await store.resolve(reference.ref);
    const reader = (await store.read(name)).artifacts[0]!;
    if (!reader.artifact.capture.digests.includes('sha256')) {
      throw new AuditError(
        'SOURCE_UNUSABLE',
        `${name} was recorded without SHA-256, so it has no tree digest`,
        { hint: 'record it without --digest xxh64' },
      );
    }
    for await (const piece of composefsDump(reader)) await write(piece);
  } finally {
    await store.close();
  }
}
