/**
 * Text that others wrote, made safe for a terminal. Names come from the audited tree, facts and meta from whoever
 * built it; none of them may move the cursor, hide itself or upset the columns.
 */

import { displayBytes, displayPath, type TreePath } from '../../core/path.js';

// Flags and skin tones: terminals disagree on how many cells a pair of these takes, which would shift the columns.
const UNSTEADY = /[\u{1f1e6}-\u{1f1ff}]|[\u{1f3fb}-\u{1f3ff}]/gu;
const ASCII = /^[\x20-\x7e]*$/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** A path of the tree with its leading `/`. */
export function safePath(path: TreePath): string {
  return steady(displayPath(path));
}

/** Bytes held as latin1: names, link targets, xattr values. */
export function safeBytes(latin1: string): string {
  return steady(displayBytes(latin1));
}

/** Ordinary text, such as a host name or a message. Backslashes stay single, for messages hold escaped paths. */
export function safeText(text: string): string {
  const escaped = displayBytes(Buffer.from(text, 'utf8').toString('latin1'));
  return steady(escaped.replaceAll('\\\\', '\\'));
}

/** The last line of defence, for every span that is painted: whatever slipped through becomes a visible mark. */
export function withoutControls(text: string): string {
  return text.replace(CONTROL, '\ufffd');
}

function steady(text: string): string {
  if (ASCII.test(text)) return text;
  return text.replace(UNSTEADY, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
