/** From rules and a tree to edits. Reads only; what it decides depends on nothing but the tree and its arguments. */

import type { Diagnostic } from '../core/diagnostic.js';
import type { Edit } from '../core/edit.js';
import { AuditError, errnoOf, FormatError } from '../core/errors.js';
import type { Ownership } from '../core/ownership.js';
import type { TreePath } from '../core/path.js';
import { openBeneath, splitPath, type Beneath } from '../fs/beneath.js';
import { expandGlobs } from '../fs/glob.js';
import { O } from '../fs/native.js';
import { treeFiles } from '../fs/tree-files.js';
import type { Layout, PlanContext, ScrubRule } from './define.js';
import { interestFinder, isAnchored, wantedGlobs } from './interests.js';
import { inodeKey, linkIndex, type LinkIndex } from './links.js';
import type { NormalizeOutcome } from './normalize-job.js';
import { normalizePool, type NormalizePool, type Task, type Worked } from './normalize-pool.js';
import { compareWalkOrder, seenAt, walkTree, type Seen } from './walk.js';

export interface ScrubRequest {
  /** Directory on this machine; links in it are followed, none below it. */
  readonly root: string;
  /** In the order in which they plan; see `selectRules`. */
  readonly rules: readonly ScrubRule[];
  readonly layout: Layout;
  /** Seconds since 1970; null when SOURCE_DATE_EPOCH is not set. */
  readonly sourceDateEpoch: number | null;
  readonly ownership: Ownership;
  /** Threads for work on contents; 0: none, null or absent: as the machine and the work suggest. */
  readonly threads?: number | null;
  /** Stops between two pieces of work on contents. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: WorkProgress) => void;
}

/** How far a rule is that works on the contents of files. */
export interface WorkProgress {
  /** Id of the rule. */
  readonly what: string;
  readonly files: number;
  readonly totalFiles: number;
  /** Size of the files that are done. */
  readonly bytes: number;
}

export interface PlannedEdit {
  readonly edit: Edit;
  readonly ruleVersion: number;
  /** What the edit was planned for; applied only while it still is so. */
  readonly was: Seen;
  /** All names of its inode in the tree, itself included, in byte order; the path alone for what has one name. */
  readonly names: readonly TreePath[];
}

export interface Plan {
  readonly root: string;
  /** In the order in which they must be applied. */
  readonly edits: readonly PlannedEdit[];
  readonly diagnostics: readonly Diagnostic[];
  /** Rules left out because they need SOURCE_DATE_EPOCH. */
  readonly skipped: readonly string[];
}

/** Throws `SOURCE_UNUSABLE` when the root cannot be opened, `INTERRUPTED` when the signal stopped it. */
export async function planScrub(request: ScrubRequest): Promise<Plan> {
  const timeless = request.sourceDateEpoch === null;
  const rules = request.rules.filter((rule) => !(timeless && rule.timeValued));
  const beneath = openBeneath(request.root);
  try {
    const diagnostics: Diagnostic[] = [];
    const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
    const survey = await surveyTree(beneath, rules, request.sourceDateEpoch, report);
    const edits = await planRules(beneath, { ...request, rules }, survey, report);
    return {
      root: request.root,
      edits,
      diagnostics,
      skipped: request.rules.filter((rule) => !rules.includes(rule)).map((rule) => rule.id),
    };
  } finally {
    beneath.close();
  }
}

interface Survey {
  /** Entries by rule, in the order in which rules see them. */
  readonly wanted: ReadonlyMap<ScrubRule, readonly Seen[]>;
  readonly links: LinkIndex;
}

async function surveyTree(
  beneath: Beneath,
  rules: readonly ScrubRule[],
  epoch: number | null,
  report: (diagnostic: Diagnostic) => void,
): Promise<Survey> {
  const wanted = new Map<ScrubRule, Seen[]>(rules.map((rule) => [rule, []]));
  const wanting = interestFinder(rules);
  const offer = (entry: Seen): void => {
    for (const rule of wanting(entry.path))
      if (rule.accepts === undefined || rule.accepts(entry, epoch)) wanted.get(rule)!.push(entry);
  };
  const links = linkIndex(beneath);
  if (!isAnchored(rules)) {
    links.collect((note) =>
      walkTree(beneath, {
        visit: (entry) => {
          note(entry);
          offer(entry);
        },
        report,
      }),
    );
    return { wanted, links };
  }
  const paths = await expandGlobs(beneath, rules.flatMap(wantedGlobs), {
    onUnreadable: (path, error) =>
      report({ code: 'unreadable', path, detail: `${error.message}, so no rule has seen it` }),
  });
  for (const path of paths.toSorted(compareWalkOrder)) {
    const entry = seenAt(beneath, path);
    if (entry !== null) offer(entry);
  }
  return { wanted, links };
}

async function planRules(
  beneath: Beneath,
  request: ScrubRequest,
  survey: Survey,
  report: (diagnostic: Diagnostic) => void,
): Promise<readonly PlannedEdit[]> {
  const edits: PlannedEdit[] = [];
  const byPath = new Map<TreePath, Edit[]>();
  const done = new Map<string, TreePath>();
  const context: PlanContext = {
    layout: request.layout,
    sourceDateEpoch: request.sourceDateEpoch,
    files: treeFiles(beneath),
    ownership: request.ownership,
    stat: (path) => seenAt(beneath, path),
    xattrNames: (path) => xattrNames(beneath, path),
    linkedNames: (path) => {
      const seen = seenAt(beneath, path);
      return seen === null ? [] : survey.links.names(seen);
    },
    planned: (path) => byPath.get(path) ?? [],
    report,
  };
  const add = (rule: ScrubRule, edit: Edit, known: Seen): void => {
    const was = edit.path === known.path ? known : seenAt(beneath, edit.path);
    if (was === null || isProtected(rule, edit, request.ownership)) return;
    if (edit.kind !== 'remove' && was.type !== 'directory' && was.nlink > 1) {
      // One edit serves all names of an inode; a rule may plan several in sequence under one name.
      const key = `${rule.id} ${edit.kind} ${inodeKey(was)}`;
      const plannedFor = done.get(key) ?? edit.path;
      if (plannedFor !== edit.path) return;
      done.set(key, edit.path);
    }
    const names = was.type === 'directory' ? [edit.path] : survey.links.names(was);
    edits.push({ edit, ruleVersion: rule.version, was, names });
    // What changes the inode changes what all its names lead to.
    for (const name of edit.kind === 'remove' ? [edit.path] : names) {
      const planned = byPath.get(name);
      if (planned === undefined) byPath.set(name, [edit]);
      else planned.push(edit);
    }
  };
  const ask = (rule: ScrubRule, entry: Seen, outcome: NormalizeOutcome | null): void => {
    if (isRemoved(byPath.get(entry.path))) return;
    try {
      for (const edit of rule.plan(entry, context, outcome)) add(rule, edit, entry);
    } catch (error) {
      report(troubleWith(rule, entry, error));
    }
  };
  const pool = normalizePool(request.threads ?? null);
  try {
    for (const [rule, entries] of survey.wanted)
      if (rule.job === undefined) for (const entry of entries) ask(rule, entry, null);
      else
        for await (const { item, outcome } of worked(
          pool,
          request,
          rule,
          jobsOf(request.root, rule, entries, context, report),
        ))
          ask(rule, item, outcome);
  } finally {
    await pool.close();
  }
  return edits;
}

/** The work that a rule wants done for its entries; what cannot be looked at is reported and left out. */
function jobsOf(
  root: string,
  rule: ScrubRule,
  entries: readonly Seen[],
  context: PlanContext,
  report: (diagnostic: Diagnostic) => void,
): readonly Task<Seen>[] {
  const treated = new Set<string>();
  return entries.flatMap((item) => {
    if (isRemoved(context.planned(item.path))) return [];
    if (item.nlink > 1 && item.type !== 'directory') {
      // The end of a name may tell the format: names that end alike say the same of one inode.
      const key = `${inodeKey(item)} ${endingOf(item.path)}`;
      if (treated.has(key)) return [];
      treated.add(key);
    }
    try {
      const job = rule.job?.(item, context) ?? null;
      return [{ item, job: job === null ? null : { ...job, root } }];
    } catch (error) {
      report(troubleWith(rule, item, error));
      return [];
    }
  });
}

function endingOf(path: TreePath): string {
  return /(?:\.tar)?\.[^./]*$/i.exec(path)?.[0].toLowerCase() ?? '';
}

async function* worked(
  pool: NormalizePool,
  { signal, onProgress }: ScrubRequest,
  rule: ScrubRule,
  tasks: readonly Task<Seen>[],
): AsyncGenerator<Worked<Seen>> {
  const totalFiles = tasks.filter(({ job }) => job !== null).length;
  let files = 0;
  let bytes = 0;
  for await (const done of pool.run(tasks)) {
    if (signal?.aborted === true) throw interrupted();
    yield done;
    if (done.outcome === null) continue;
    files += 1;
    bytes += done.item.size;
    onProgress?.({ what: rule.id, files, totalFiles, bytes });
  }
}

function interrupted(): AuditError {
  return new AuditError('INTERRUPTED', 'interrupted while planning; nothing was changed', {
    hint: 'run it again',
  });
}

function xattrNames(beneath: Beneath, path: TreePath): readonly string[] {
  const { native } = beneath;
  if (native === null) return [];
  const parts = splitPath(path);
  if (parts === null) return namesOrNone(native.listXattrs(beneath.fd));
  const directory = beneath.open(parts.parent, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  if (directory < 0) return [];
  const names = native.listXattrsAt(directory, parts.name);
  native.close(directory);
  return namesOrNone(names);
}

function namesOrNone(names: readonly string[] | number): readonly string[] {
  return typeof names === 'number' ? [] : names.toSorted();
}

/** What cannot be read or understood is reported, and left by this rule; anything else is a bug. */
function troubleWith(rule: ScrubRule, { path }: Seen, error: unknown): Diagnostic {
  const isFormat = error instanceof FormatError;
  if (!isFormat && errnoOf(error) === undefined) throw error;
  const detail = `${(error as Error).message}, so ${rule.id} left it`;
  return { code: isFormat ? 'format' : 'unreadable', path, detail };
}

function isRemoved(edits: readonly Edit[] | undefined): boolean {
  return edits !== undefined && edits.some((edit) => edit.kind === 'remove');
}

/** Deleting what a package owns shows in `rpm -V` and `dpkg -V`. */
function isProtected(rule: ScrubRule, edit: Edit, ownership: Ownership): boolean {
  if (edit.kind !== 'remove' || rule.removesOwned === true) return false;
  return ownership.shipped(edit.path) !== null && ownership.isOwned(edit.path);
}
