/** Which changes have a path with the searched text in it. */

import type { Change } from '../../core/report.js';
import { safePath } from '../text/safe.js';

/** One byte per change: 1 where the path as it is shown contains the text. Small letters match capitals too, capitals only themselves. */
export type Matches = Uint8Array;

interface Haystack {
  /** The shown paths, a line feed after each: none of them contains one. */
  readonly text: string;
  readonly lower: string;
  /** Where each line ends. */
  readonly ends: Uint32Array;
}

const haystacks = new WeakMap<readonly Change[], Haystack>();

export function findMatches(changes: readonly Change[], needle: string): Matches {
  const known = lastMatches.get(changes);
  if (known?.needle === needle) return known.matches;
  const matches = search(changes, needle);
  lastMatches.set(changes, { needle, matches });
  return matches;
}

const lastMatches = new WeakMap<
  readonly Change[],
  { readonly needle: string; readonly matches: Matches }
>();

function search(changes: readonly Change[], needle: string): Matches {
  const matches = new Uint8Array(changes.length);
  if (needle === '') return matches;
  const haystack = haystackOf(changes);
  const isExact = needle !== needle.toLowerCase();
  const text = isExact ? haystack.text : haystack.lower;
  let change = 0;
  for (let at = text.indexOf(needle); at >= 0;) {
    while (haystack.ends[change]! < at) change++;
    matches[change] = 1;
    at = text.indexOf(needle, haystack.ends[change]!);
  }
  return matches;
}

/** Where the text stands in a word that is shown, for highlighting; -1 where it does not. */
export function matchIndex(text: string, needle: string): number {
  if (needle === '') return -1;
  return needle === needle.toLowerCase() ? lowerCase(text).indexOf(needle) : text.indexOf(needle);
}

function haystackOf(changes: readonly Change[]): Haystack {
  const known = haystacks.get(changes);
  if (known !== undefined) return known;
  const ends = new Uint32Array(changes.length);
  const parts: string[] = [];
  let end = 0;
  for (let start = 0; start < changes.length; start += BATCH) {
    const lines = shownPaths(changes.slice(start, start + BATCH));
    for (let i = 0; i < lines.length; i++) {
      end += lines[i]!.length;
      ends[start + i] = end;
      end += 1;
    }
    parts.push(lines.join('\n'));
  }
  const text = parts.join('\n');
  const haystack: Haystack = { text, lower: lowerCase(text), ends };
  haystacks.set(changes, haystack);
  return haystack;
}

/** Names are looked at together: hardly one in a thousand needs an escape, and one look at many is cheaper. */
const BATCH = 256;
const PLAIN = /^[\x20-\x5b\x5d-\x7e]*$/;

function shownPaths(changes: readonly Change[]): readonly string[] {
  const paths = changes.map(({ path }) => path);
  return PLAIN.test(paths.join('')) ? paths.map((path) => `/${path}`) : paths.map(safePath);
}

/** Keeps the length: the few letters whose small form is longer stay as they are. */
function lowerCase(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length
    ? lower
    : text.replace(/[^\u0130]+/g, (part) => part.toLowerCase());
}
