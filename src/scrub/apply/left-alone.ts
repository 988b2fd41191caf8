/** Why an object was left as it was: caught per edit and reported, the other edits go on. */

import { errnoName } from '../../fs/native.js';

export class LeftAlone extends Error {}

/** The result of a system call, or `LeftAlone` saying which call failed. */
export function must(result: number, call: string): number {
  if (result < 0) throw new LeftAlone(`${call} gave ${errnoName(result)}`);
  return result;
}
