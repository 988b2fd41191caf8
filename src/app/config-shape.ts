/** What a configuration may say: docs/schema/config-1.json, with words for people and the place of the trouble. */

import type { Exclusion } from '../core/capture.js';
import type { ScrubRule } from '../scrub/define.js';
import { PROFILES, type Profile } from '../scrub/profiles.js';
import type { UserRule } from '../scrub/user-rule.js';
import { compileGlob } from '../util/glob.js';
import { nearestNames } from '../util/nearest-names.js';

export interface Config {
  /** Null when the file does not set one. */
  readonly profile: Profile | null;
  /** Ids of rules that are switched on and off. */
  readonly enable: readonly string[];
  readonly skip: readonly string[];
  readonly userRules: readonly UserRule[];
  /** Neither edited nor recorded. */
  readonly exclusions: readonly Exclusion[];
  /** The first whose glob matches a path tells its owner. */
  readonly owners: readonly RecipeOwner[];
}

/** Which line of the recipe makes the paths of a glob. */
export interface RecipeOwner {
  readonly glob: string;
  readonly place: string;
  /** Null when none was given. */
  readonly reason: string | null;
}

type Path = readonly (string | number)[];

/** Where in the document, what was expected and found. */
export class ConfigTrouble extends Error {
  readonly path: Path;
  readonly hint: string | undefined;

  constructor(path: Path, message: string, hint?: string) {
    super(path.length === 0 ? message : `${path.join('.')}: ${message}`);
    this.path = path;
    this.hint = hint;
  }
}

/** Throws `ConfigTrouble`. */
export function checkConfig(value: unknown, registry: readonly ScrubRule[]): Config {
  const config = fieldsOf(
    value,
    [],
    ['version', 'profile', 'rules', 'own', 'exclude', 'owners', '$schema'],
  );
  const version = config.get('version');
  if (version !== 1) throw trouble(['version'], 'expected 1', version);
  const profile = config.get('profile');
  const userRules = listOf(config.get('own'), ['own']).map(userRuleOf);
  const known = registry.map(({ id }) => id);
  for (const [i, { id }] of userRules.entries())
    if (known.includes(id) || userRules.findIndex((other) => other.id === id) < i)
      throw new ConfigTrouble(
        ['own', i, 'id'],
        `there is a rule ${id} already`,
        'choose another id',
      );
  const switches = switchesOf(config.get('rules'), [...known, ...userRules.map(({ id }) => id)]);
  return {
    profile: profile === undefined ? null : profileOf(profile),
    enable: switches.flatMap(([id, isOn]) => (isOn ? [id] : [])),
    skip: switches.flatMap(([id, isOn]) => (isOn ? [] : [id])),
    userRules,
    exclusions: listOf(config.get('exclude'), ['exclude']).map(exclusionOf),
    owners: listOf(config.get('owners'), ['owners']).map(ownerOf),
  };
}

function profileOf(value: unknown): Profile {
  const profile = PROFILES.find((candidate) => candidate === value);
  if (profile === undefined) throw trouble(['profile'], `expected ${PROFILES.join(', ')}`, value);
  return profile;
}

/** `on`, `off`, true, false by rule. */
function switchesOf(
  value: unknown,
  known: readonly string[],
): readonly (readonly [string, boolean])[] {
  if (value === undefined) return [];
  return [...fieldsOf(value, ['rules'], null)].map(([id, word]) => {
    if (!known.includes(id)) {
      const near = nearestNames(id, known);
      const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : undefined;
      const all = '`repro-audit rules` lists all of them';
      throw new ConfigTrouble(['rules', id], 'there is no rule of that name', hint ?? all);
    }
    if (word === 'on' || word === true) return [id, true] as const;
    if (word === 'off' || word === false) return [id, false] as const;
    throw trouble(['rules', id], 'expected on or off', word);
  });
}

function userRuleOf(value: unknown, i: number): UserRule {
  const at = (field: string): Path => ['own', i, field];
  const fields = fieldsOf(value, ['own', i], ['id', 'paths', 'reason', 'remedy']);
  const id = textOf(fields.get('id'), at('id'));
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))
    throw trouble(at('id'), 'expected small letters, digits and single hyphens', id);
  const paths = listOf(fields.get('paths'), at('paths'));
  if (paths.length === 0) throw new ConfigTrouble(at('paths'), 'expected at least one glob');
  const remedy = fields.get('remedy');
  if (remedy !== 'remove' && remedy !== 'truncate')
    throw trouble(at('remedy'), 'expected remove or truncate', remedy);
  const globs = paths.map((path, k) => globOf(path, [...at('paths'), k]));
  return { id, paths: globs, reason: textOf(fields.get('reason'), at('reason')), remedy };
}

function exclusionOf(value: unknown, i: number): Exclusion {
  const fields = fieldsOf(value, ['exclude', i], ['path', 'reason']);
  return {
    pattern: globOf(fields.get('path'), ['exclude', i, 'path']),
    reason: textOf(fields.get('reason'), ['exclude', i, 'reason']),
  };
}

function ownerOf(value: unknown, i: number): RecipeOwner {
  const at = (field: string): Path => ['owners', i, field];
  const fields = fieldsOf(value, ['owners', i], ['glob', 'place', 'reason']);
  const reason = fields.get('reason');
  return {
    glob: globOf(fields.get('glob'), at('glob')),
    place: textOf(fields.get('place'), at('place')),
    reason: reason === undefined ? null : textOf(reason, at('reason')),
  };
}

/** Paths that no glob may take in, because it would take in everything. */
const ANYTHING: readonly string[] = ['\u0001', '\u0001/\u0001'];

function globOf(value: unknown, path: Path): string {
  const glob = textOf(value, path);
  try {
    const matches = compileGlob(glob);
    if (!ANYTHING.some(matches)) return glob;
  } catch (error) {
    throw new ConfigTrouble(path, error instanceof Error ? error.message : String(error));
  }
  throw trouble(path, 'expected a glob that does not match everything', glob);
}

function textOf(value: unknown, path: Path): string {
  if (typeof value !== 'string' || value.trim() === '')
    throw trouble(path, 'expected some text', value);
  return value;
}

function listOf(value: unknown, path: Path): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw trouble(path, 'expected a list', value);
  return value;
}

/** Not by assignment or `in`, which take the key __proto__ for something else. `allowed` null: any key. */
function fieldsOf(
  value: unknown,
  path: Path,
  allowed: readonly string[] | null,
): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw trouble(path, 'expected fields with values', value);
  const fields = new Map<string, unknown>(Object.entries(value));
  if (allowed === null) return fields;
  const unknown = [...fields.keys()].find((key) => !allowed.includes(key));
  if (unknown === undefined) return fields;
  const near = nearestNames(unknown, allowed);
  const hint =
    near.length > 0 ? near.join(' or ') : allowed.filter((key) => key !== '$schema').join(', ');
  throw new ConfigTrouble([...path, unknown], 'there is no such field', `did you mean ${hint}?`);
}

function trouble(path: Path, expected: string, found: unknown): ConfigTrouble {
  const text = found === undefined ? 'nothing' : JSON.stringify(found);
  return new ConfigTrouble(path, `${expected}, found ${text.slice(0, 80)}`);
}
