/** os-release(5): `KEY=value` lines with the quoting of the shell. */

export interface OsReleaseLine {
  /** From 1 on. */
  readonly number: number;
  readonly offset: number;
  /** Bytes without the newline. */
  readonly length: number;
  /** False for a last line without a newline. */
  readonly hasNewline: boolean;
  /** Null for comments, empty lines and anything else. */
  readonly key: string | null;
  /** Without quotes, in UTF-8; the whole line, where there is no key. */
  readonly value: string;
  /** The line as it stands, latin1. */
  readonly raw: string;
}

/** All lines of the file. */
export function readOsReleaseLines(bytes: Uint8Array): readonly OsReleaseLine[] {
  const lines: OsReleaseLine[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const newline = bytes.indexOf(0x0a, offset);
    const end = newline < 0 ? bytes.length : newline;
    const line = Buffer.from(bytes.subarray(offset, end));
    const field = parseLine(line.toString('utf8'));
    lines.push({
      number: lines.length + 1,
      offset,
      length: end - offset,
      hasNewline: newline >= 0,
      key: field?.key ?? null,
      value: field?.value ?? line.toString('utf8'),
      raw: line.toString('latin1'),
    });
    offset = end + 1;
  }
  return lines;
}

/** The fields alone, the last one of a key; comments and anything else are passed over. */
export function parseOsRelease(text: string): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const field = parseLine(line);
    if (field !== null) fields[field.key] = field.value;
  }
  return fields;
}

function parseLine(line: string): { readonly key: string; readonly value: string } | null {
  const match = /^([A-Z0-9_]+)=(.*)$/.exec(line.trim());
  return match === null ? null : { key: match[1]!, value: unquote(match[2]!) };
}

function unquote(value: string): string {
  const quoted = /^(["'])(.*)\1$/s.exec(value);
  if (quoted === null) return value;
  return quoted[1] === "'" ? quoted[2]! : quoted[2]!.replace(/\\([\\"`$])/g, '$1');
}
