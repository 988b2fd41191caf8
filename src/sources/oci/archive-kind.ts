/** Whether a tar archive is an image, by the names of its first members: a root file system has others. */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

import { errnoOf, FormatError } from '../../core/errors.js';
import type { RandomAccess } from '../../core/random-access.js';
import { membersIn } from '../../formats/steps.js';
import { isTar } from '../../formats/tar.js';
import { tarSteps } from '../../formats/tar-steps.js';

/** What archives of images hold, and no other archive begins with. */
const OF_IMAGES =
  /^(?:oci-layout|index\.json|manifest\.json|repositories|blobs(?:\/(?:sha\d{3}(?:\/[a-f0-9]*)?)?)?|[a-f0-9]{64}(?:\.json|\.tar(?:\.gz)?|\/(?:VERSION|json|layer\.tar)?)?)$/;
const MOST_MEMBERS = 5_000;

/** Null for everything else, whatever it is. */
export function archiveKind(location: string): 'oci' | 'docker' | null {
  try {
    const fd = openSync(location, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(fd);
      return stat.isFile() ? kindOf(accessOf(fd, stat.size)) : null;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof FormatError || errnoOf(error) !== undefined) return null;
    throw error;
  }
}

function kindOf(access: RandomAccess): 'oci' | 'docker' | null {
  if (!isTar(access.read(0, 512))) return null;
  let found: 'docker' | null = null;
  let count = 0;
  for (const { path } of membersIn(access, tarSteps({ limit: access.size }))) {
    const name = path.replace(/^(?:\.?\/)+/, '').replace(/\/$/, '');
    if (name === '' || name === '.') continue;
    if (!OF_IMAGES.test(name) || count++ > MOST_MEMBERS) return found;
    if (name === 'oci-layout') return 'oci';
    if (name === 'manifest.json') found = 'docker';
  }
  return found;
}

function accessOf(fd: number, size: number): RandomAccess {
  return {
    size,
    read: (offset, length) => {
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
      return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, offset));
    },
  };
}
