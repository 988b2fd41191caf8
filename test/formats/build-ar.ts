/** ar archives for tests, field by field. */

export interface ArFields {
  /** The name field as it is. */
  readonly name?: string;
  readonly date?: string;
  readonly uid?: string;
  readonly gid?: string;
  readonly mode?: string;
  readonly size?: string;
  readonly data?: string;
  readonly fill?: string;
}

export function arArchive(members: readonly ArFields[], magic = '!<arch>\n'): Buffer {
  return Buffer.from(magic + members.map(memberText).join(''), 'latin1');
}

function memberText(f: ArFields): string {
  const data = f.data ?? 'object';
  const fields = [
    (f.name ?? 'file.o/').padEnd(16),
    (f.date ?? '0').padEnd(12),
    (f.uid ?? '0').padEnd(6),
    (f.gid ?? '0').padEnd(6),
    (f.mode ?? '644').padEnd(8),
    (f.size ?? String(data.length)).padEnd(10),
  ];
  return `${fields.join('')}\`\n${data}${data.length % 2 === 0 ? '' : (f.fill ?? '\n')}`;
}
