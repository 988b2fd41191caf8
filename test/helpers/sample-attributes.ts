/** The attributes that differ between two entries of the sample report. */

import type { Entry } from '../../src/core/entry.js';
import type { AttributeChange } from '../../src/core/report.js';
import { formatTimeNs } from '../../src/util/format.js';

/** As `diff/` tells them. */
export function attributesOf(before: Entry, after: Entry): readonly AttributeChange[] {
  const told: AttributeChange[] = [];
  const tell = (
    attribute: AttributeChange['attribute'],
    of: (side: Entry) => string | null,
  ): void => {
    const [old, now] = [of(before), of(after)];
    if (old !== now) told.push({ attribute, name: null, before: old, after: now });
  };
  tell('type', ({ type }) => type);
  tell('content', ({ sha256 }) => (sha256 === null ? null : Buffer.from(sha256).toString('hex')));
  tell('size', ({ type, size }) => (type === 'file' ? String(size) : null));
  tell('mode', ({ mode }) => mode.toString(8).padStart(4, '0'));
  tell('uid', ({ uid }) => String(uid));
  tell('gid', ({ gid }) => String(gid));
  tell('mtime', ({ mtimeNs }) => formatTimeNs(mtimeNs));
  tell('target', ({ target }) => target);
  const names = [...before.xattrs, ...after.xattrs].map(({ name }) => name);
  for (const name of new Set(names)) {
    const [old, now] = [before, after].map(
      ({ xattrs }) => xattrs.find((xattr) => xattr.name === name)?.value ?? null,
    );
    if (old !== now) told.push({ attribute: 'xattr', name, before: old!, after: now! });
  }
  return told;
}
