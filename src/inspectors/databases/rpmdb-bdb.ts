/** rpm's database of packages in Berkeley DB: packages by name, each with its header. */

import type { Fact, FactRow } from '../../core/facts.js';
import { bufferAccess, type RandomAccess } from '../../core/random-access.js';
import { isBdbHash, readBdbHash, type BdbPair } from '../../formats/bdb-hash.js';
import type { Extent } from '../../formats/regions.js';
import { regionDigest } from '../common/region-digest.js';
import { shortDigest } from '../common/short-digest.js';
import { Told } from '../common/told.js';
import { defineInspector, type InspectContext } from '../define.js';
import { packageKey } from './package-key.js';

export const rpmdbBdbInspector = defineInspector({
  id: 'rpmdb-bdb',
  version: 1,
  summary:
    "rpm's database in Berkeley DB (`Packages`): packages with every header tag by name; pages as layout, what they do not use.",
  streams: false,
  claims: ({ name, head }) => /(?:^|\/)Packages$/.test(name) && isBdbHash(head),
  inspect: async (piece, context) => {
    const file = await piece.random();
    const { version, pageSize, fileId, pairs, free } = readBdbHash(file);
    context.spend(pairs.length);
    const told = new Told();
    for (const { offset, length } of [fileId, ...free, ...pairs.flatMap(({ value }) => value)])
      told.add(offset, length);
    const rows: FactRow[] = [];
    for (const pair of pairs) rows.push(await packageRow(file, pair, context));
    const pages = told.rest({ offset: 0, length: file.size });
    return {
      facts: [
        { name: 'version', kind: 'version', value: version, offset: 16 },
        { name: 'pagesize', kind: 'number', value: pageSize, offset: 20 },
        { name: 'uid', kind: 'random', value: regionDigest(file, fileId), offset: 52 },
        // Keys, headers of pages, places of items.
        { name: 'pages', kind: 'layout', value: regionDigest(file, ...pages), offset: null },
        ...freeFact(file, free),
      ],
      tables: [
        { name: 'Packages', ordered: true, columns: [{ name: 'key', kind: 'layout' }], rows },
      ],
    };
  },
});

/** Old bytes of values that were removed or moved: told when they are not zeros. */
function freeFact(file: RandomAccess, free: readonly Extent[]): readonly Fact[] {
  const left = free.filter(({ offset, length }) =>
    file.read(offset, length).some((byte) => byte !== 0),
  );
  if (left.length === 0) return [];
  const value = regionDigest(file, ...left);
  return [{ name: 'free space', kind: 'slack', value, offset: left[0]!.offset }];
}

/** The key is the number of the package; number 0 has the last number that was given out. */
async function packageRow(
  file: RandomAccess,
  { key, value }: BdbPair,
  context: InspectContext,
): Promise<FactRow> {
  const hex = Buffer.from(file.read(key.offset, key.length)).toString('hex');
  const bytes = Buffer.concat(value.map(({ offset, length }) => file.read(offset, length)));
  const name = packageKey(bytes);
  const offset = value[0]?.offset ?? null;
  if (name === null) {
    const known = hex === '00000000' ? 'last number' : `key ${hex}`;
    return { key: known, values: [shortDigest(hex, bytes)], offset, part: null };
  }
  const part = await context.part(name, bufferAccess(bytes), 'rpm-header');
  return { key: name, values: [hex], offset, part };
}
