/** Members of cpio archives as rows: every field of their headers, and their content as parts. */

import type { FactPart, FactTable } from '../../core/facts.js';
import type { CpioMember } from '../../formats/cpio.js';
import type { MemberData } from '../../formats/stream/member-data.js';
import { RowCollector, type ColumnList } from '../common/row-collector.js';
import type { InspectContext } from '../define.js';
import type { DigitCase } from './digit-case.js';
import { slackOf } from './latin1.js';
import { memberPart } from './member-part.js';

/** Names are those of cpio(5) without the `c_`; `format` is that of other dialects than newc. */
const COLUMNS: ColumnList = [
  ['format', 'codec'],
  ['mode', 'mode'],
  ['uid', 'owner'],
  ['gid', 'owner'],
  ['mtime', 'time'],
  ['ino', 'file-system'],
  ['nlink', 'file-system'],
  ['dev', 'file-system'],
  ['rdev', 'number'],
  ['target', 'path'],
  ['check', 'checksum'],
  ['wrong check', 'opaque'],
  ['sealed check', 'secret'],
  ['zeros before', 'slack'],
  ['padding', 'slack'],
  ['file', 'number'],
];

/** A member of the payload of a package: `file` is its number in the header, where the archive has no more of it. */
export interface PayloadEntry {
  readonly raw: Uint8Array;
  readonly path: string;
  readonly offset: number;
  readonly fileIndex: number;
}

export class CpioMembers {
  readonly #members = new RowCollector('', COLUMNS);
  /** Trailers are members in every respect, but no file. */
  readonly #trailers = new RowCollector('trailers', COLUMNS);
  readonly #context: Pick<InspectContext, 'part' | 'isSecret' | 'spend' | 'keyed'>;

  constructor(context: Pick<InspectContext, 'part' | 'isSecret' | 'spend' | 'keyed'>) {
    this.#context = context;
  }

  get count(): number {
    return this.#members.length;
  }

  /** Reads the data of the member. `offset` is that of its header in the file; null where it lies in compressed data. */
  async add(
    member: CpioMember,
    data: MemberData,
    offset: number | null,
    digits: DigitCase,
  ): Promise<void> {
    this.#context.spend(1);
    const { header, path, dialect, raw } = member;
    const isText = dialect === 'newc' || dialect === 'crc';
    if (isText) digits.add(raw);
    let target: string | null = null;
    let part: FactPart | null = null;
    let isSecret = false;
    let sum = 0;
    const add = (bytes: Uint8Array): void => {
      for (const byte of bytes) sum += byte;
    };
    const seen = dialect === 'crc' ? add : null;
    if ((header.mode & TYPE_BITS) === LINK && data.size > 0 && data.size <= LONGEST_TARGET) {
      const bytes = await data.all(LONGEST_TARGET);
      seen?.(bytes);
      target = Buffer.from(bytes).toString('latin1');
    } else if (data.size > 0)
      ({ part, isSecret } = await memberPart(path, data, this.#context, seen));
    if (!data.tryFinish()) await data.finish();
    const headerBytes = HEADER_BYTES[dialect] + header.nameBytes;
    const check = dialect === 'crc' || header.check !== 0 ? header.check : null;
    // Without sums the field is zero.
    const isRight = header.check === sum >>> 0;
    const values = [
      dialect === 'newc' ? null : dialect,
      header.mode.toString(8),
      header.uid,
      header.gid,
      String(header.mtime),
      header.ino,
      header.nlink,
      `${header.devmajor}:${header.devminor}`,
      header.rdevmajor === 0 && header.rdevminor === 0
        ? null
        : `${header.rdevmajor}:${header.rdevminor}`,
      target,
      isSecret || !isRight ? null : check,
      isSecret || isRight ? null : String(header.check),
      // A sum over a secret is half of what it takes to guess it.
      isSecret && check !== null ? this.#context.keyed(Buffer.from(String(check))) : null,
      member.zerosBefore === 0 ? null : member.zerosBefore,
      slackText(slackOf(raw.subarray(headerBytes)), slackOf(data.padding)),
    ];
    const collector = member.isTrailer ? this.#trailers : this.#members;
    collector.add(path, values, offset, part);
  }

  /** A member of which the payload has nothing but the number and the data. */
  async addNumbered(entry: PayloadEntry, data: MemberData, digits: DigitCase): Promise<void> {
    this.#context.spend(1);
    digits.add(entry.raw);
    const content = data.size > 0 ? await memberPart(entry.path, data, this.#context) : null;
    if (!data.tryFinish()) await data.finish();
    const values = COLUMNS.map(([name]) => {
      if (name === 'file') return entry.fileIndex;
      if (name !== 'padding') return null;
      return slackText(slackOf(entry.raw.subarray(14)), slackOf(data.padding));
    });
    this.#members.add(entry.path, values, null, content?.part ?? null);
  }

  tables(): readonly FactTable[] {
    return [...this.#members.tables(), ...this.#trailers.tables()];
  }
}

const TYPE_BITS = 0o170000;
const LINK = 0o120000;
/** Linux takes no longer ones. */
const LONGEST_TARGET = 4096;
/** In front of the name. */
const HEADER_BYTES = { newc: 110, crc: 110, odc: 76, 'bin-le': 26, 'bin-be': 26 } as const;

/** Padding behind the name and behind the data. */
function slackText(name: string | null, data: string | null): string | null {
  return name === null && data === null ? null : `${name ?? ''}|${data ?? ''}`;
}
