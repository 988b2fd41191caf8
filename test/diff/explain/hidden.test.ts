/** Two changes in one file that have nothing to do with each other: what explains the one never hides the other. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync } from 'node:zlib';

import Database from 'better-sqlite3';

import type { Explanation } from '../../../src/core/explanation.js';
import type { FactKind } from '../../../src/core/facts.js';
import type { TreePath } from '../../../src/core/path.js';
import { explainFile } from '../../../src/diff/explain/explain-file.js';
import { ChangedFiles } from '../../../src/diff/explain/file-links.js';
import { compareFacts } from '../../../src/diff/facts/compare-facts.js';
import { buildElf } from '../../formats/build-elf.js';
import { cpioArchive } from '../../formats/build-cpio.js';
import { buildJks } from '../../formats/build-jks.js';
import { buildNdb } from '../../formats/build-ndb.js';
import { buildRpmHeader, numbers, text } from '../../formats/build-rpm-header.js';
import { pairOf, recorded } from '../../helpers/fact-builders.js';
import { lookInto, type Looked } from '../../inspectors/prove.js';

const builds = pairOf(recorded({ hostName: 'builder-3' }, { hostName: 'builder-7' }));

function database(): Buffer {
  const db = new Database(':memory:');
  db.exec('CREATE TABLE a (k TEXT PRIMARY KEY, t INTEGER, v TEXT); CREATE INDEX i ON a (v)');
  for (let i = 0; i < 30; i++)
    db.prepare('INSERT INTO a VALUES (?, ?, ?)').run(`key ${i}`, 1_790_000_000 + i, `value ${i}`);
  const bytes = db.serialize();
  db.close();
  return bytes;
}

const ELF = Buffer.from(buildElf());
const header = buildRpmHeader([text(1000, 'x'), numbers(1006, [1_790_000_000])], []);
const SAMPLES: Readonly<Record<string, Buffer>> = {
  'usr/bin/x': ELF,
  'x.cpio': cpioArchive('newc', [
    { name: 'a', data: ELF.toString('latin1'), mtime: 1_790_000_000 },
    { name: 'b', data: 'built on 2026-09-21 by me\nand: more\n', mtime: 1_790_000_001, ino: 7 },
  ]),
  'x.gz': gzipSync('text of 2026-09-21\n'.repeat(20)),
  'x.jks': Buffer.from(
    buildJks([{ alias: 'a', createdMs: 1_790_000_000_000n, certificate: new Uint8Array(99) }]),
  ),
  'x.db': database(),
  'usr/lib/sysimage/rpm/Packages.db': buildNdb([
    { header, timestamp: 1_790_000_000 },
    { header, timestamp: 1_790_000_001, gap: 3 },
  ]),
  'x.json': Buffer.from('{"at": 1790000000, "list": [[1], [2, 3]], "host": "builder-3"}\n'),
  'etc/x.conf': Buffer.from('made 2026-09-21 on builder-3: yes\nhere: /build/x/y, no\n'),
  'x.bin': Buffer.from(`\0\x01${'\xf0'.repeat(300)} on 2026-09-21 by me@builder-3 \0`, 'latin1'),
};

/** Numbers that look drawn by chance (mulberry32). */
function* drawn(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    yield (value ^ (value >>> 14)) >>> 0;
  }
}

async function explained(name: string, before: Looked, bytes: Uint8Array): Promise<Explanation> {
  const after = await lookInto(name, bytes);
  const comparison = await compareFacts(before.facts.at(-1)!, after.facts.at(-1)!, {
    before: lookup(before),
    after: lookup(after),
  });
  return explainFile(comparison, name as TreePath, builds, new ChangedFiles());
}

function lookup({ facts }: Looked) {
  return (digest: string, format: string) =>
    Promise.resolve(
      facts.find((each) => each.digest === digest && each.facts.format === format)?.facts ?? null,
    );
}

/** Whatever differs may be what they are sums of. */
const SUMS: ReadonlySet<FactKind> = new Set(['checksum', 'digest', 'build-id', 'signature']);
const FLIPS = 60;
const PAIRS = 60;
/** So near to each other two may be one value. */
const NEAR = 16;

for (const [name, bytes] of Object.entries(SAMPLES))
  test(`${name}: no change with a cause hides one that has none`, async () => {
    const before = await lookInto(name, bytes);
    const chance = drawn(bytes.length);
    const next = (below: number): number => chance.next().value % below;
    const sure: (readonly [number, number])[] = [];
    const unsure: (readonly [number, number])[] = [];
    for (let i = 0; i < FLIPS; i++) {
      const flip = [next(bytes.length), 1 << next(8)] as const;
      const { status, changes } = await explained(name, before, flipped(bytes, flip));
      if (status === 'explained') sure.push(flip);
      else if (!changes.every(({ kind }) => SUMS.has(kind))) unsure.push(flip);
    }
    for (let i = 0; i < PAIRS && sure.length > 0 && unsure.length > 0; i++) {
      const [one, other] = [sure[next(sure.length)]!, unsure[next(unsure.length)]!];
      if (Math.abs(one[0] - other[0]) < NEAR) continue;
      const { status, changes } = await explained(name, before, flipped(bytes, one, other));
      assert.notEqual(
        status,
        'explained',
        `${one[0]} hides ${other[0]}: ${changes.map(({ field }) => field).join()}`,
      );
    }
  });

function flipped(bytes: Buffer, ...flips: readonly (readonly [number, number])[]): Buffer {
  const copy = Buffer.from(bytes);
  for (const [at, bit] of flips) copy[at]! ^= bit;
  return copy;
}
