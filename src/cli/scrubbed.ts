/** What a scrub says: each edit with old -> new, or the plan of it. */

import type { ScrubOutcome } from '../app/scrub.js';
import { contentSize, type AppliedEdit, type Edit } from '../core/edit.js';
import { jsonPath } from '../core/json-path.js';
import { displayPath } from '../core/path.js';
import type { PlannedEdit } from '../scrub/plan.js';
import { formatCount, formatTimeNs } from '../util/format.js';
import type { CommandContext } from './define.js';
import { printDiagnostics } from './recorded.js';

export function printScrub(
  context: CommandContext,
  outcome: ScrubOutcome,
  options: { readonly check: boolean; readonly json: boolean },
): void {
  if (options.json) {
    context.stdout.write(`${JSON.stringify(scrubJson(outcome, options.check), null, 2)}\n`);
  } else {
    const lines = options.check
      ? outcome.planned.map(plannedLine)
      : outcome.applied.map(appliedLine);
    for (const line of lines) context.stdout.write(`${line}\n`);
    const count = `${formatCount(lines.length)} ${lines.length === 1 ? 'edit' : 'edits'}`;
    context.stdout.write(options.check ? `${count} planned, nothing written\n` : `${count} made\n`);
  }
  printSkippedRules(context, outcome);
  printDiagnostics(context, outcome, { what: 'scrubbed', rest: '--json' });
}

export function printSkippedRules(context: CommandContext, { skippedRules }: ScrubOutcome): void {
  if (skippedRules.length === 0) return;
  context.stderr.write(
    `repro-audit: SOURCE_DATE_EPOCH is not set, so these rules were skipped: ${skippedRules.join(', ')}\n`,
  );
}

function plannedLine({ edit, was }: PlannedEdit): string {
  const change =
    edit.kind === 'set-mtime'
      ? `${formatTimeNs(was.mtimeNs)} -> ${formatTimeNs(edit.mtimeNs)}`
      : edit.kind === 'rewrite'
        ? `${formatCount(was.size)} -> ${formatCount(contentSize(edit.content))} bytes`
        : edit.kind === 'truncate'
          ? `${formatCount(was.size)} -> 0 bytes`
          : edit.kind === 'remove-xattr'
            ? edit.name
            : '';
  return line(edit, change);
}

function appliedLine(edit: AppliedEdit): string {
  const short = (digest: Uint8Array | null): string =>
    digest === null ? '' : ` sha256:${Buffer.from(digest).toString('hex').slice(0, 12)}`;
  const change =
    edit.kind === 'set-mtime'
      ? `${formatTimeNs(edit.oldMtimeNs!)} -> ${formatTimeNs(edit.newMtimeNs!)}`
      : edit.kind === 'remove'
        ? ''
        : edit.kind === 'remove-xattr'
          ? edit.reason
          : `${formatCount(edit.oldSize ?? 0)} bytes${short(edit.oldDigest)} -> ${formatCount(edit.newSize ?? 0)} bytes${short(edit.newDigest)}`;
  return line(edit, change);
}

function line(edit: Pick<Edit, 'kind' | 'path' | 'rule'>, change: string): string {
  return `${edit.kind.padEnd(9)} ${displayPath(edit.path)} (${edit.rule})${change === '' ? '' : ` ${change}`}`;
}

function scrubJson(outcome: ScrubOutcome, check: boolean): object {
  const planned = outcome.planned.map(({ edit, was, ruleVersion }) => ({
    ...jsonPath(edit.path),
    kind: edit.kind,
    rule: edit.rule,
    ruleVersion,
    reason: edit.reason,
    before: { size: was.type === 'file' ? was.size : null, mtimeNs: was.mtimeNs.toString() },
    after: {
      size:
        edit.kind === 'rewrite'
          ? contentSize(edit.content)
          : edit.kind === 'truncate'
            ? 0
            : edit.kind !== 'remove' && was.type === 'file'
              ? was.size
              : null,
      mtimeNs:
        edit.kind === 'remove'
          ? null
          : (edit.kind === 'set-mtime' ? edit.mtimeNs : was.mtimeNs).toString(),
    },
  }));
  return {
    schemaVersion: 1,
    check,
    layout: outcome.layout,
    skippedRules: outcome.skippedRules,
    edits: check ? planned : outcome.applied.map(appliedEditJson),
    diagnostics: outcome.diagnostics.map(({ code, path, detail }) => ({
      code,
      ...(path === null ? { path: null } : jsonPath(path)),
      detail,
    })),
  };
}

/** Digests of secrets are null already. */
export function appliedEditJson(edit: AppliedEdit): object {
  const side = (
    size: number | null,
    digest: Uint8Array | null,
    mtimeNs: bigint | null,
  ): object => ({
    size,
    sha256: digest === null ? null : Buffer.from(digest).toString('hex'),
    mtimeNs: mtimeNs === null ? null : mtimeNs.toString(),
  });
  return {
    ...jsonPath(edit.path),
    kind: edit.kind,
    rule: edit.rule,
    ruleVersion: edit.ruleVersion,
    reason: edit.reason,
    secret: edit.secret,
    before: side(edit.oldSize, edit.oldDigest, edit.oldMtimeNs),
    after: side(edit.newSize, edit.newDigest, edit.newMtimeNs),
  };
}
