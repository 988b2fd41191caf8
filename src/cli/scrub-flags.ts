/** Flags of the commands that edit a tree. */

import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';

import { loadConfig } from '../app/config.js';
import type { RecipeOwner } from '../app/config-shape.js';
import { hasRunningBuild } from '../app/guard-root.js';
import type { Exclusion } from '../core/capture.js';
import { AuditError } from '../core/errors.js';
import type { Layout } from '../scrub/define.js';
import { PROFILES, type Profile } from '../scrub/profiles.js';
import { RPMDB_MODES, type RpmdbMode } from '../scrub/rules/rpmdb-mode.js';
import type { UserRule } from '../scrub/user-rule.js';
import type { CommandContext, FlagTable, FlagValues } from './define.js';

export const scrubFlags = {
  only: {
    type: 'string',
    isMultiple: true,
    value: 'RULE',
    help: 'only these rules, also ones that are off by default',
  },
  skip: { type: 'string', isMultiple: true, value: 'RULE', help: 'not these rules' },
  enable: {
    type: 'string',
    isMultiple: true,
    value: 'RULE',
    help: 'these rules too, besides those of the profile',
  },
  profile: {
    type: 'string',
    value: 'NAME',
    help: 'default, strict (also keys and caches that the first boot makes again) or report-only (REPRO_AUDIT_PROFILE)',
  },
  config: {
    type: 'string',
    value: 'FILE',
    help: 'rules and exclusions (REPRO_AUDIT_CONFIG; default ./repro-audit.config.json or .yaml)',
  },
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
  readonly enable: readonly string[];
  readonly profile: Profile;
  /** A build runs inside the tree. */
  readonly inPlace: boolean;
  readonly userRules: readonly UserRule[];
  /** Of the configuration: neither edited nor recorded. */
  readonly exclusions: readonly Exclusion[];
  readonly leftAlone: readonly string[];
  /** Which line of the recipe makes which paths. */
  readonly owners: readonly RecipeOwner[];
  readonly layout: Layout | 'auto';
  readonly rpmdb: RpmdbMode | null;
  readonly nonce: string;
}

/** Flags win over the configuration. Throws `USAGE`. */
export async function scrubChoice(
  context: CommandContext,
  flags: FlagValues,
  root: string,
): Promise<ScrubChoice> {
  const text = flags.string('layout') ?? (context.env['REPRO_AUDIT_LAYOUT'] || 'auto');
  const layout = LAYOUTS.find((candidate) => candidate === text);
  if (layout === undefined)
    throw new AuditError(
      'USAGE',
      `--layout: expected ${LAYOUTS.join(', ')}, found ${JSON.stringify(text)}`,
    );
  const only = names(flags.strings('only'));
  const skip = names(flags.strings('skip'));
  const enable = names(flags.strings('enable'));
  const config = await loadConfig({ file: configFile(context, flags), cwd: context.cwd, root });
  const profile = profileOf(context, flags) ?? config.profile ?? 'default';
  refuseNothing(profile, [...only, ...enable]);
  return {
    only: only.length === 0 ? null : only,
    skip: [...skip, ...config.skip.filter((id) => !only.includes(id) && !enable.includes(id))],
    enable: [...enable, ...config.enable],
    profile,
    inPlace: hasRunningBuild(root, context.env),
    userRules: config.userRules,
    exclusions: config.exclusions,
    owners: config.owners,
    leftAlone: config.exclusions.map(({ pattern }) => pattern),
    layout,
    rpmdb: rpmdbMode(context, flags),
    nonce: randomBytes(8).toString('hex'),
  };
}

export function configFile(context: CommandContext, flags: FlagValues): string | null {
  const file = flags.string('config') ?? (context.env['REPRO_AUDIT_CONFIG'] || null);
  return file === null ? null : resolve(context.cwd, file);
}

/** Null when nothing was said. */
function profileOf(context: CommandContext, flags: FlagValues): Profile | null {
  const text = flags.string('profile') ?? (context.env['REPRO_AUDIT_PROFILE'] || null);
  if (text === null) return null;
  const profile = PROFILES.find((candidate) => candidate === text);
  if (profile === undefined)
    throw new AuditError(
      'USAGE',
      `--profile: expected ${PROFILES.join(', ')}, found ${JSON.stringify(text)}`,
    );
  return profile;
}

/** Rules that were asked for by name on the command line are not dropped in silence. */
function refuseNothing(profile: Profile, asked: readonly string[]): void {
  if (profile !== 'report-only' || asked.length === 0) return;
  throw new AuditError(
    'USAGE',
    `the profile report-only edits nothing, but ${asked[0]} was asked for`,
    {
      hint: 'leave out --only and --enable, or choose another profile',
    },
  );
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
