/** cpio archives for tests, field by field. */

export type CpioDialectName = 'newc' | 'crc' | 'odc' | 'bin-le' | 'bin-be';

export interface CpioFields {
  readonly name?: string;
  readonly ino?: number;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly nlink?: number;
  readonly mtime?: number;
  readonly dev?: number;
  readonly devmajor?: number;
  readonly rdev?: number;
  readonly rdevmajor?: number;
  readonly check?: number;
  readonly data?: string;
  readonly padding?: number;
  readonly lowerCase?: boolean;
}

/** One member with its padding. */
export function cpioMember(dialect: CpioDialectName, f: CpioFields = {}): Buffer {
  const data = Buffer.from(f.data ?? '', 'latin1');
  const name = Buffer.from(`${f.name ?? 'file'}\0`, 'latin1');
  const { ino = 1, mode = 0o100644, uid = 0, gid = 0, nlink = 1, mtime = 0, dev = 0, rdev = 0 } = f;
  const fill = f.padding ?? 0;
  if (dialect === 'newc' || dialect === 'crc') {
    const values = [ino, mode, uid, gid, nlink, mtime, data.length, f.devmajor ?? 0, dev];
    const rest = [f.rdevmajor ?? 0, rdev, name.length, f.check ?? 0];
    const hex = [...values, ...rest].map((value) => value.toString(16).padStart(8, '0')).join('');
    const digits = f.lowerCase === true ? hex : hex.toUpperCase();
    const head = Buffer.from((dialect === 'newc' ? '070701' : '070702') + digits);
    return Buffer.concat([pad(Buffer.concat([head, name]), 4, 0), pad(data, 4, fill)]);
  }
  if (dialect === 'odc') {
    const octal = (value: number, width: number): string => value.toString(8).padStart(width, '0');
    const head = [dev, ino, mode, uid, gid, nlink, rdev].map((value) => octal(value, 6)).join('');
    const tail = octal(mtime, 11) + octal(name.length, 6) + octal(data.length, 11);
    return Buffer.concat([Buffer.from(`070707${head}${tail}`), name, data]);
  }
  const head = Buffer.alloc(26);
  const words = [0o070707, dev, ino, mode, uid, gid, nlink, rdev];
  const tail = [
    mtime >>> 16,
    mtime & 0xffff,
    name.length,
    data.length >>> 16,
    data.length & 0xffff,
  ];
  for (const [i, word] of [...words, ...tail].entries())
    if (dialect === 'bin-le') head.writeUInt16LE(word, i * 2);
    else head.writeUInt16BE(word, i * 2);
  return Buffer.concat([pad(Buffer.concat([head, name]), 2, 0), pad(data, 2, fill)]);
}

/** Members and the trailer, filled up with zeros to `record` bytes. */
export function cpioArchive(
  dialect: CpioDialectName,
  members: readonly CpioFields[],
  record = 4,
): Buffer {
  const trailer: CpioFields = { name: 'TRAILER!!!', ino: 0, mode: 0 };
  const all = [...members, trailer].map((fields) => cpioMember(dialect, fields));
  return pad(Buffer.concat(all), record, 0);
}

function pad(bytes: Buffer, align: number, fill: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((align - (bytes.length % align)) % align, fill)]);
}
