/**
 * Lines of files of sections and keys: the syntax that systemd.syntax(7), the Desktop Entry Specification, INI files and TOML
 * have in common. A value that goes on over lines, by indentation, a backslash or an open bracket, is one value.
 */

export interface IniLine {
  readonly kind: 'section' | 'key' | 'comment' | 'empty';
  readonly offset: number;
  /** The line, or lines, as they stand, without the last line end. */
  readonly raw: string;
  /** The section it is in. */
  readonly section: string;
  /** Empty but for keys, as the next three are: white space before the key, the key, what separates it, the value. */
  readonly before: string;
  readonly key: string;
  readonly between: string;
  readonly value: string;
}

/** Null when some line is none of these. The text has one character per byte. */
export function readIniLines(text: string): readonly IniLine[] | null {
  const lines: IniLine[] = [];
  let section = '';
  let offset = 0;
  for (const raw of text.split('\n')) {
    const last = lines.at(-1);
    const line = { offset, raw, section, before: '', key: '', between: '', value: '' };
    offset += raw.length + 1;
    if (last !== undefined && continues(last, raw)) {
      lines[lines.length - 1] = {
        ...last,
        raw: `${last.raw}\n${raw}`,
        value: `${last.value}\n${raw}`,
      };
      // A value of many lines is joined again for each: such a file is no configuration.
      if (last.value.length > LONGEST) return null;
      continue;
    }
    const header = /^\[{1,2}([^\]\n]*)\]{1,2}[ \t]*(?:#.*)?\r?$/.exec(raw);
    const pair = /^([ \t]*)([^\s=:#;[][^=:\n]*?)([ \t]*[=:][ \t]*)(.*)$/s.exec(raw);
    if (/^[ \t\r]*$/.test(raw)) lines.push({ ...line, kind: 'empty' });
    else if (/^[ \t]*[#;]/.test(raw)) lines.push({ ...line, kind: 'comment' });
    else if (header !== null) {
      section = header[1]!;
      lines.push({ ...line, kind: 'section', section });
    } else if (pair !== null && !/\s{2}/.test(pair[2]!)) {
      const [, before, key, between, value] = pair;
      lines.push({
        ...line,
        kind: 'key',
        before: before!,
        key: key!,
        between: between!,
        value: value!,
      });
    } else return null;
  }
  return lines;
}

const LONGEST = 64 * 1024;

function continues({ kind, value }: IniLine, next: string): boolean {
  if (kind !== 'key') return false;
  if (value.endsWith('\\')) return true;
  const quotes = value.split(/"""|'''/).length - 1;
  if (quotes % 2 === 1) return true;
  if (value.startsWith('[') && !/\][ \t]*(?:#.*)?\r?$/.test(value)) return true;
  return (
    /^[ \t]+\S/.test(next) && !/^[ \t]+[#;]/.test(next) && !/^[ \t]+[^\s=:]+[ \t]*=/.test(next)
  );
}
