/** Brace expansion of globs: `a{b,c{d,e}}` is `ab`, `acd`, `ace`. Braces inside `[...]` and after `\` are literal. */

/** More alternatives than anybody writes by hand. */
const MAX_ALTERNATIVES = 4096;

/** All alternatives, in the order written. Throws `RangeError` when a brace is not closed. */
export function expandBraces(glob: string, shown = glob): readonly string[] {
  const open = nextSpecial(glob, 0, '{');
  if (open < 0) return [glob];
  const { parts, end } = splitBraces(glob, open, shown);
  const head = glob.slice(0, open);
  const tails = expandBraces(glob.slice(end + 1), shown);
  const middles = parts.flatMap((part) => expandBraces(part, shown));
  if (middles.length * tails.length > MAX_ALTERNATIVES)
    throw new RangeError(`glob ${shown}: more than ${MAX_ALTERNATIVES} alternatives`);
  return middles.flatMap((middle) => tails.map((tail) => head + middle + tail));
}

function splitBraces(glob: string, open: number, shown: string): { parts: string[]; end: number } {
  const parts: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let i = nextSpecial(glob, open + 1, '{,}'); i >= 0; i = nextSpecial(glob, i + 1, '{,}')) {
    if (glob[i] === '{') depth++;
    else if (glob[i] === '}' && depth > 0) depth--;
    else if (depth === 0) {
      parts.push(glob.slice(start, i));
      start = i + 1;
      if (glob[i] === '}') return { parts, end: i };
    }
  }
  throw new RangeError(`glob ${shown}: '{' at ${open} has no '}'`);
}

/** Index of the next of these characters that is neither escaped nor inside a class; -1 for none. */
function nextSpecial(glob: string, from: number, characters: string): number {
  for (let i = from; i < glob.length; i++) {
    if (glob[i] === '\\') i++;
    else if (glob[i] === '[') {
      const first = glob[i + 1] === '!' || glob[i + 1] === '^' ? i + 2 : i + 1;
      const end = glob.indexOf(']', first + 1);
      if (end > 0) i = end;
    } else if (characters.includes(glob[i]!)) return i;
  }
  return -1;
}
