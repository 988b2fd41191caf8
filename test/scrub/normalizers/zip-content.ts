/** What an archive says to who unpacks it, read by code that is not the normaliser's. */

import { inflateRawSync } from 'node:zlib';

/**
 * Everything but what may vary: times, owners, permissions the umask decides, host, order, forms of headers. Null where
 * a plain reader finds no archive.
 */
export function zipContent(bytes: Uint8Array): unknown {
  try {
    return readContent(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function readContent(file: Buffer): unknown {
  const end = file.lastIndexOf('PK\x05\x06');
  if (end < 0) return null;
  const wide = end >= 20 && file.readUInt32LE(end - 20) === 0x07064b50;
  const first = wide ? end - 76 : end;
  const size = wide ? big(file, first + 40) : file.readUInt32LE(end + 12);
  const stored = wide ? big(file, first + 48) : file.readUInt32LE(end + 16);
  const count = wide ? big(file, first + 32) : file.readUInt16LE(end + 10);
  let at = first - size;
  const base = at - stored;
  const entries: unknown[] = [];
  let lowest = at;
  for (let i = 0; i < count; i++) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((k) =>
      file.readUInt16LE(at + k),
    );
    const name = file.toString('latin1', at + 46, at + 46 + nameLength!);
    const extra = extras(
      file.subarray(at + 46 + nameLength!, at + 46 + nameLength! + extraLength!),
    );
    const values = zip64(
      extra.get(1),
      [24, 20, 42].map((k) => file.readUInt32LE(at + k)),
    );
    const [plain, packed, offset] = values as [number, number, number];
    const local = offset + base;
    lowest = Math.min(lowest, local);
    const localEnd = local + 30 + file.readUInt16LE(local + 26);
    const localExtra = extras(file.subarray(localEnd, localEnd + file.readUInt16LE(local + 28)));
    const dataAt = localEnd + file.readUInt16LE(local + 28);
    const method = file.readUInt16LE(at + 10);
    const data = file.subarray(dataAt, dataAt + packed);
    const attributes = file.readUInt32LE(at + 38);
    const type = attributes >>> 28;
    entries.push({
      name,
      localName: file.toString('latin1', local + 30, localEnd),
      utf8: /[\x80-\xff]/.test(name) && (file.readUInt16LE(at + 8) & (1 << 11)) !== 0,
      method,
      crc: file.readUInt32LE(at + 16),
      size: plain,
      data: method === 8 ? inflated(data) : data.toString('base64'),
      comment: file
        .toString('latin1', at + 46 + nameLength! + extraLength!)
        .slice(0, commentLength),
      internal: file.readUInt16LE(at + 36),
      executable: !name.endsWith('/') && ((attributes >>> 16) & 0o100) !== 0,
      type: type === 0 || type === 4 ? 8 : type,
      special: (attributes >>> 16) & 0o7000,
      hidden: attributes & 6,
      extra: telling(extra),
      localExtra: telling(localExtra),
    });
    at += 46 + nameLength! + extraLength! + commentLength!;
  }
  const text = (entry: unknown): string => JSON.stringify(entry);
  return {
    entries: entries.sort((a, b) => (text(a) < text(b) ? -1 : 1)),
    prefix: file.toString('latin1', 0, count === 0 ? first - size : lowest),
    tail: file.toString('latin1', end + 20),
  };
}

function big(file: Buffer, at: number): number {
  return Number(file.readBigUInt64LE(at));
}

function extras(field: Buffer): Map<number, Buffer> {
  const records = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= field.length;) {
    const length = field.readUInt16LE(at + 2);
    records.set(field.readUInt16LE(at), field.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return records;
}

function zip64(record: Buffer | undefined, values: readonly number[]): number[] {
  let used = 0;
  return values.map((value) => {
    if (value !== 0xffffffff || record === undefined) return value;
    used += 8;
    return big(record, used - 8);
  });
}

/** Extra fields that are no times, owners, zip64 or padding; of the aligning ones the boundary. */
function telling(records: ReadonlyMap<number, Buffer>): unknown {
  const varying = new Set([
    0, 1, 0x0a, 0x0d, 0x4246, 0x5455, 0x5855, 0x756e, 0x7855, 0x7875, 0xcafe,
  ]);
  return [...records]
    .filter(([id]) => !varying.has(id))
    .map(([id, data]) => [
      id,
      (id === 0xd935 || id === 0xa11e ? data.subarray(0, 2) : data).toString('hex'),
    ])
    .sort((a, b) => (String(a) < String(b) ? -1 : 1));
}

function inflated(data: Buffer): string {
  try {
    return inflateRawSync(data, { maxOutputLength: 1 << 20 }).toString('base64');
  } catch {
    return `damaged ${data.toString('base64')}`;
  }
}
