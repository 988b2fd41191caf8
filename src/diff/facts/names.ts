/** Names of which a part was drawn by chance: `tmp.Ab3xYz`, `ccQ1w2E3.o`, `.dpkg-tmp`-like suffixes of mktemp(3). */

/**
 * What mktemp(1), tempfile modules and compilers append: six to ten characters behind `tmp`, `tmp.`, `tmp_`, six behind `cc`, or
 * six, eight or ten with capital letters among them behind a dot, a dash or an underscore.
 */
const TEMPORARY =
  /(?<![A-Za-z0-9])(tmp[._-]?|cc)([A-Za-z0-9_]{6,10})(?![A-Za-z0-9_])|(?<=[A-Za-z0-9])([._-])([A-Za-z0-9]{6}|[A-Za-z0-9]{8}|[A-Za-z0-9]{10})(?=$|\/)/g;

/** The name with what looks drawn by chance replaced by `*`; null when nothing does. */
export function withoutChance(name: string): string | null {
  return takeApart(name)?.masked ?? null;
}

/** Whether the names are one but for parts drawn by chance, which then have little in common. */
export function differByChance(before: string, after: string): boolean {
  const [a, b] = [takeApart(before), takeApart(after)];
  if (a === null || b === null || before === after || a.masked !== b.masked) return false;
  return a.drawn.every((text, i) => text === b.drawn[i] || areApart(text, b.drawn[i]!));
}

function takeApart(
  name: string,
): { readonly masked: string; readonly drawn: readonly string[] } | null {
  const drawn: string[] = [];
  const masked = name.replace(
    TEMPORARY,
    (whole, prefix?: string, behind?: string, dot?: string, suffix?: string) => {
      const text = behind ?? suffix ?? '';
      if (!isDrawn(text, prefix)) return whole;
      drawn.push(text);
      return `${prefix ?? dot ?? ''}*`;
    },
  );
  return drawn.length === 0 ? null : { masked, drawn };
}

/** Of six characters drawn from 62 hardly ever more than two agree; dates, versions and counters share most. */
function areApart(a: string, b: string): boolean {
  let shared = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) shared++;
  return shared * 3 <= a.length;
}

/**
 * Letters of both cases or letters and digits mixed: words and numbers are neither. Behind `tmp` lower case alone may do;
 * anywhere else a capital has to be there, for names of machines (`armv7l`) and short digests have none.
 */
function isDrawn(text: string, prefix: string | undefined): boolean {
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/].filter((kind) => kind.test(text)).length;
  if (prefix?.startsWith('tmp') === true) return kinds > 1 || /^[a-z_]{8}$/.test(text);
  if (kinds < 2 || /^[A-Z]?[a-z]+[0-9]{0,4}$/.test(text) || /^[A-Z]+[0-9]{1,4}$/.test(text))
    return false;
  return prefix === 'cc' || (/[A-Z]/.test(text) && !/^[0-9A-F]+$/.test(text));
}
