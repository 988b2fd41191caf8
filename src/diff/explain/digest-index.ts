/** Finds what a value is the digest of, in all the ways in which digests are written. */

import { wordDigest } from '../../util/words.js';
import { xxh64Hex } from '../../util/xxh64.js';

export interface DigestPair {
  /** SHA-256, 64 hex digits; null where that side has none. */
  readonly before: string | null;
  readonly after: string | null;
}

export class DigestIndex {
  readonly #before = new Map<string, string[]>();
  readonly #after = new Map<string, string[]>();

  /** `loadXxh64` has to be awaited before. */
  add(name: string, { before, after }: DigestPair): void {
    if (before === after) return;
    if (before !== null) for (const word of spellings(before)) put(this.#before, word, name);
    if (after !== null) for (const word of spellings(after)) put(this.#after, word, name);
  }

  /** The name whose digests the two values are; a value that is null has to have no digest. Null: there is none. */
  find(before: string | null, after: string | null, except: string | null = null): string | null {
    if (before === null && after === null) return null;
    const old = before === null ? null : (this.#before.get(normal(before)) ?? NONE);
    const now = after === null ? null : (this.#after.get(normal(after)) ?? NONE);
    const names =
      old === null ? now! : now === null ? old : old.filter((name) => now.includes(name));
    return names.find((name) => name !== except) ?? null;
  }
}

const NONE: readonly string[] = [];

function put(map: Map<string, string[]>, word: string, name: string): void {
  const known = map.get(word);
  if (known === undefined) map.set(word, [name]);
  else known.push(name);
}

function normal(value: string): string {
  return /^(?:sha256[:=-])?[0-9a-fA-F]{64}$/.test(value) ? value.slice(-64).toLowerCase() : value;
}

/** Hex and base64, and what the facts of texts keep of long words (`TextToken`). */
function spellings(hex: string): readonly string[] {
  if (!/^[0-9a-f]{64}$/.test(hex)) return [];
  const bytes = Buffer.from(hex, 'hex');
  const base64 = bytes.toString('base64');
  // RECORD of Python wheels (PEP 376): base64url without padding.
  const url = bytes.toString('base64url');
  const long = (text: string): string => xxh64Hex(Buffer.from(text, 'latin1'));
  return [
    hex,
    base64,
    url,
    `hex64:${long(hex)}`,
    `base64-44:${long(base64)}`,
    wordDigest(url.replace(/^-+/, '').replace(/[.-]+$/, '')),
  ];
}
