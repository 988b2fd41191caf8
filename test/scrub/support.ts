/** Running rules over a temporary tree. */

import assert from 'node:assert/strict';

import type { Edit } from '../../src/core/edit.js';
import type { Ownership, ShippedFile } from '../../src/core/ownership.js';
import type { TreePath } from '../../src/core/path.js';
import { AT_FDCWD, nativeCalls } from '../../src/fs/native.js';
import { applyPlan, type ApplyResult } from '../../src/scrub/apply.js';
import { defineRule, type Layout, type ScrubRule } from '../../src/scrub/define.js';
import { contentFrom, sha256Of } from '../../src/scrub/derived-content.js';
import { scrubRules } from '../../src/scrub/index.js';
import { planScrub, type Plan } from '../../src/scrub/plan.js';
import { selectRules } from '../../src/scrub/select.js';

export const EPOCH = 1_600_000_000;
export const EPOCH_NS = BigInt(EPOCH) * 1_000_000_000n;
export const NONCE = '0123456789abcdef';

export const path = (text: string): TreePath => text as TreePath;

export const DEFAULT_RULES: readonly ScrubRule[] = scrubRules.filter((rule) => rule.defaultOn);

export function setXattr(file: string, name: string, value: Uint8Array): void {
  assert.equal(nativeCalls()!.setXattrAt(AT_FDCWD, file, name, value), 0, name);
}

/** Does not follow a link. */
export function setMtime(file: string, ns: bigint): void {
  assert.equal(nativeCalls()!.setMtimeAt(AT_FDCWD, file, ns), 0);
}

export interface FakeOwnership {
  readonly owned?: readonly string[];
  readonly mtimes?: Readonly<Record<string, number>>;
  readonly managers?: readonly string[];
  readonly complete?: boolean;
}

export function ownershipOf(fake: FakeOwnership = {}): Ownership {
  const { owned = [], mtimes = {}, managers = ['dpkg'], complete = true } = fake;
  const shipped = (one: TreePath): ShippedFile | null =>
    owned.includes(one) ? { package: 'p', digest: null, mtimeSeconds: mtimes[one] ?? null } : null;
  return {
    managers,
    listings: () => [],
    packages: [],
    complete,
    diagnostics: [],
    isOwned: (one) => !complete || owned.includes(one),
    shipped,
  };
}

export interface ScrubOptions {
  readonly only?: readonly string[];
  readonly rules?: readonly ScrubRule[];
  /** Besides those that are on by default. */
  readonly enable?: readonly string[];
  readonly ownership?: FakeOwnership;
  readonly layout?: Layout;
  readonly epoch?: number | null;
}

export async function plan(root: string, options: ScrubOptions = {}): Promise<Plan> {
  const sourceDateEpoch = options.epoch === undefined ? EPOCH : options.epoch;
  const { only = null, enable = [] } = options;
  const choice = { only, enable, skip: [], sourceDateEpoch };
  return planScrub({
    root,
    rules: options.rules ?? selectRules(scrubRules, choice).rules,
    layout: options.layout ?? 'plain',
    sourceDateEpoch,
    ownership: ownershipOf(options.ownership),
  });
}

export async function scrub(
  root: string,
  options: ScrubOptions = {},
): Promise<{ readonly plan: Plan; readonly result: ApplyResult }> {
  const planned = await plan(root, options);
  return { plan: planned, result: await applyPlan(planned, { nonce: NONCE }) };
}

/** `kind path` of every edit, without the clamp. */
export function editsOf(planned: Plan): readonly string[] {
  return planned.edits
    .filter(({ edit }) => edit.kind !== 'set-mtime')
    .map(({ edit }) => `${edit.kind} ${edit.path}`);
}

/** What a rewrite makes of the bytes of its file; null when it was planned for others. */
export function contentOfRewrite(
  edit: Extract<Edit, { kind: 'rewrite' }>,
  old: Uint8Array,
): Uint8Array | null {
  const { content } = edit;
  return content instanceof Uint8Array ? content : contentFrom(content, old);
}

/** SHA-256 in hexadecimal of what an edit leaves in its file. */
export function plannedDigest(edit: Edit): string | null {
  if (edit.kind !== 'rewrite') return null;
  const { content } = edit;
  const digest = content instanceof Uint8Array ? sha256Of(content) : content.sha256;
  return Buffer.from(digest).toString('hex');
}

/** A rule that rewrites one path to `new`, whatever it holds. */
export function rewriteRule(target: string, content = 'new'): ScrubRule {
  return defineRule({
    id: 'test-rewrite',
    version: 3,
    summary: '',
    rationale: '',
    source: '',
    defaultOn: true,
    timeValued: false,
    wants: [target],
    *plan({ path: found, type }, { files }) {
      if (type !== 'file' || Buffer.from(files.read(found)!).equals(Buffer.from(content))) return;
      yield {
        kind: 'rewrite',
        rule: 'test-rewrite',
        path: found,
        reason: 'test',
        content: Buffer.from(content),
      };
    },
  });
}
