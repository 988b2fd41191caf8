/** ar archives: static libraries, and Debian packages, which are archives of three archives. */

import { FormatError } from '../../core/errors.js';
import type { FactProblem } from '../../core/facts.js';
import { windowAccess, type RandomAccess } from '../../core/random-access.js';
import { arKind, arMembers, type ArMember, type ArNumber } from '../../formats/ar.js';
import { fact } from '../codec/units.js';
import { regionDigest } from '../common/region-digest.js';
import { RowCollector, type ColumnList } from '../common/row-collector.js';
import { defineInspector, type InspectContext, type InspectedFacts } from '../define.js';
import { isStop } from '../engine/limits.js';
import { latin1, slackOf } from './latin1.js';

export const debInspector = defineInspector({
  id: 'deb',
  version: 1,
  summary: 'Debian packages (deb(5)): fields of the archive, and the archives in it.',
  streams: false,
  holdsMembers: true,
  claims: ({ head }) => latin1(head, 0, 21) === '!<arch>\ndebian-binary',
  inspect: async (piece, context) => inspectAr(await piece.random(), context),
});

export const arInspector = defineInspector({
  id: 'ar',
  version: 1,
  summary: 'ar archives (ar(5)), as static libraries are: every header field and every member.',
  streams: false,
  holdsMembers: true,
  claims: ({ head }) => arKind(head) === 'plain',
  inspect: async (piece, context) => inspectAr(await piece.random(), context),
});

const COLUMNS: ColumnList = [
  ['date', 'time'],
  ['uid', 'owner'],
  ['gid', 'owner'],
  ['mode', 'mode'],
  ['size', 'size'],
  ['name form', 'layout'],
  ['number forms', 'codec'],
  ['index', 'layout'],
  ['padding', 'slack'],
];

async function inspectAr(input: RandomAccess, context: InspectContext): Promise<InspectedFacts> {
  const members = new RowCollector('', COLUMNS);
  const problems: FactProblem[] = [];
  let end = MAGIC_BYTES;
  try {
    for (const member of arMembers(input)) {
      context.spend(1);
      const { role, name, dataOffset, dataBytes } = member;
      const isFile = role === 'file';
      const window = windowAccess(input, dataOffset, dataBytes);
      const part = isFile && dataBytes > 0 ? await context.part(name, window) : null;
      // Symbols and names follow from the members.
      const index = isFile ? null : regionDigest(input, { offset: dataOffset, length: dataBytes });
      const values = [
        member.date.value === null ? null : String(member.date.value),
        member.uid.value,
        member.gid.value,
        member.mode.value?.toString(8),
        member.size.value,
        nameForm(input, member),
        numberForms(member),
        index,
        padding(input, member),
      ];
      members.add(name, values, member.offset, part);
      end = member.end;
    }
  } catch (error) {
    if (!isStop(error) || members.length === 0) throw error;
    problems.push({
      offset: error instanceof FormatError ? error.offset : null,
      detail: error.message,
    });
  }
  const rest = { offset: end, length: input.size - end };
  const facts = rest.length > 0 ? [fact('rest', 'opaque', regionDigest(input, rest), end)] : [];
  return { facts, tables: members.tables(), problems };
}

const MAGIC_BYTES = 8;

/** Names as most have them end with a slash or with spaces; others are in a table, or in front of the data. */
function nameForm(
  input: RandomAccess,
  { name, rawName, role, offset, dataOffset }: ArMember,
): string | null {
  const trimmed = rawName.replace(/ +$/, '');
  if (role !== 'file' && trimmed === name) return null;
  if (rawName === `${name}/`.padEnd(16)) return null;
  if (rawName === name.padEnd(16)) return 'without a slash';
  const inFront = input.read(offset + HEADER, dataOffset - offset - HEADER);
  const zeros = inFront.length - name.length;
  return inFront.length === 0 ? trimmed : `${trimmed} and ${zeros} zeros`;
}

const HEADER = 60;

function numberForms(member: ArMember): string | null {
  const forms = NUMBERS.flatMap((name) => {
    const { raw, value } = member[name];
    const usual = usualText(member[name], name === 'mode' ? 8 : 10);
    return raw === usual ? [] : [`${name}=${value === null ? 'blank' : JSON.stringify(raw)}`];
  });
  return forms.length === 0 ? null : forms.join(' ');
}

const NUMBERS = ['date', 'uid', 'gid', 'mode', 'size'] as const;

function usualText({ raw, value }: ArNumber, radix: number): string | null {
  return value === null ? null : value.toString(radix).padEnd(raw.length);
}

/** A newline fills up to an even offset; a lone last byte may be missing. */
function padding(input: RandomAccess, { dataOffset, dataBytes, end }: ArMember): string | null {
  const bytes = input.read(dataOffset + dataBytes, end - dataOffset - dataBytes);
  if (bytes.length === 0) return dataOffset + dataBytes === end && end % 2 === 1 ? 'missing' : null;
  return bytes[0] === 0x0a ? null : (slackOf(bytes) ?? '00');
}
