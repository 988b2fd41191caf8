/** What a tar archive holds for who extracts it, without what the normaliser may change. */

import { createHash } from 'node:crypto';

import { FormatError } from '../../../src/core/errors.js';
import { tarMembers } from '../../../src/formats/tar.js';
import { paxValue } from '../../../src/formats/tar-pax.js';

interface Extracted {
  readonly type: string;
  readonly mode: number;
  readonly target: string;
  readonly devices: string;
  readonly data: string;
  readonly attributes: string;
}

/** Path -> what extraction leaves there: later members win, hard links are followed; null when it cannot be read. */
export function tarContent(bytes: Uint8Array): unknown {
  const files = new Map<string, Extracted | string>();
  try {
    for (const member of tarMembers(bytes)) {
      const { header, dataOffset, dataBytes, sparse, sparseBlocks } = member;
      const records = member.extensions.flatMap((e) => ('records' in e ? e.records : []));
      const type = header.typeflag === '\0' ? '0' : header.typeflag;
      const path = clean(member.path);
      const start = dataOffset + sparseBlocks * 512;
      const keys = [...new Set(records.map(({ key }) => key))].sort();
      const extracted: Extracted = {
        type: '07S'.includes(type) && member.path.endsWith('/') ? '5' : type,
        mode: header.mode.value & 0o7777,
        target: type === '2' ? member.linkTarget : '',
        devices: '34'.includes(type) ? `${header.devmajor.value}:${header.devminor.value}` : '',
        data: hash(bytes.subarray(start, start + dataBytes)) + JSON.stringify(sparse),
        attributes: keys
          .filter((key) => /xattr|acl|security/.test(key))
          .map((key) => `${key}=${paxValue(records, key)}`)
          .join(),
      };
      files.delete(path);
      const target = files.get(clean(member.linkTarget));
      if (type !== '1') files.set(path, extracted);
      else files.set(path, target === undefined ? 'dangling' : target);
      // Which names are one file, whichever of them came first.
      if (type === '1' && typeof target === 'object') files.set(path, target);
    }
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
  const groups = new Map<unknown, string[]>();
  for (const [path, file] of files) groups.set(file, [...(groups.get(file) ?? []), path].sort());
  return [...files]
    .map(([path, file]) => ({ path, file, links: groups.get(file) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function clean(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

function hash(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}
