/** Writes the pairs of a proof to files, for `bench/normalize.mjs`, which lets other programs try them too. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Proof } from './harness.js';

/** Does nothing unless REPRO_AUDIT_DUMP_PAIRS names a folder: FOLDER/ID/NUMBER/{before,after}/NAME and epoch. */
export function dumpPairs({ normalizer, pairs = [] }: Proof): void {
  const folder = process.env['REPRO_AUDIT_DUMP_PAIRS'];
  if (folder === undefined) return;
  for (const [i, { name, before, after, sourceDateEpoch = null }] of pairs.entries()) {
    const target = join(folder, normalizer.id, String(i));
    for (const [side, bytes] of [
      ['before', before],
      ['after', after],
    ] as const) {
      mkdirSync(join(target, side), { recursive: true });
      writeFileSync(join(target, side, name), bytes);
    }
    if (sourceDateEpoch !== null) writeFileSync(join(target, 'epoch'), String(sourceDateEpoch));
  }
}
