/** `repro-audit.config.{json,yaml,yml}`: rules of a project, in a file beside it (docs/config.md, docs/schema/config-1.json). */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

import { AuditError, errnoOf } from '../core/errors.js';
import { scrubRules } from '../scrub/index.js';
import { checkConfig, ConfigTrouble, type Config } from './config-shape.js';
import { liesIn } from './guard-root.js';

export const CONFIG_NAMES: readonly string[] = ['json', 'yaml', 'yml'].map(
  (extension) => `repro-audit.config.${extension}`,
);

const NO_CONFIG: Config = {
  profile: null,
  enable: [],
  skip: [],
  userRules: [],
  exclusions: [],
  owners: [],
};

/** Above this it is some other file. */
const MAX_BYTES = 1 << 20;

export interface ConfigLocation {
  /** The file that was asked for; null to look in `cwd`. */
  readonly file: string | null;
  readonly cwd: string;
  /** A file in the tree itself is not taken unless it was asked for: a tree does not decide how it is audited. */
  readonly root: string | null;
}

/** Throws `USAGE` with file, line and hint for what is not a configuration. */
export async function loadConfig(location: ConfigLocation): Promise<Config> {
  const file = location.file ?? findConfig(location);
  if (file === null) return NO_CONFIG;
  return parseConfig(readText(file), file);
}

function findConfig({ cwd, root }: ConfigLocation): string | null {
  const found = CONFIG_NAMES.map((name) => join(cwd, name)).filter(existsSync);
  const [first, second] = found;
  if (first === undefined || (root !== null && liesIn(first, root))) return null;
  if (second !== undefined)
    throw new AuditError('USAGE', `${basename(first)} and ${basename(second)} are both here`, {
      hint: 'keep one, or name one with --config FILE',
    });
  return first;
}

function readText(file: string): string {
  const refused = (detail: string, cause?: unknown): AuditError =>
    new AuditError('USAGE', `configuration ${file}: ${detail}`, { cause });
  try {
    const stat = statSync(file);
    if (!stat.isFile() || stat.size > MAX_BYTES)
      throw refused(`expected a file of at most ${MAX_BYTES} bytes`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof AuditError) throw error;
    throw refused(`cannot be read, ${errnoOf(error) ?? 'unknown error'}`, error);
  }
}

/** From the text of a file; `.json` is JSON, anything else YAML 1.2. Throws `USAGE`. */
export async function parseConfig(text: string, file: string): Promise<Config> {
  const { default: yaml } = await import('yaml');
  const { isMap, isPair, isScalar, LineCounter, parseDocument, visit } = yaml;
  const lines = new LineCounter();
  const refused = (offset: number | null, detail: string, hint?: string): AuditError => {
    const at = offset === null ? '' : `:${lines.linePos(offset).line}`;
    return new AuditError('USAGE', `${file}${at}: ${detail}`, {
      hint: hint ?? 'docs/config.md shows what a configuration may say',
    });
  };
  // YAML 1.2 contains JSON, so one reader knows the lines of both.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [wrong] = document.errors;
  if (wrong !== undefined) throw refused(wrong.pos[0], wrong.message);
  if (file.endsWith('.json'))
    try {
      JSON.parse(text);
    } catch (error) {
      const message = error instanceof Error ? error.message : 'not JSON';
      const position = /at position ([0-9]+)/.exec(message)?.[1];
      throw refused(position === undefined ? null : Number(position), message);
    }
  let anchor = false;
  visit(document, { Alias: () => void (anchor = true) });
  if (anchor) throw refused(null, 'expected plain values, found an alias (*name)');
  try {
    return checkConfig(document.toJS(), scrubRules);
  } catch (error) {
    if (!(error instanceof ConfigTrouble)) throw error;
    throw refused(offsetOf(error.path), error.message, error.hint);
  }

  /** Of the innermost part of the path that the document has: keys count by their own place. */
  function offsetOf(path: readonly (string | number)[]): number | null {
    for (let length = path.length; length > 0; length--) {
      const key = path[length - 1];
      const holder =
        length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
      const pair = isMap(holder)
        ? holder.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key)
        : undefined;
      const node = isScalar(pair?.key) ? pair.key : document.getIn(path.slice(0, length), true);
      const range = (node as { range?: readonly number[] | null } | undefined)?.range;
      if (range?.[0] !== undefined) return range[0];
    }
    return document.contents?.range?.[0] ?? null;
  }
}
