/** What stands for a secret wherever one would be shown. */

import { countOf } from './format.js';

/** `(secret, 33 bytes)`; null: its length is not known. */
export function secretText(bytes: number | null): string {
  return bytes === null ? '(secret)' : `(secret, ${countOf(bytes, 'byte')})`;
}
