/** Entries and changes for reports: what is not said is ordinary. */

import type { Entry } from '../../src/core/entry.js';
import type { TreePath } from '../../src/core/path.js';
import type { Change } from '../../src/core/report.js';
import { attributesOf } from './sample-attributes.js';
import { T0 } from './sample-sides.js';

export function entry(values: Partial<Entry> & { readonly name: string }): Entry {
  return {
    type: 'file',
    coverage: 'full',
    mode: values.type === 'directory' ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    size: 0,
    mtimeNs: T0,
    target: null,
    rdev: null,
    xattrs: [],
    xxh64: null,
    sha256: null,
    link: null,
    ...values,
  };
}

const UNEXPLAINED = { explanation: null, owner: null } as const;

/** A changed path; the attributes are worked out from the two entries. */
export function changed(
  path: TreePath,
  finding: string,
  before: Partial<Entry>,
  after: Partial<Entry>,
): Change {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const [old, now] = [entry({ name, ...before }), entry({ name, ...after })];
  return {
    path,
    kind: 'changed',
    type: now.type,
    before: old,
    after: now,
    attributes: attributesOf(old, now),
    ...UNEXPLAINED,
    finding,
  };
}

export function added(path: TreePath, finding: string, values: Partial<Entry> = {}): Change {
  const now = entry({ name: path.slice(path.lastIndexOf('/') + 1), ...values });
  return {
    path,
    kind: 'added',
    type: now.type,
    before: null,
    after: now,
    attributes: [],
    ...UNEXPLAINED,
    finding,
  };
}

export function removed(path: TreePath, finding: string, values: Partial<Entry> = {}): Change {
  const old = entry({ name: path.slice(path.lastIndexOf('/') + 1), ...values });
  return {
    path,
    kind: 'removed',
    type: old.type,
    before: old,
    after: null,
    attributes: [],
    ...UNEXPLAINED,
    finding,
  };
}
