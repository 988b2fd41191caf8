/** The escapes of vis(3), in which mtree(5) writes names. Bytes are latin1 characters. */

/** Every form that vis(3) of the BSDs writes; throws `RangeError` for a backslash that none of them has. */
export function unvis(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(ESCAPE, (whole, body: string | undefined) => {
    const found = body === undefined ? null : unescaped(body);
    if (found === null)
      throw new RangeError(`expected an escape of vis(3), found ${JSON.stringify(whole)}`);
    return found;
  });
}

/** Everything but letters, digits and a few signs as a backslash and three octal digits, which every reader knows. */
export function visOctal(text: string): string {
  return text.replace(
    /[^A-Za-z0-9._/+,:@%-]/g,
    (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
}

const ESCAPE = /\\(?:([0-7]{1,3}|x[0-9a-fA-F]{2}|M-[^]|M\^[^]|\^[^]|[^]))?/g;

const NAMED: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  b: '\b',
  a: '\x07',
  v: '\v',
  t: '\t',
  f: '\f',
  s: ' ',
  E: '\x1b',
  $: '',
};

function unescaped(body: string): string | null {
  if (/^[0-7]/.test(body)) return charOf(Number.parseInt(body, 8));
  if (/^x./.test(body)) return charOf(Number.parseInt(body.slice(1), 16));
  if (body.startsWith('M-') && body.length === 3) return charOf(body.charCodeAt(2) | 0x80);
  if (body.startsWith('M^') && body.length === 3) return charOf(control(body[2]!) | 0x80);
  if (body.startsWith('^') && body.length === 2) return charOf(control(body[1]!));
  return NAMED[body] ?? (/[A-Za-z]/.test(body) ? null : body);
}

function charOf(code: number): string | null {
  return code > 0xff ? null : String.fromCharCode(code);
}

function control(char: string): number {
  return char === '?' ? 0x7f : char.charCodeAt(0) & 0x1f;
}
