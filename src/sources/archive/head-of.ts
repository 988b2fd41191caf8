/** The first bytes of a file, by which its kind is told. */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** The first `length` bytes, or what there is; nothing of what is no file or cannot be read. */
export function headOf(location: string, length = 512): Uint8Array {
  try {
    // A pipe without a writer must not be waited for.
    const fd = openSync(location, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!fstatSync(fd).isFile()) return new Uint8Array(0);
      const head = Buffer.alloc(length);
      return head.subarray(0, readSync(fd, head, 0, head.length, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return new Uint8Array(0);
  }
}
