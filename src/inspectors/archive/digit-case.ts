/** How an archive writes hexadecimal digits: a habit of its writer, and all headers have the same. */

import { shortDigest } from '../common/short-digest.js';
import { latin1 } from './latin1.js';

export class DigitCase {
  #upper = false;
  #lower = false;
  #count = 0;
  /** Headers that have both, or not those of the first one. */
  readonly #odd: string[] = [];

  /** A header that begins with a magic number of six characters. */
  add(raw: Uint8Array): void {
    const text = latin1(raw, 6, Math.min(HEADER, raw.length));
    const [hasUpper, hasLower] = [/[A-F]/.test(text), /[a-f]/.test(text)];
    const isOdd = (hasUpper && hasLower) || (hasUpper && this.#lower) || (hasLower && this.#upper);
    if (isOdd) this.#odd.push(shortDigest(`${this.#count}:${text}`));
    else {
      this.#upper ||= hasUpper;
      this.#lower ||= hasLower;
    }
    this.#count++;
  }

  /** Null for digits without letters. */
  get value(): string | null {
    if (this.#odd.length > 0) return `mixed ${shortDigest(this.#odd.join())}`;
    return this.#upper ? 'upper case' : this.#lower ? 'lower case' : null;
  }
}

const HEADER = 110;
