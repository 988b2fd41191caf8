/** ar archives, that is static libraries and .deb packages: the times and owners in their headers. */

import { FormatError } from '../../core/errors.js';
import { AR_FIELD, arKind, arMembers, type ArFieldName, type ArMember } from '../../formats/ar.js';
import { defineNormalizer, type FieldChange, type NormalizeResult } from './define.js';
import { orLeft } from './or-left.js';

export const ar = defineNormalizer({
  id: 'ar',
  version: 1,
  summary: 'Takes times, owners and modes out of the headers of static libraries, as `ar D` does.',
  rationale:
    'In libraries date, owner and group become 0 and modes 644, those of the symbol table 0, which is what `ar D` and `ranlib -D` write; linkers do not look at them. In .deb packages (first member debian-binary) owner and group become 0, modes 100644 and dates above SOURCE_DATE_EPOCH become it, as dpkg-deb writes them; their members are compressed and stay. Blank fields stay blank. Order, names, symbol table and data stay, and the byte between members is a newline. Left: thin archives, which hold no files, and what follows no header. ar(5); deb(5).',
  extensions: ['.a', '.deb', '.udeb', '.ddeb', '.lib'],
  matches: (head) => arKind(head) !== null,
  normalize: ({ bytes, sourceDateEpoch }) =>
    arKind(bytes) === 'thin'
      ? { kind: 'left', reason: 'a thin archive: its members are files elsewhere' }
      : orLeft(() => rewrite(bytes, sourceDateEpoch)),
});

const NEWLINE = 0x0a;

function rewrite(bytes: Uint8Array, epoch: number | null): NormalizeResult {
  const output = Buffer.from(bytes);
  const fields: FieldChange[] = [];
  const members = [...arMembers(bytes)];
  const isPackage = members[0]?.name === 'debian-binary';
  for (const member of members) {
    for (const [field, after] of valuesOf(member, isPackage, epoch)) {
      const [start, length] = AR_FIELD[field];
      const raw = after.padEnd(length, ' ');
      const before = output.toString(
        'latin1',
        member.offset + start,
        member.offset + start + length,
      );
      if (before === raw) continue;
      output.write(raw, member.offset + start, 'latin1');
      fields.push({
        member: member.name,
        field,
        before: shown(before, raw),
        after: shown(raw, before),
      });
    }
    fields.push(...fixFill(output, member));
  }
  return fields.length === 0 ? { kind: 'normal' } : { kind: 'changed', bytes: output, fields };
}

function valuesOf(
  member: ArMember,
  isPackage: boolean,
  epoch: number | null,
): [ArFieldName, string][] {
  const { date, uid, gid, mode, role } = member;
  const values: [ArFieldName, string][] = [];
  // GNU leaves the fields of its table of names blank: what is not there does not vary.
  const put = (field: ArFieldName, value: number | null, after: string): void => {
    if (value !== null) values.push([field, after]);
  };
  put('date', date.value, dateText(date.value ?? 0, isPackage, epoch));
  put('uid', uid.value, '0');
  put('gid', gid.value, '0');
  put('mode', mode.value, isPackage ? '100644' : role === 'file' ? '644' : '0');
  return values;
}

function dateText(seconds: number, isPackage: boolean, epoch: number | null): string {
  if (!isPackage) return '0';
  return String(epoch === null ? seconds : Math.min(seconds, Math.max(epoch, 0)));
}

/** The byte that fills up to an even offset: some writers leave what was in their memory. */
function fixFill(output: Buffer, { dataOffset, dataBytes, end, name }: ArMember): FieldChange[] {
  const at = dataOffset + dataBytes;
  const found = output[at];
  if (end === at || found === NEWLINE) return [];
  if (found !== 0 && found !== 0x20)
    throw new FormatError('ar', at, `expected a newline between members, found ${found}`);
  output[at] = NEWLINE;
  return [{ member: name, field: 'fill', before: String(found), after: String(NEWLINE) }];
}

function shown(raw: string, other: string): string {
  const text = raw.trimEnd();
  return text === other.trimEnd() ? raw : text;
}
