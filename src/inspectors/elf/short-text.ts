import { shortDigest } from '../common/short-digest.js';

/** Longer texts are no names, and would be kept with every build. */
const LONGEST = 4096;

/** A text as a value, or its digest when it is long; latin1 bytes. */
export function shortText(text: string): string {
  return text.length > LONGEST ? shortDigest(text) : text;
}
