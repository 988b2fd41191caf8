/** Members of tar archives as rows: every field of their headers and extension headers, and their content as parts. */

import type { FactPart, FactTable, FactValue } from '../../core/facts.js';
import type { StreamedMember } from '../../formats/stream/archive-stream.js';
import { paxValue, type PaxRecord } from '../../formats/tar-pax.js';
import type { TarHeader } from '../../formats/tar-header.js';
import type { TarExtension, TarMember } from '../../formats/tar-steps.js';
import { tarNumberAt } from '../../formats/tar-header.js';
import { RowCollector, type ColumnList } from '../common/row-collector.js';
import { shortDigest } from '../common/short-digest.js';
import type { InspectContext } from '../define.js';
import { slackOf } from './latin1.js';
import { memberPart } from './member-part.js';
import { headerSlack, numberForms, SPARSE_MAP } from './tar-form.js';

/** Names are those of POSIX' ustar header. */
const HEADER_COLUMNS: ColumnList = [
  ['typeflag', 'text'],
  ['mode', 'mode'],
  ['uid', 'owner'],
  ['gid', 'owner'],
  ['uname', 'owner'],
  ['gname', 'owner'],
  ['mtime', 'time'],
  ['size', 'size'],
  ['linkname', 'path'],
  ['device', 'number'],
  ['magic', 'codec'],
  ['number forms', 'codec'],
  ['checksum', 'checksum'],
  ['slack', 'slack'],
  ['name in header', 'path'],
];

const MEMBER_COLUMNS: ColumnList = [
  ...HEADER_COLUMNS,
  ['split prefix', 'codec'],
  ['gnu atime', 'time'],
  ['gnu ctime', 'time'],
  ['sparse map', 'layout'],
  ['pax mtime', 'time'],
  ['pax atime', 'time'],
  ['pax ctime', 'time'],
  ['pax creation time', 'time'],
  ['pax uid', 'owner'],
  ['pax gid', 'owner'],
  ['pax uname', 'owner'],
  ['pax gname', 'owner'],
  ['pax path', 'path'],
  ['pax linkpath', 'path'],
  ['pax size', 'size'],
  ['pax xattrs', 'opaque'],
  ['pax keys', 'text'],
  ['pax others', 'opaque'],
  ['zeros before', 'slack'],
  ['padding', 'slack'],
];

const EXTENSION_COLUMNS: ColumnList = [...HEADER_COLUMNS, ['text', 'opaque'], ['padding', 'slack']];

export class TarMembers {
  readonly #members = new RowCollector('', MEMBER_COLUMNS);
  /** Headers of the type `x`, `g`, `L` or `K`, by the member that they belong to. */
  readonly #extensions = new RowCollector('extended headers', EXTENSION_COLUMNS);
  readonly #globals = new RowCollector('global records', [
    ['value', 'opaque'],
    ['time', 'time'],
  ]);
  readonly #context: Pick<InspectContext, 'part' | 'isSecret' | 'spend'>;

  constructor(context: Pick<InspectContext, 'part' | 'isSecret' | 'spend'>) {
    this.#context = context;
  }

  get count(): number {
    return this.#members.length;
  }

  async add({ member, data }: StreamedMember<TarMember>): Promise<void> {
    this.#context.spend(1 + member.extensions.length);
    const { path, header, extensions } = member;
    this.extensions(path, extensions);
    let part: FactPart | null = null;
    if (data.size > 0) ({ part } = await memberPart(path, data, this.#context));
    if (!data.tryFinish()) await data.finish();
    const values: FactValue[] = headerValues(header, member.block);
    const own = header.prefix === '' ? header.name : `${header.prefix}/${header.name}`;
    values[NAME] = own === path ? null : own;
    // The size of a part is told with it.
    if (header.size.value === data.size) values[SIZE] = null;
    values.push(
      header.prefix === '' ? null : header.prefix.length,
      ...gnuTimes(member),
      sparseMap(member),
      ...paxValues(extensions, path),
      member.zerosBefore === 0 ? null : member.zerosBefore,
      slackOf(data.padding),
    );
    this.#members.add(path, values, member.offset, part);
  }

  /** Extension headers in front of a member, or at the end. */
  extensions(path: string, extensions: readonly TarExtension[]): void {
    for (const extension of extensions) {
      const { header, raw, kind } = extension;
      const block = Buffer.from(raw.buffer, raw.byteOffset, 512);
      const values = headerValues(header, block);
      values[NAME] = header.prefix === '' ? header.name : `${header.prefix}|${header.name}`;
      const end = 512 + header.size.value;
      // The long name is the path of the member, mostly; what stands behind its NUL is not.
      values.push(
        kind === 'long-name' || kind === 'long-link' ? shortDigest(raw.subarray(512, end)) : null,
        slackOf(raw.subarray(end)),
      );
      const key = kind === 'global' ? '(global)' : path;
      this.#extensions.add(key, values, header.offset, null);
      if (kind !== 'global') continue;
      for (const { key: name, value, offset } of extension.records) {
        const isTime = TIME_KEYS.test(name);
        this.#globals.add(name, isTime ? [null, value] : [shown(value), null], offset, null);
      }
    }
  }

  tables(): readonly FactTable[] {
    return [...this.#members.tables(), ...this.#extensions.tables(), ...this.#globals.tables()];
  }
}

const SIZE = HEADER_COLUMNS.findIndex(([name]) => name === 'size');
const NAME = HEADER_COLUMNS.findIndex(([name]) => name === 'name in header');
const MAGICS = new Map([
  ['ustar\x0000', null],
  ['ustar  \0', 'gnu'],
  ['\0\0\0\0\0\0\0\0', 'v7'],
]);

/** In the order of the columns. */
function headerValues(header: TarHeader, block: Buffer): FactValue[] {
  const { devmajor, devminor, magic } = header;
  const isDevice = devmajor.value !== 0 || devminor.value !== 0;
  const known = MAGICS.get(magic);
  return [
    header.typeflag === '0' ? null : header.typeflag,
    header.mode.value.toString(8),
    header.uid.value,
    header.gid.value,
    header.uname || null,
    header.gname || null,
    String(header.mtime.value),
    header.size.value,
    header.linkname || null,
    isDevice ? `${devmajor.value}:${devminor.value}` : null,
    known === undefined ? magic : known,
    numberForms(header),
    header.checksumKind === 'signed' ? `${header.checksum.value} signed` : header.checksum.value,
    headerSlack(block, header),
    null,
  ];
}

/** Old GNU headers have access and change times where ustar has the prefix. */
function gnuTimes({ header, block }: TarMember): readonly FactValue[] {
  if (header.dialect !== 'gnu') return [null, null];
  return [345, 357].map((start) => {
    const raw = block.subarray(start, start + 12);
    if (raw.every((byte) => byte === 0)) return null;
    try {
      const number = tarNumberAt(block, start, 12, header.offset);
      const usual = `${number.value.toString(8).padStart(11, '0')}\0`;
      if (number.raw === usual) return String(number.value);
    } catch {
      // Whatever else is there is told as it is.
    }
    return raw.toString('hex');
  });
}

function sparseMap({ header, block, map }: TarMember): string | null {
  if (header.typeflag === 'S')
    return shortDigest(block.subarray(SPARSE_MAP.start, SPARSE_MAP.end), map);
  return map.length === 0 ? null : shortDigest(map);
}

const TIME_KEYS = /^(?:mtime|atime|ctime|LIBARCHIVE\.creationtime)$/;
const KNOWN = [
  'mtime',
  'atime',
  'ctime',
  'LIBARCHIVE.creationtime',
  'uid',
  'gid',
  'uname',
  'gname',
  'path',
  'linkpath',
  'size',
] as const;
const KNOWN_KEYS: ReadonlySet<string> = new Set(KNOWN);
const NO_PAX: readonly null[] = [...KNOWN, '', '', ''].map(() => null);
/** Extended attributes as star, libarchive, Go and GNU tar write them. */
const XATTR = /^(?:SCHILY\.xattr|LIBARCHIVE\.xattr|SCHILY\.acl|RHT\.security)\b/;

/** Values of known keys, then attributes, the keys in their order, and all others. */
function paxValues(extensions: readonly TarExtension[], path: string): readonly FactValue[] {
  const records = extensions.flatMap((each) => (each.kind === 'pax' ? each.records : []));
  if (records.length === 0) return NO_PAX;
  // Of several records of one key only the last one counts: the others are told with the rest.
  const counted = new Set(
    KNOWN.map((key) => records.findLastIndex((record) => record.key === key)),
  );
  const rest = records.filter((record, i) => !KNOWN_KEYS.has(record.key) || !counted.has(i));
  const xattrs = rest.filter(({ key }) => XATTR.test(key));
  const others = rest.filter(({ key }) => !XATTR.test(key));
  return [
    ...KNOWN.map((key) => {
      const value = paxValue(records, key);
      return key === 'path' && value === path ? null : value;
    }),
    recordsText(xattrs),
    keysText(records),
    recordsText(others),
  ];
}

const LONGEST_TEXT = 256;

function keysText(records: readonly PaxRecord[]): string {
  const text = records.map(({ key }) => key).join(' ');
  return text.length <= LONGEST_TEXT ? text : shortDigest(text);
}

/** Digests: what is in a record of a key that is not known may be anything. */
function recordsText(records: readonly PaxRecord[]): string | null {
  if (records.length === 0) return null;
  return shortDigest(records.map(({ key, value }) => `${key}=${value}`).join('\n'));
}

function shown(value: string): string {
  return shortDigest(value);
}
