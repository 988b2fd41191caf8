/**
 * Compiled Python modules (PEP 3147, PEP 552) hold the time of their source and vary with hash seeds and reference
 * counts. Python compiles again what is missing; where it may not write, imports take a little longer.
 */

import { baseName, joinPath, parentPath, type TreePath } from '../../core/path.js';
import { defineRule, type PlanContext, type ScrubEntry, type ScrubRule } from '../define.js';
import { becomesEmpty } from '../remove-rule.js';

const CACHE = '__pycache__';
const WANTS: readonly string[] = ['**/*.pyc', `**/${CACHE}`];

export const pycUnowned: ScrubRule = defineRule({
  id: 'pyc-unowned',
  version: 1,
  summary:
    'Removes compiled Python modules that no package owns, and __pycache__ folders that become empty.',
  rationale:
    'Python compiles them again. Those that a package owns stay, because `rpm -V` would miss them; without a readable package database all stay. A module without its source is never removed.',
  source: 'live-build; rpm-ostree 3502; PEP 552',
  defaultOn: true,
  timeValued: false,
  wants: WANTS,
  plan: (entry, context) => {
    const { complete, managers } = context.ownership;
    if (!complete || managers.length === 0 || context.ownership.isOwned(entry.path)) return [];
    return removal('pyc-unowned', entry, context);
  },
});

export const pycAll: ScrubRule = defineRule({
  id: 'pyc-all',
  version: 1,
  summary: 'Removes all compiled Python modules that have their source, whoever owns them.',
  rationale:
    'Off: `rpm -V` reports those of packages as missing. For images that ship no pycs at all.',
  source: 'coreos-assembler 3332',
  defaultOn: false,
  timeValued: false,
  removesOwned: true,
  wants: WANTS,
  plan: (entry, context) => removal('pyc-all', entry, context),
});

function* removal(
  rule: string,
  entry: ScrubEntry,
  context: PlanContext,
): Generator<{ kind: 'remove'; rule: string; path: TreePath; reason: string }> {
  const { path, type } = entry;
  const gone = context.planned(path).some((edit) => edit.kind === 'remove');
  if (gone) return;
  if (type === 'directory') {
    if (baseName(path) === CACHE && becomesEmpty(path, context))
      yield { kind: 'remove', rule, path, reason: 'empty without its compiled modules' };
  } else if (type === 'file' && path.endsWith('.pyc') && isExpendable(path, context))
    yield { kind: 'remove', rule, path, reason: 'time of the source, hash seed' };
}

/** Python never imports from `__pycache__` without the source; beside the source it is the other way round. */
function isExpendable(path: TreePath, context: PlanContext): boolean {
  const directory = parentPath(path);
  if (baseName(directory) === CACHE) return true;
  return context.files.list(directory).includes(baseName(path).slice(0, -1));
}

/** Where Python keeps the compiled form of a source: names in its `__pycache__`, and the old place beside it. */
export function compiledForms(source: TreePath, context: PlanContext): readonly TreePath[] {
  const directory = parentPath(source);
  const cache = joinPath(directory, CACHE);
  const stem = baseName(source).slice(0, -'.py'.length);
  const cached = listOnce(context, cache)
    .filter((name) => name.startsWith(`${stem}.`) && name.endsWith('.pyc'))
    .map((name) => joinPath(cache, name));
  return [...cached, joinPath(directory, `${stem}.pyc`)];
}

/** One folder is asked for once per source in it. */
const listings = new WeakMap<PlanContext, { directory: TreePath; names: readonly string[] }>();

function listOnce(context: PlanContext, directory: TreePath): readonly string[] {
  const last = listings.get(context);
  if (last?.directory === directory) return last.names;
  const names = context.files.list(directory);
  listings.set(context, { directory, names });
  return names;
}
