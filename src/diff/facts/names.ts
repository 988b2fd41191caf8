/** Names of which a part was drawn by chance: `tmp.Ab3xYz`, `ccQ1w2E3.o`, `.dpkg-tmp`-like suffixes of mktemp(3). */

/**
 * What mktemp(1), tempfile modules and compilers append: six to ten characters with a capital letter or digit among them behind
 * `tmp`, `tmp.`, `tmp_`, a dot, or six behind `cc`.
 */
const TEMPORARY =
  /(?<![A-Za-z0-9])(tmp[._-]?|cc)([A-Za-z0-9_]{6,10})(?![A-Za-z0-9_])|(?<=[a-z0-9])([.-])([A-Za-z0-9]{6}|[A-Za-z0-9]{8}|[A-Za-z0-9]{10})(?=$|\/)/g;

/** The name with what looks drawn by chance replaced by `*`; null when nothing does. */
export function withoutChance(name: string): string | null {
  let isTemporary = false;
  const masked = name.replace(
    TEMPORARY,
    (whole, prefix?: string, drawn?: string, dot?: string, suffix?: string) => {
      const text = drawn ?? suffix ?? '';
      if (!isDrawn(text, prefix)) return whole;
      isTemporary = true;
      return `${prefix ?? dot ?? ''}*`;
    },
  );
  return isTemporary ? masked : null;
}

/** Letters of both cases or letters and digits mixed: words and numbers are neither. Behind `tmp` lower case alone may do. */
function isDrawn(text: string, prefix: string | undefined): boolean {
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/].filter((kind) => kind.test(text)).length;
  if (prefix?.startsWith('tmp') === true) return kinds > 1 || /^[a-z_]{8}$/.test(text);
  return kinds > 1 && !/^[A-Z]?[a-z]+$/.test(text) && !/^[a-z]+[0-9]{1,4}$/.test(text);
}
