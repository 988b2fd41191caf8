/**
 * One rule per normaliser, off by default: what a package shipped stays as it was shipped, and what a build made is
 * better fixed where it is made. Made from the registry, so that a normaliser is a rule as soon as it is listed.
 */

import { baseName, displayPath, type TreePath } from '../../core/path.js';
import { defineRule, type PlanContext, type ScrubEntry, type ScrubRule } from '../define.js';
import { chooseNormalizer, normalizeWith } from '../normalize-file.js';
import type { NormalizeOutcome } from '../normalize-job.js';
import type { NormalizeInput, NormalizeResult, Normalizer } from '../normalizers/define.js';
import { normalizers } from '../normalizers/index.js';
import { derivedContent } from '../derived-content.js';
import { plannedContent } from '../planned-content.js';
import { pycSource, pycSourcePath } from '../pyc-source.js';

export const normalizeRules: readonly ScrubRule[] = normalizers.map(normalizeRule);

function normalizeRule(normalizer: Normalizer): ScrubRule {
  const { id, version, summary, rationale, extensions } = normalizer;
  const rule = `normalize-${id}`;
  return defineRule({
    id: rule,
    version,
    summary: `${summary} In files whose names end in ${extensions.join(', ')}.`,
    varies: 'what the program that wrote the file knew of its time, user, system and order of work',
    rationale: `Off: it is asked for by name. What packages own stays, because \`rpm -V\` and \`dpkg -V\` would show it; where their database cannot be read all stays. ${rationale}`,
    source: 'docs/normalize.md',
    defaultOn: false,
    timeValued: false,
    wants: 'every',
    accepts: ({ type, size, path }) => type === 'file' && size > 0 && hasEnding(normalizer, path),
    job: (entry, context) =>
      isOwned(entry, context) || isPlanned(entry, context)
        ? null
        : {
            path: entry.path,
            sizeBytes: entry.size,
            among: null,
            only: id,
            ...told(normalizer, entry, context),
          },
    *plan(entry, context, outcome) {
      if (isOwned(entry, context)) return;
      const input = { name: baseName(entry.path), ...told(normalizer, entry, context) };
      const result = resultOf(outcome ?? null) ?? resultHere(normalizer, entry, input, context);
      if (result === null || result.kind === 'normal') return;
      if (result.kind === 'left') {
        const detail = `${displayPath(entry.path)}: ${result.reason}, so ${rule} left it`;
        context.report({ code: 'format', path: entry.path, detail });
        return;
      }
      const fields = [...new Set(result.fields.map(({ field }) => field))];
      const reason = `${fields.slice(0, NAMED_FIELDS).join(', ')}${fields.length > NAMED_FIELDS ? ' and more' : ''}`;
      const derive = (old: Uint8Array): Uint8Array | null => {
        const again = normalizer.normalize({ ...input, bytes: old });
        return again.kind === 'changed' ? again.bytes : null;
      };
      yield {
        kind: 'rewrite',
        rule,
        path: entry.path,
        reason,
        content: derivedContent(result.bytes, derive),
      };
    },
  });
}

/** Fields that a reason names. */
const NAMED_FIELDS = 4;

function hasEnding({ extensions }: Normalizer, path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  return extensions.some((extension) => name.endsWith(extension));
}

/** Under any of its names: all of them are one file. */
function isOwned({ path }: ScrubEntry, context: PlanContext): boolean {
  const { ownership } = context;
  if (ownership.isOwned(path)) return true;
  return context.linkedNames(path).some((name) => ownership.isOwned(name));
}

/** Whether rules before this one make another file of it. */
function isPlanned({ path }: ScrubEntry, context: PlanContext): boolean {
  return context.planned(path).some(({ kind }) => kind !== 'set-mtime' && kind !== 'remove-xattr');
}

/** What a normaliser is told besides the bytes and their name. */
function told(
  { id }: Normalizer,
  entry: ScrubEntry,
  context: PlanContext,
): Omit<NormalizeInput, 'bytes' | 'name'> {
  const { sourceDateEpoch } = context;
  return { sourceDateEpoch, volatileOnly: true, ...(id === 'pyc' ? sourceOf(entry, context) : {}) };
}

/** Null when there was no job; throws what reading the file threw in another thread. */
function resultOf(outcome: NormalizeOutcome | null): NormalizeResult | null {
  switch (outcome?.kind) {
    case undefined:
      return null;
    case 'done':
      return outcome.result;
    case 'unreadable':
      throw Object.assign(new Error(outcome.message), { code: outcome.code });
    case 'other':
    case 'gone':
      return { kind: 'normal' };
  }
}

/** Here and now, as the rules before this one will leave the file; null when it is for another normaliser, or is gone. */
function resultHere(
  normalizer: Normalizer,
  { path }: ScrubEntry,
  input: Omit<NormalizeInput, 'bytes'>,
  context: PlanContext,
): NormalizeResult | null {
  const bytes = plannedContent(path, context);
  if (bytes === null || chooseNormalizer(normalizers, bytes, input.name) !== normalizer)
    return null;
  return normalizeWith(normalizer, { ...input, bytes });
}

/**
 * The source of a compiled module, with the time that the plan gives it by now. `pyc-times` comes later and changes both
 * together.
 */
function sourceOf({ path }: ScrubEntry, context: PlanContext): Pick<NormalizeInput, 'source'> {
  const source = pycSourcePath(context.linkedNames(path)) as TreePath | null;
  const found = source === null ? null : (context.stat?.(source) ?? null);
  if (source === null || found?.type !== 'file') return {};
  let { mtimeNs } = found;
  for (const edit of context.planned(source)) {
    if (edit.kind === 'remove-xattr') continue;
    if (edit.kind !== 'set-mtime') return {};
    ({ mtimeNs } = edit);
  }
  return { source: pycSource(found, mtimeNs) };
}
