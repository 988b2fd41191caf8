/**
 * Globs over whole paths, byte by byte: patterns are UTF-8 text, paths latin1 byte strings. `*` and `?` stop at `/`,
 * `**` as a component matches any number of components (`d/**` what lies below `d`, not `d` itself), `[a-z]` and
 * `[!a-z]` one byte, `{a,b}` alternatives, `\` takes the next character literally. A leading `/` means nothing:
 * every pattern starts at the root. Names that begin with a dot are matched like all others, and newlines are
 * ordinary bytes. Matching never takes exponential time, whatever the name.
 */

import { expandBraces } from './glob-braces.js';

/** A predicate for a pattern; throws `RangeError` for one that is not well formed. */
export function compileGlob(pattern: string): (path: string) => boolean {
  const programs = globAlternatives(pattern).map((glob) => parse(globBytes(glob), pattern));
  const [only, ...others] = programs;
  if (only === undefined) return () => false;
  if (others.length === 0) return (path) => run(only, path);
  return (path) => programs.some((program) => run(program, path));
}

/** The pattern without braces and leading `/`: the paths that it matches are those that these match. */
export function globAlternatives(pattern: string): readonly string[] {
  return [...new Set(expandBraces(pattern).map((glob) => glob.replace(/^\/+/, '')))];
}

/** A pattern's text as bytes, one latin1 character each. */
export function globBytes(pattern: string): string {
  return Buffer.from(pattern, 'utf8').toString('latin1');
}

const SPECIAL = /[*?[\\]/;

/** The directory that every match lies below, as bytes, `''` for none: `var/log` of `var/log/*.log`. Takes one alternative. */
export function globDirectory(alternative: string): string {
  const components = globBytes(alternative).split('/').slice(0, -1);
  const special = components.findIndex((component) => SPECIAL.test(component));
  return components.slice(0, special < 0 ? components.length : special).join('/');
}

/** A byte (its code), a class of bytes, or one of these. */
type Token = number | ReadonlySet<number>;
const ANY = -1;
const STAR = -2;
/** `**` and the `/` after it. */
const DIRECTORIES = -3;
/** A final `**`. */
const REST = -4;
const SLASH = 0x2f;

interface Program {
  readonly tokens: readonly Token[];
  /** Bytes that every match begins and ends with: most paths fail here. They may overlap in a path that does not match. */
  readonly prefix: string;
  readonly suffix: string;
  /** Bytes that every match contains; `''` where prefix and suffix say as much. */
  readonly middle: string;
}

function parse(glob: string, pattern: string): Program {
  const tokens: Token[] = [];
  for (let i = 0; i < glob.length; i++) {
    const c = glob[i]!;
    const atStart = i === 0 || glob[i - 1] === '/';
    if (c === '*' && atStart && /^\*\*(\/|$)/.test(glob.slice(i, i + 3))) {
      const final = i + 2 >= glob.length;
      tokens.push(final ? REST : DIRECTORIES);
      i += final ? 1 : 2;
    } else if (c === '*') {
      if (tokens.at(-1) !== STAR) tokens.push(STAR);
    } else if (c === '?') tokens.push(ANY);
    else if (c === '[') {
      const end = classEnd(glob, i);
      if (end < 0) throw new RangeError(`glob ${pattern}: '[' at ${i} has no ']'`);
      tokens.push(byteClass(glob.slice(i + 1, end)));
      i = end;
    } else if (c === '\\' && i + 1 < glob.length) tokens.push(glob.charCodeAt(++i));
    else tokens.push(c.charCodeAt(0));
  }
  const runs = literalRuns(tokens);
  const prefix = runs[0]!;
  const suffix = runs.at(-1)!;
  const longest = runs.reduce((best, text) => (text.length > best.length ? text : best), '');
  const middle = longest === prefix || longest === suffix ? '' : longest;
  return { tokens, prefix, suffix, middle };
}

/** The literal bytes between all other tokens, before the first and after the last. */
function literalRuns(tokens: readonly Token[]): readonly string[] {
  const runs = [''];
  for (const token of tokens) {
    if (typeof token !== 'number' || token < 0) runs.push('');
    else runs[runs.length - 1] += String.fromCharCode(token);
  }
  return runs;
}

/** Where the class that starts at `start` ends; a `]` right after the opening is a member of it. */
function classEnd(glob: string, start: number): number {
  const first = glob[start + 1] === '!' || glob[start + 1] === '^' ? start + 2 : start + 1;
  return glob.indexOf(']', first + 1);
}

function byteClass(body: string): ReadonlySet<number> {
  const negated = body[0] === '!' || body[0] === '^';
  const named = new Set<number>();
  for (let i = negated ? 1 : 0; i < body.length; i++) {
    const from = body.charCodeAt(i);
    const range = body[i + 1] === '-' && i + 2 < body.length;
    const to = range ? body.charCodeAt((i += 2)) : from;
    for (let code = from; code <= to; code++) named.add(code);
  }
  const members = new Set<number>();
  for (let code = 1; code <= 0xff; code++)
    if (code !== SLASH && named.has(code) !== negated) members.add(code);
  return members;
}

/**
 * Goes back to the last `*` that can take one more byte, else to the last `**` that can take one more component.
 * Earlier ones need no second try: whatever they could still take, the later one can take too.
 */
function run(program: Program, path: string): boolean {
  const { tokens, prefix, suffix, middle } = program;
  if (!path.endsWith(suffix) || !path.startsWith(prefix)) return false;
  if (middle !== '' && !path.includes(middle)) return false;
  let at = prefix.length;
  let next = prefix.length;
  let starNext = -1;
  let starAt = 0;
  let directoriesNext = -1;
  let directoriesAt = 0;
  for (;;) {
    const token = tokens[next];
    if (token === REST) return at < path.length;
    if (token === DIRECTORIES) {
      directoriesNext = ++next;
      directoriesAt = at;
      starNext = -1;
      continue;
    }
    if (token === STAR) {
      starNext = ++next;
      starAt = at;
      continue;
    }
    if (token === undefined ? at === path.length : accepts(token, path.charCodeAt(at))) {
      if (token === undefined) return true;
      at++;
      next++;
      continue;
    }
    if (starNext >= 0 && starAt < path.length && path.charCodeAt(starAt) !== SLASH) {
      at = ++starAt;
      next = starNext;
      continue;
    }
    const slash = directoriesNext < 0 ? -1 : path.indexOf('/', directoriesAt);
    if (slash < 0) return false;
    at = directoriesAt = slash + 1;
    next = directoriesNext;
    starNext = -1;
  }
}

/** `code` is NaN past the end of the path. */
function accepts(token: Token, code: number): boolean {
  if (typeof token !== 'number') return token.has(code);
  return token === ANY ? code >= 0 && code !== SLASH : token === code;
}
