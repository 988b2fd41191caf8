/** Flags that several commands share, and how their values are read. */

import { closeSync, openSync, readSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

import { liesIn, resolveLinks } from '../app/guard-root.js';
import type { DigestAlgorithm, Exclusion } from '../core/capture.js';
import { AuditError, errnoOf } from '../core/errors.js';
import { compileGlob } from '../util/glob.js';
import { sha256Hex } from '../util/hashing.js';
import type { CommandContext, FlagTable, FlagValues } from './define.js';

export const storeFlag = {
  db: {
    type: 'string',
    value: 'FILE',
    help: 'the store (REPRO_AUDIT_DB; default ./repro-audit.db)',
  },
} as const satisfies FlagTable;

export const recordFlags = {
  ...storeFlag,
  build: {
    type: 'string',
    shortFlag: 'b',
    value: 'NAME',
    help: 'name of the build (REPRO_AUDIT_BUILD)',
  },
  stream: {
    type: 'string',
    value: 'NAME',
    help: 'builds of the same inputs (REPRO_AUDIT_STREAM; default: os-release and architecture)',
  },
  replace: { type: 'boolean', help: 'take the place of a build of the same name' },
  digest: {
    type: 'string',
    value: 'LIST',
    help: 'sha256 (with xxh64; default) or xxh64 alone, for speed',
  },
  exclude: {
    type: 'string',
    isMultiple: true,
    value: 'GLOB',
    help: 'leave out, with all below; each needs a --reason',
  },
  reason: {
    type: 'string',
    isMultiple: true,
    value: 'TEXT',
    help: 'why the --exclude before it is left out',
  },
  meta: { type: 'string', isMultiple: true, value: 'KEY=VALUE', help: 'keep with the build' },
  metaFile: {
    type: 'string',
    isMultiple: true,
    value: 'FILE',
    help: "keep the fields of a JSON file, such as coreos-assembler's meta.json",
  },
} as const satisfies FlagTable;

export function storeLocation(context: CommandContext, flags: FlagValues): string {
  const location = flags.string('db') ?? (context.env['REPRO_AUDIT_DB'] || 'repro-audit.db');
  return resolve(context.cwd, location);
}

/** From the flag or REPRO_AUDIT_BUILD; throws `USAGE` when neither names the build. */
export function buildName(context: CommandContext, flags: FlagValues): string {
  const name = flags.string('build') ?? context.env['REPRO_AUDIT_BUILD'];
  if (name === undefined || name === '') {
    throw new AuditError('USAGE', 'the build has no name', {
      hint: 'give --build NAME or set REPRO_AUDIT_BUILD',
    });
  }
  return name;
}

export function streamName(context: CommandContext, flags: FlagValues): string | null {
  return flags.string('stream') ?? (context.env['REPRO_AUDIT_STREAM'] || null);
}

export function digestAlgorithms(flags: FlagValues): readonly DigestAlgorithm[] {
  const value = flags.string('digest') ?? 'sha256';
  if (value === 'xxh64') return ['xxh64'];
  if (value === 'sha256' || value === 'xxh64,sha256') return ['xxh64', 'sha256'];
  throw new AuditError(
    'USAGE',
    `--digest: expected sha256 or xxh64, found ${JSON.stringify(value)}`,
  );
}

/** Pairs every --exclude with its --reason; throws `USAGE` when one has none or a glob is not well formed. */
export function exclusions(flags: FlagValues): readonly Exclusion[] {
  const patterns = flags.strings('exclude');
  const reasons = flags.strings('reason');
  if (patterns.length !== reasons.length) {
    throw new AuditError(
      'USAGE',
      `every --exclude needs a --reason: found ${patterns.length} and ${reasons.length}`,
      {
        hint: "--exclude 'var/log/**' --reason 'logs are not shipped'",
      },
    );
  }
  return patterns.map((text, i) => {
    const pattern = belowRoot(text);
    try {
      if (pattern === null)
        throw new RangeError(
          `expected a path or glob below the root, found ${JSON.stringify(text)}`,
        );
      compileGlob(pattern);
    } catch (error) {
      throw new AuditError(
        'USAGE',
        `--exclude: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
    return { pattern, reason: reasons[i]! };
  });
}

/** `./etc/` and `/etc` are `etc`; null for what could match nothing, which would leave in what was to be left out. */
function belowRoot(pattern: string): string | null {
  const trimmed = pattern.replace(/^(?:\.?\/+)+/, '').replace(/([^\\])\/+$/, '$1');
  if (trimmed === '') return null;
  return trimmed.split('/').some((name) => name === '' || name === '.' || name === '..')
    ? null
    : trimmed;
}

/** SOURCE_DATE_EPOCH as its specification has it: decimal seconds; null when unset; throws `EPOCH_INVALID`. */
export function sourceDateEpoch(context: CommandContext): number | null {
  const text = context.env['SOURCE_DATE_EPOCH'];
  if (text === undefined) return null;
  const seconds = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(seconds) || seconds > MAX_EPOCH) {
    throw new AuditError(
      'EPOCH_INVALID',
      `SOURCE_DATE_EPOCH: expected decimal seconds since 1970, found ${JSON.stringify(text)}`,
      {
        hint: 'for example SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)',
      },
    );
  }
  return seconds;
}

/** The last second of the year 9999. */
const MAX_EPOCH = 253_402_300_799;

/** Above this a --meta-file is a mistake: it is kept with every build. */
const MAX_META_BYTES = 16 * 1024 * 1024;
const MAX_META_DEPTH = 100;

/** --meta-file first, then --meta; later ones win. Throws `USAGE`. */
export function metaFields(
  context: CommandContext,
  flags: FlagValues,
): Readonly<Record<string, unknown>> {
  const fields = new Map<string, unknown>();
  for (const file of flags.strings('metaFile'))
    for (const [key, value] of Object.entries(readMetaFile(resolve(context.cwd, file))))
      fields.set(key, value);
  for (const pair of flags.strings('meta')) {
    const equals = pair.indexOf('=');
    if (equals < 1)
      throw new AuditError('USAGE', `--meta: expected KEY=VALUE, found ${JSON.stringify(pair)}`);
    fields.set(pair.slice(0, equals), pair.slice(equals + 1));
  }
  // Not by assignment, which takes the key __proto__ for something else.
  return Object.fromEntries(fields);
}

function readMetaFile(file: string): object {
  const refused = (detail: string, cause?: unknown): AuditError =>
    new AuditError('USAGE', `--meta-file ${file}: ${detail}`, { cause });
  let text: string;
  try {
    text = readStart(file, MAX_META_BYTES + 1);
  } catch (error) {
    throw refused(`cannot be read, ${errnoOf(error) ?? 'unknown error'}`, error);
  }
  if (text.length > MAX_META_BYTES)
    throw refused(`expected at most ${MAX_META_BYTES} bytes, found more`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refused(error instanceof Error ? error.message : 'not JSON', error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refused('expected a JSON object');
  if (isDeeper(value, MAX_META_DEPTH))
    throw refused(`expected at most ${MAX_META_DEPTH} levels of nesting, found more`);
  return value;
}

/** Of a pipe or an endless device too. */
function readStart(file: string, limit: number): string {
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(limit);
    let length = 0;
    for (let read = -1; read !== 0 && length < limit; length += read)
      read = readSync(fd, bytes, length, limit - length, null);
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(fd);
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/**
 * One cache per root, in XDG_CACHE_HOME or ~/.cache (XDG Base Directory Specification: a relative path is ignored).
 * Null when there is no such folder, or it lies in the tree, which the cache would change.
 */
export function statCacheFile(context: CommandContext, root: string): string | null {
  const folder = resolveLinks(resolve(context.cwd, root));
  const candidates = [context.env['XDG_CACHE_HOME'], join(homedir(), '.cache')];
  const base = candidates.find((path) => path !== undefined && isAbsolute(path));
  if (base === undefined || liesIn(base, folder)) return null;
  return join(base, 'repro-audit', `stat-${sha256Hex(folder).slice(0, 24)}.cache`);
}
