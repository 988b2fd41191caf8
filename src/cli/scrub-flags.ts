/** Flags of the commands that edit a tree. */

import { randomBytes } from 'node:crypto';

import { AuditError } from '../core/errors.js';
import type { Layout } from '../scrub/define.js';
import { RPMDB_MODES, type RpmdbMode } from '../scrub/rules/rpmdb-mode.js';
import type { CommandContext, FlagTable, FlagValues } from './define.js';

export const scrubFlags = {
  only: {
    type: 'string',
    isMultiple: true,
    value: 'RULE',
    help: 'only these rules, also ones that are off by default',
  },
  skip: { type: 'string', isMultiple: true, value: 'RULE', help: 'not these rules' },
  layout: {
    type: 'string',
    value: 'LAYOUT',
    help: 'auto, plain, ostree or bootc (REPRO_AUDIT_LAYOUT; default auto)',
  },
  rpmdb: {
    type: 'string',
    value: 'MODE',
    help: 'the rpm database: patch keeps the order of packages, canonical sorts them, off leaves it (REPRO_AUDIT_RPMDB; default patch)',
  },
  rootIsImage: {
    type: 'boolean',
    help: 'allow / as ROOT: inside a container build it is the image',
  },
} as const satisfies FlagTable;

const LAYOUTS: readonly (Layout | 'auto')[] = ['auto', 'plain', 'ostree', 'bootc'];

export interface ScrubChoice {
  readonly only: readonly string[] | null;
  readonly skip: readonly string[];
  readonly layout: Layout | 'auto';
  readonly rpmdb: RpmdbMode | null;
  readonly nonce: string;
}

/** Throws `USAGE`. */
export function scrubChoice(context: CommandContext, flags: FlagValues): ScrubChoice {
  const text = flags.string('layout') ?? (context.env['REPRO_AUDIT_LAYOUT'] || 'auto');
  const layout = LAYOUTS.find((candidate) => candidate === text);
  if (layout === undefined)
    throw new AuditError(
      'USAGE',
      `--layout: expected ${LAYOUTS.join(', ')}, found ${JSON.stringify(text)}`,
    );
  const only = names(flags.strings('only'));
  return {
    only: only.length === 0 ? null : only,
    skip: names(flags.strings('skip')),
    layout,
    rpmdb: rpmdbMode(context, flags),
    nonce: randomBytes(8).toString('hex'),
  };
}

/** Null when nothing was said. */
function rpmdbMode(context: CommandContext, flags: FlagValues): RpmdbMode | null {
  const text = flags.string('rpmdb') ?? (context.env['REPRO_AUDIT_RPMDB'] || null);
  if (text === null) return null;
  const mode = RPMDB_MODES.find((candidate) => candidate === text);
  if (mode === undefined)
    throw new AuditError(
      'USAGE',
      `--rpmdb: expected ${RPMDB_MODES.join(', ')}, found ${JSON.stringify(text)}`,
    );
  return mode;
}

/** `--only a,b --only c`. */
export function names(values: readonly string[]): readonly string[] {
  return values.flatMap((value) => value.split(',')).filter((name) => name !== '');
}
