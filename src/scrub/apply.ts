/**
 * Carries out a plan: the only code that writes to the tree. Every edit is checked against the tree right before it is
 * made; what is no longer as planned, or cannot be changed without losing something else, is left and reported.
 */

import type { Diagnostic } from '../core/diagnostic.js';
import { contentSize, type AppliedEdit, type NewContent } from '../core/edit.js';
import { errnoOf } from '../core/errors.js';
import { baseName, parentPath, type TreePath } from '../core/path.js';
import { isSecretPath } from '../core/secrets.js';
import { openBeneath } from '../fs/beneath.js';
import { AT_REMOVEDIR } from '../fs/native.js';
import { copyContent, digestOf, openPlanned, readAll, writeAll } from './apply/content.js';
import { openDirectories } from './apply/directories.js';
import { LeftAlone, must } from './apply/left-alone.js';
import { createLedger, driftOf, isSharedOutside, type Inode } from './apply/ledger.js';
import { replaceFile, replaceLink } from './apply/replace.js';
import type { ApplyState } from './apply/state.js';
import { isTemporaryName, temporaryNames } from './apply/temporary.js';
import { contentFrom, sha256Of } from './derived-content.js';
import type { Plan, PlannedEdit } from './plan.js';

export interface ApplyOptions {
  /** 16 hexadecimal digits that nobody can guess; part of temporary names. */
  readonly nonce: string;
  /** Stops between two edits; what was applied until then is in the result. */
  readonly signal?: AbortSignal;
  readonly onEdit?: (edit: AppliedEdit) => void;
}

export interface ApplyResult {
  readonly applied: readonly AppliedEdit[];
  /** What was left as it was, and why. */
  readonly diagnostics: readonly Diagnostic[];
  /** False when the signal stopped the run. */
  readonly finished: boolean;
}

/** Edits between two looks at the signal; the calls in between are synchronous. */
const BATCH = 64;

/** Throws `SOURCE_UNUSABLE` when the root cannot be opened. */
export async function applyPlan(plan: Plan, options: ApplyOptions): Promise<ApplyResult> {
  const applied: AppliedEdit[] = [];
  const diagnostics: Diagnostic[] = [];
  if (plan.edits.length === 0) return { applied, diagnostics, finished: true };
  const nextName = temporaryNames(options.nonce);
  const beneath = openBeneath(plan.root);
  const leave = (path: TreePath, why: string): void =>
    void diagnostics.push({
      code: 'not-rewritable',
      path,
      detail: `left as it is: ${why}`,
    });
  const { native } = beneath;
  if (native === null) {
    beneath.close();
    const detail = `nothing was edited: without native calls extended attributes would be lost (${plan.edits.length} edits planned)`;
    return {
      applied,
      diagnostics: [{ code: 'not-rewritable', path: null, detail }],
      finished: true,
    };
  }
  /** Sequences of edits that stopped in the middle. */
  const broken = new Set<string>();
  const directories = openDirectories(beneath, native);
  const state: ApplyState = {
    beneath,
    native,
    directories,
    ledger: createLedger(),
    nextName,
    leave,
  };
  try {
    for (const [i, planned] of plan.edits.entries()) {
      if (i % BATCH === BATCH - 1) await new Promise(setImmediate);
      if (options.signal?.aborted === true) return { applied, diagnostics, finished: false };
      const { path, sequence } = planned.edit;
      if (sequence !== undefined && broken.has(sequence)) {
        leave(path, 'an edit that this one builds on was not made');
        continue;
      }
      const edit = applyOne(state, planned);
      if (edit === null) {
        if (sequence !== undefined) broken.add(sequence);
        continue;
      }
      applied.push(edit);
      options.onEdit?.(edit);
    }
    return { applied, diagnostics, finished: true };
  } finally {
    directories.close();
    beneath.close();
  }
}

function applyOne(state: ApplyState, planned: PlannedEdit): AppliedEdit | null {
  const { path } = planned.edit;
  try {
    const inode = state.ledger.inodeOf(planned);
    if (inode === null) throw new LeftAlone('an earlier edit took its place');
    const found = state.directories.look(path);
    const drift = driftOf(inode.state, found);
    if (found === null || drift !== null) throw new LeftAlone(`${drift} since it was planned`);
    inode.state = found;
    return carryOut(state, planned, inode);
  } catch (error) {
    // Node's own calls on descriptors throw: a full or failing disk.
    if (!(error instanceof LeftAlone) && errnoOf(error) === undefined) throw error;
    state.leave(path, (error as Error).message);
    return null;
  }
}

function carryOut(state: ApplyState, planned: PlannedEdit, inode: Inode): AppliedEdit {
  const { edit } = planned;
  const before = inode.state;
  const secret = [edit.path, ...inode.names].some(
    (name) => isSecretPath(name) || isTemporaryName(baseName(name)),
  );
  const isFile = before.type === 'file';
  const done = (fields: Partial<AppliedEdit>): AppliedEdit => ({
    rule: edit.rule,
    ruleVersion: planned.ruleVersion,
    path: edit.path,
    kind: edit.kind,
    reason: edit.reason,
    secret,
    oldSize: isFile ? before.size : null,
    newSize: isFile ? before.size : null,
    oldDigest: null,
    newDigest: null,
    oldMtimeNs: before.mtimeNs,
    newMtimeNs: before.mtimeNs,
    ...fields,
  });
  switch (edit.kind) {
    case 'remove': {
      const oldDigest = isFile && !secret ? digestAt(state, edit.path, inode) : null;
      remove(state, edit.path, inode);
      // What builds on it must not reach the disk before it.
      if (edit.sequence !== undefined) state.directories.open(parentPath(edit.path)).sync();
      return done({ oldDigest, newSize: null, newMtimeNs: null });
    }
    case 'truncate':
      return done({
        newSize: 0,
        ...replaceContent(state, edit.path, inode, new Uint8Array(0), secret),
      });
    case 'rewrite':
      return done({
        newSize: contentSize(edit.content),
        ...replaceContent(state, edit.path, inode, edit.content, secret),
      });
    case 'set-mtime':
      setMtime(state, edit.path, inode, edit.mtimeNs);
      return done({ newMtimeNs: edit.mtimeNs });
    case 'remove-xattr':
      removeXattr(state, edit.path, inode, edit.name);
      return done({});
  }
}

function digestAt(state: ApplyState, path: TreePath, inode: Inode): Uint8Array {
  const directory = state.directories.open(parentPath(path));
  const fd = openPlanned(state.beneath, directory, baseName(path), inode.state);
  try {
    return digestOf(fd);
  } finally {
    state.native.close(fd);
  }
}

function remove(state: ApplyState, path: TreePath, inode: Inode): void {
  if (path === '') throw new LeftAlone('it is the root');
  const directory = state.directories.open(parentPath(path));
  const flags = inode.state.type === 'directory' ? AT_REMOVEDIR : 0;
  directory.change(() =>
    must(state.native.unlinkAt(directory.fd, baseName(path), flags), 'unlinking it'),
  );
  state.ledger.removed(path, inode);
}

function replaceContent(
  state: ApplyState,
  path: TreePath,
  inode: Inode,
  content: NewContent,
  secret: boolean,
): Pick<AppliedEdit, 'oldDigest' | 'newDigest'> {
  if (inode.state.type !== 'file') throw new LeftAlone(`it is a ${inode.state.type}, not a file`);
  let oldDigest: Uint8Array | null = null;
  replaceFile(state, inode, path, {
    fill: (oldFile, newFile) => {
      if (content instanceof Uint8Array) {
        if (!secret) oldDigest = digestOf(oldFile);
        return writeAll(newFile, content);
      }
      const old = readAll(oldFile, inode.state.size);
      if (!secret) oldDigest = sha256Of(old);
      const planned = contentFrom(content, old);
      if (planned === null) throw new LeftAlone('its content changed since it was planned');
      writeAll(newFile, planned);
    },
    changesContent: true,
    mtimeNs: inode.state.mtimeNs,
  });
  if (secret) return { oldDigest, newDigest: null };
  return {
    oldDigest,
    newDigest: content instanceof Uint8Array ? sha256Of(content) : content.sha256,
  };
}

function setMtime(state: ApplyState, path: TreePath, inode: Inode, mtimeNs: bigint): void {
  const { type } = inode.state;
  if (isSharedOutside(inode)) {
    if (type === 'file')
      replaceFile(state, inode, path, { fill: copyContent, changesContent: false, mtimeNs });
    else if (type === 'symlink') replaceLink(state, inode, path, mtimeNs);
    else throw new LeftAlone(`this ${type} has names outside the root, which share its time`);
    return;
  }
  if (path === '') must(state.native.setMtimeFd(state.beneath.fd, mtimeNs), 'setting its time');
  // One name is enough where names are one inode; overlayfs parts them at the first change.
  for (const name of path === '' ? [] : inode.names)
    if (state.directories.look(name)?.mtimeNs !== mtimeNs) {
      const { fd } = state.directories.open(parentPath(name));
      must(state.native.setMtimeAt(fd, baseName(name), mtimeNs), 'setting its time');
    }
  const found = state.directories.look(path);
  if (found?.mtimeNs !== mtimeNs)
    throw new LeftAlone('the file system did not keep the time it was given');
  inode.state = found;
}

function removeXattr(state: ApplyState, path: TreePath, inode: Inode, xattr: string): void {
  const { native, beneath, directories } = state;
  if (isSharedOutside(inode))
    throw new LeftAlone('it has names outside the root, which share its attributes');
  if (path === '') return void must(native.removeXattr(beneath.fd, xattr), `removing ${xattr}`);
  // One name is enough where names are one inode; overlayfs parts them at the first change.
  for (const name of inode.names) {
    const { fd } = directories.open(parentPath(name));
    const names = native.listXattrsAt(fd, baseName(name));
    if (typeof names === 'number') must(names, 'listing its extended attributes');
    else if (names.includes(xattr))
      must(native.removeXattrAt(fd, baseName(name), xattr), `removing ${xattr}`);
  }
  const found = directories.look(path);
  if (found === null) throw new LeftAlone('it is gone');
  inode.state = found;
}
