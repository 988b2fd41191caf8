/** The lines of an account file as rows: names, numbers and paths as they are, passwords as keyed digests. */

import type { Fact, FactColumn, FactKind, FactRow, FactValue } from '../../core/facts.js';
import {
  ACCOUNT_FIELDS,
  readAccountLines,
  type AccountFileKind,
  type AccountLine,
} from '../../formats/passwd.js';
import { shortDigest } from '../common/short-digest.js';
import type { InspectContext, InspectedFacts } from '../define.js';

const KINDS: Readonly<Record<string, FactKind>> = {
  uid: 'owner',
  gid: 'owner',
  gecos: 'opaque',
  home: 'path',
  shell: 'path',
  members: 'owner',
  administrators: 'owner',
  changed: 'time',
  expire: 'time',
  min: 'number',
  max: 'number',
  warn: 'number',
  inactive: 'number',
  flag: 'number',
};
/** Marks of an account that has no password here; a hash may follow those of one that is locked. */
const MARK = /^(?:x$|\*+|!+\*?|)/;
const NUMBER = /^(?:0|[1-9]\d{0,8})$/;
const NAMES = /^[\w.$@-]*(?:,[\w.$@-]+)*$/;
const PATH = /^(?:\/[\w.+@%~,-]*)*$/;
const SECONDS_PER_DAY = 86_400;

export function accountFacts(
  kind: AccountFileKind,
  bytes: Uint8Array,
  context: Pick<InspectContext, 'spend' | 'keyed'>,
): InspectedFacts {
  const lines = readAccountLines(kind, bytes);
  context.spend(lines.length);
  const isSecret = kind === 'shadow' || kind === 'gshadow';
  // In a file of secrets a line of unknown form may hold one.
  const hidden = (text: string): string =>
    isSecret ? context.keyed(Buffer.from(text, 'latin1')) : shortDigest(text);
  const entries = lines.filter((line) => isWhole(kind, line));
  const others = lines.filter((line) => !isWhole(kind, line));
  const told = ACCOUNT_FIELDS[kind].slice(2);
  const columns: FactColumn[] = [
    { name: 'lock', kind: 'text' },
    { name: 'password', kind: 'secret' },
    ...told.map((name) => ({ name, kind: KINDS[name] ?? 'opaque' })),
  ];
  return {
    facts: [
      ...otherLines(kind, lines, others, isSecret, hidden),
      ...(lines.at(-1)?.hasNewline === false
        ? [{ name: 'last newline', kind: 'layout', value: 'missing', offset: null } as const]
        : []),
    ],
    tables: [
      {
        name: kind,
        ordered: true,
        columns,
        rows: entries.map((line): FactRow => {
          const [name, password, ...rest] = line.fields.map(({ text }) => text);
          const mark = MARK.exec(password ?? '')?.[0] ?? '';
          const hash = (password ?? '').slice(mark.length);
          return {
            key: name ?? '',
            values: [
              mark,
              hash === '' ? null : context.keyed(Buffer.from(hash, 'latin1')),
              ...told.map((field, i) => fieldValue(field, rest[i] ?? '', hidden)),
            ],
            offset: line.offset,
            part: null,
          };
        }),
      },
    ],
  };
}

function isWhole(kind: AccountFileKind, { kind: found, fields }: AccountLine): boolean {
  return found === 'entry' && fields.length === ACCOUNT_FIELDS[kind].length;
}

/** Comments and empty lines, and where they stand. */
function otherLines(
  kind: AccountFileKind,
  lines: readonly AccountLine[],
  others: readonly AccountLine[],
  isSecret: boolean,
  hidden: (text: string) => string,
): readonly Fact[] {
  if (others.length === 0) return [];
  const texts = others.map(({ fields }) => fields.map(({ text }) => text).join(':'));
  const form = lines.map((line) => (isWhole(kind, line) ? '.' : '#')).join('');
  return [
    {
      name: 'other lines',
      kind: isSecret ? 'secret' : 'opaque',
      value: hidden(texts.join('\n')),
      offset: others[0]!.offset,
    },
    { name: 'line kinds', kind: 'layout', value: shortDigest(form), offset: null },
  ];
}

/** Only what cannot be anything but a number, a list of names, a path is told as it is. */
function fieldValue(field: string, text: string, hidden: (text: string) => string): FactValue {
  const kind = KINDS[field];
  if (text === '') return null;
  if (kind === 'time' && NUMBER.test(text)) return String(Number(text) * SECONDS_PER_DAY);
  if (NUMBER.test(text) && kind !== 'opaque') return Number(text);
  if (kind === 'owner' && NAMES.test(text)) return text;
  if (kind === 'path' && PATH.test(text)) return text;
  return `#${hidden(text)}`;
}
