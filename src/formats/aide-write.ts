/** Databases of AIDE 0.17 and 0.18, with the columns that are captured. */

import type { CaptureSet } from '../core/capture.js';
import { TYPE_BITS } from '../core/entry.js';
import { AIDE_BITS } from './aide-database.js';
import { wholeSeconds, writable, type ListingWriter } from './listing-write.js';

/** Sizes of directories and links, xattrs and hard links are left out. */
export function aideWriter(capture: CaptureSet): ListingWriter {
  return {
    head: `@@begin_db\n@@db_spec ${COLUMNS.join(' ')}\n`,
    line: (path, entry) => {
      const { mode, owner, size, mtimeNs, target, sha256 } = writable(capture, entry);
      const recorded: (keyof typeof AIDE_BITS)[] = ['name', 'ftype'];
      if (mode !== null) recorded.push('perm');
      if (owner !== null) recorded.push('uid', 'gid');
      if (size !== null) recorded.push('size');
      if (mtimeNs !== null) recorded.push('mtime');
      if (target !== null) recorded.push('lname');
      if (sha256 !== null) recorded.push('sha256');
      const fields: Readonly<Record<(typeof COLUMNS)[number], string | number>> = {
        name: `/${encoded(path)}`,
        lname: target === null ? '0' : targetText(target),
        attr: recorded.reduce((sum, column) => sum + 2 ** AIDE_BITS[column], 0),
        perm: ((TYPE_BITS[entry.type] << 12) | (mode ?? 0)).toString(8),
        uid: owner?.uid ?? 0,
        gid: owner?.gid ?? 0,
        size: size ?? 0,
        mtime: mtimeNs === null ? '0' : timeText(wholeSeconds(mtimeNs)),
        sha256: sha256 === null ? '0' : Buffer.from(sha256).toString('base64'),
      };
      return `${COLUMNS.map((column) => fields[column]).join(' ')}\n`;
    },
    tail: '@@end_db\n',
  };
}

const COLUMNS = ['name', 'lname', 'attr', 'perm', 'uid', 'gid', 'size', 'mtime', 'sha256'] as const;

function encoded(latin1: string): string {
  return latin1.replace(
    /[^A-Za-z0-9._/+,:@=~-]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** A zero in front is doubled, because `0` is none. */
function targetText(target: string): string {
  if (target === '') return '0-';
  return target.startsWith('0') ? `0${encoded(target)}` : encoded(target);
}

function timeText(seconds: bigint): string {
  return seconds === 0n ? '0' : Buffer.from(String(seconds)).toString('base64');
}
