/** passwd(5), group(5), shadow(5) and gshadow(5): lines of fields between colons. Every byte is in a line or ends one. */

export type AccountFileKind = keyof typeof ACCOUNT_FIELDS;

/** Names of the fields by their places. */
export const ACCOUNT_FIELDS = {
  passwd: ['name', 'password', 'uid', 'gid', 'gecos', 'home', 'shell'],
  group: ['name', 'password', 'gid', 'members'],
  shadow: ['name', 'password', 'changed', 'min', 'max', 'warn', 'inactive', 'expire', 'flag'],
  gshadow: ['name', 'password', 'administrators', 'members'],
} as const satisfies Record<string, readonly string[]>;

export interface AccountField {
  /** As in `ACCOUNT_FIELDS`; fields beyond are named by their number from 1 on. */
  readonly name: string;
  readonly offset: number;
  /** Latin1. */
  readonly text: string;
}

export interface AccountLine {
  /** From 1 on. */
  readonly number: number;
  readonly offset: number;
  /** Bytes without the newline. */
  readonly length: number;
  /** False for a last line without a newline. */
  readonly hasNewline: boolean;
  /** `other`: empty, a comment, or a number of fields that an entry has not. NIS entries (`+`, `-`) are entries. */
  readonly kind: 'entry' | 'other';
  readonly fields: readonly AccountField[];
}

/** The lines of an account file; no opinion about which of their fields are secrets. */
export function readAccountLines(kind: AccountFileKind, bytes: Uint8Array): readonly AccountLine[] {
  const lines: AccountLine[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const newline = bytes.indexOf(0x0a, offset);
    const end = newline < 0 ? bytes.length : newline;
    const text = Buffer.from(bytes.subarray(offset, end)).toString('latin1');
    lines.push({
      number: lines.length + 1,
      offset,
      length: end - offset,
      hasNewline: newline >= 0,
      kind: isEntry(kind, text) ? 'entry' : 'other',
      fields: fieldsOf(kind, text, offset),
    });
    offset = end + 1;
  }
  return lines;
}

/** The text of a named field of a line; undefined where the line has no such field. */
export function accountField(line: AccountLine, name: string): string | undefined {
  return line.fields.find((field) => field.name === name)?.text;
}

/** Which account file a path is, backups (`passwd-`) as well; null for any other. */
export function accountFileKind(path: string): AccountFileKind | null {
  const match = /(?:^|\/)(passwd|group|shadow|gshadow)-?$/.exec(path);
  return match === null ? null : (match[1] as AccountFileKind);
}

function isEntry(kind: AccountFileKind, text: string): boolean {
  if (text === '' || text.startsWith('#')) return false;
  return /^[+-]/.test(text) || text.split(':').length === ACCOUNT_FIELDS[kind].length;
}

function fieldsOf(kind: AccountFileKind, text: string, start: number): readonly AccountField[] {
  const names: readonly string[] = ACCOUNT_FIELDS[kind];
  let offset = start;
  return text.split(':').map((field, i) => {
    const found = { name: names[i] ?? String(i + 1), offset, text: field };
    offset += field.length + 1;
    return found;
  });
}
