/** Plans the edits of the chosen rules and, unless only asked for the plan, carries them out. */

import type { Diagnostic } from '../core/diagnostic.js';
import type { AppliedEdit } from '../core/edit.js';
import { AuditError } from '../core/errors.js';
import type { Ownership } from '../core/ownership.js';
import { applyPlan } from '../scrub/apply.js';
import type { Layout, ScrubRule } from '../scrub/define.js';
import type { RpmdbMode } from '../scrub/rules/rpmdb-mode.js';
import { scrubRules } from '../scrub/index.js';
import type { Profile } from '../scrub/profiles.js';
import { planScrub, type PlannedEdit, type WorkProgress } from '../scrub/plan.js';
import { selectRules } from '../scrub/select.js';
import { leavingAlone, withUserRules, type UserRule } from '../scrub/user-rule.js';
import type { TreeFiles } from '../core/tree-files.js';
import { isRunningSystem } from './guard-root.js';
import { detectLayout } from './layout.js';

export interface ScrubRequest {
  readonly root: string;
  readonly files: TreeFiles;
  readonly ownership: Ownership;
  readonly layout: Layout | 'auto';
  /** Rule ids; null for those that are on by default. */
  readonly only: readonly string[] | null;
  readonly skip: readonly string[];
  /** Absent: `default`. */
  readonly profile?: Profile;
  /** Ids of rules that are on besides those of the profile. */
  readonly enable?: readonly string[];
  /** A build runs inside the tree, which then keeps its temporary files. */
  readonly inPlace?: boolean;
  /** Rules of a configuration file, on unless skipped. */
  readonly userRules?: readonly UserRule[];
  /** No rule touches what these globs match, or what lies below. */
  readonly leftAlone?: readonly string[];
  /** How rpm's database is settled; null: as the rules say, which is `patch`. */
  readonly rpmdb: RpmdbMode | null;
  readonly sourceDateEpoch: number | null;
  /** Only plan. */
  readonly check: boolean;
  /** 16 hexadecimal digits that nobody can guess, for temporary names. */
  readonly nonce: string;
  readonly signal: AbortSignal;
  /** Threads for work on contents; 0: none, null or absent: as the machine and the work suggest. */
  readonly threads?: number | null;
  readonly onWork?: (progress: WorkProgress) => void;
}

export interface ScrubOutcome {
  readonly layout: Layout;
  readonly planned: readonly PlannedEdit[];
  /** Empty with `check`. */
  readonly applied: readonly AppliedEdit[];
  /** Rules that were left out because SOURCE_DATE_EPOCH is not set. */
  readonly skippedRules: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Throws `USAGE` for unknown rules, `INTERRUPTED` when the signal stopped it, between two edits at the latest. */
export async function scrubTree(request: ScrubRequest): Promise<ScrubOutcome> {
  const selection = selectRules(registryOf(request), {
    ...request,
    inPlace: request.inPlace === true || isRunningSystem(request.root),
  });
  const layout = request.layout === 'auto' ? detectLayout(request.files) : request.layout;
  const plan = await planScrub({
    root: request.root,
    rules: selection.rules.map((rule) => leavingAlone(rule, request.leftAlone ?? [])),
    layout,
    sourceDateEpoch: request.sourceDateEpoch,
    ownership: request.ownership,
    threads: request.threads ?? null,
    signal: request.signal,
    onProgress: (progress) => request.onWork?.(progress),
  });
  const outcome = { layout, planned: plan.edits, skippedRules: selection.timeless };
  if (request.check) return { ...outcome, applied: [], diagnostics: distinct(plan.diagnostics) };
  const result = await applyPlan(plan, {
    nonce: request.nonce,
    signal: request.signal,
    onEdit: writingProgress(request, plan.edits.length),
  });
  if (!result.finished) {
    throw new AuditError(
      'INTERRUPTED',
      `interrupted after ${result.applied.length} of ${plan.edits.length} edits; every file is either old or new`,
      {
        hint: 'run it again to finish',
      },
    );
  }
  return {
    ...outcome,
    applied: result.applied,
    diagnostics: distinct([...plan.diagnostics, ...result.diagnostics]),
  };
}

function writingProgress(
  { onWork }: ScrubRequest,
  totalFiles: number,
): (edit: AppliedEdit) => void {
  let files = 0;
  let bytes = 0;
  return ({ newSize }) => {
    files += 1;
    bytes += newSize ?? 0;
    onWork?.({ what: 'edits', files, totalFiles, bytes });
  };
}

/** Two rules that look at one file say the same of it. */
function distinct(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const byText = diagnostics.map((d) => [JSON.stringify([d.code, d.path, d.detail]), d] as const);
  return [...new Map(byText).values()];
}

/** Throws `USAGE`: called before anything else is done. */
export function checkRuleNames(request: RuleNames): void {
  selectRules(registryOf(request), { ...request, sourceDateEpoch: null });
}

type RuleNames = Pick<ScrubRequest, 'only' | 'skip' | 'enable' | 'userRules'>;

function registryOf({ userRules = [] }: RuleNames): readonly ScrubRule[] {
  return userRules.length === 0 ? scrubRules : withUserRules(scrubRules, userRules);
}
