/** Bytes of a terminal in raw mode -> names of keys (ECMA-48 control sequences as xterm, tmux and the Linux console send them). */

/**
 * A printable character as itself, otherwise a name: `up`, `pagedown`, `enter`, `shift-tab`, `ctrl-c`, `space` ...
 * Sequences that are not known are dropped.
 */
export type Key = string;

export interface DecodedKeys {
  readonly keys: readonly Key[];
  /** Beginning of a sequence whose end has not arrived; to be put before the next chunk. */
  readonly rest: string;
}

const FINAL_LETTERS: Readonly<Record<string, Key>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  Z: 'shift-tab',
};

const TILDE_NUMBERS: Readonly<Record<string, Key>> = {
  '1': 'home',
  '3': 'delete',
  '4': 'end',
  '5': 'pageup',
  '6': 'pagedown',
  '7': 'home',
  '8': 'end',
};

// The Linux console sends ESC [ [ A for F1; the second bracket is no parameter.
const SEQUENCE = /^\u001b(?:O([ -~])|\[(\[[A-Z]|[0-?]*[ -/]*[@-Z\\-~]))/;
const UNFINISHED = /^\u001b(?:O|\[\[?[0-?]*[ -/]*)?$/;

/** Decodes a chunk of UTF-8 text. `isComplete`: nothing more will come, so a lone ESC is the Escape key. */
export function decodeKeys(chunk: string, isComplete = false): DecodedKeys {
  const keys: Key[] = [];
  let at = 0;
  while (at < chunk.length) {
    const rest = chunk.slice(at, at + 64);
    if (rest[0] === '\u001b') {
      const sequence = SEQUENCE.exec(rest);
      if (sequence !== null) {
        const key = keyOfSequence(sequence[1] ?? sequence[2]!);
        if (key !== null) keys.push(key);
        at += sequence[0].length;
        continue;
      }
      if (!isComplete && UNFINISHED.test(rest)) return { keys, rest: chunk.slice(at) };
    }
    const character = String.fromCodePoint(chunk.codePointAt(at)!);
    const key = keyOfCharacter(character);
    if (key !== null) keys.push(key);
    at += character.length;
  }
  return { keys, rest: '' };
}

function keyOfSequence(body: string): Key | null {
  const tilde = /^(\d+)(?:;\d+)?~$/.exec(body);
  if (tilde !== null) return TILDE_NUMBERS[tilde[1]!] ?? null;
  const letter = /^(?:1;\d+)?([A-Z])$/.exec(body);
  return letter === null ? null : (FINAL_LETTERS[letter[1]!] ?? null);
}

function keyOfCharacter(character: string): Key | null {
  const named = NAMED[character];
  if (named !== undefined) return named;
  const code = character.codePointAt(0)!;
  if (code <= 0x1a) return `ctrl-${String.fromCharCode(code + 0x60)}`;
  return code < 0x20 || (code >= 0x7f && code < 0xa0) ? null : character;
}

const NAMED: Readonly<Record<string, Key>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\u007f': 'backspace',
  '\u001b': 'escape',
  ' ': 'space',
};
