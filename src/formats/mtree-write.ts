/** mtree(5), version 2.0: whole paths and the keywords that mtree of NetBSD, FreeBSD and bsdtar all know. */

import type { CaptureSet } from '../core/capture.js';
import type { EntryType } from '../core/entry.js';
import { nanoseconds, wholeSeconds, writable, type ListingWriter } from './listing-write.js';
import { visOctal } from './vis.js';

const TYPES: Readonly<Record<EntryType, string>> = {
  file: 'file',
  directory: 'dir',
  symlink: 'link',
  char: 'char',
  block: 'block',
  fifo: 'fifo',
  socket: 'socket',
};

/** Xattrs and hard links are left out: there are no keywords for them that all readers know. */
export function mtreeWriter(capture: CaptureSet): ListingWriter {
  return {
    head: '#mtree\n',
    line: (path, entry) => {
      const { mode, owner, size, mtimeNs, target, rdev, sha256 } = writable(capture, entry);
      const words = [path === '' ? '.' : `./${visOctal(path)}`, `type=${TYPES[entry.type]}`];
      if (mode !== null) words.push(`mode=${mode.toString(8).padStart(4, '0')}`);
      if (owner !== null) words.push(`uid=${owner.uid}`, `gid=${owner.gid}`);
      if (size !== null) words.push(`size=${size}`);
      if (mtimeNs !== null) words.push(`time=${timeText(mtimeNs)}`);
      if (target !== null) words.push(`link=${visOctal(target)}`);
      if (rdev !== null) words.push(`device=native,${rdev.major},${rdev.minor}`);
      if (sha256 !== null) words.push(`sha256digest=${Buffer.from(sha256).toString('hex')}`);
      if (entry.type === 'directory' && entry.coverage !== 'full') words.push('ignore');
      return `${words.join(' ')}\n`;
    },
    tail: '',
  };
}

function timeText(ns: bigint): string {
  return `${wholeSeconds(ns)}.${String(nanoseconds(ns)).padStart(9, '0')}`;
}
