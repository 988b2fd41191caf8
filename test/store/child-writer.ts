/**
 * A writer in a process of its own: LOCATION NAME SEED [FLAGS...]. Prints `begun`, `put` and `done` as it goes; with
 * `hold` it waits between the last directory and the commit for a line on stdin, with `content` it keeps the bytes of
 * its files after the commit (`committed`), some at a time. Errors print their code.
 */

import { once } from 'node:events';

import { AuditError } from '../../src/core/errors.js';
import { openStore } from '../../src/store/index.js';
import { contentOf, describe, file, put, wideTree } from './sample-build.js';

const [location, name, seed, ...flags] = process.argv.slice(2) as [string, string, string];
const say = (line: string): void => void process.stdout.write(`${line}\n`);
try {
  const store = await openStore(location, { mode: 'write', waitMs: 30_000 });
  const replace = flags.includes('replace' as never);
  const writer = await store.begin(name, { replace, stream: 'main' });
  say('begun');
  try {
    put(writer, { ...wideTree(60, 30), 'etc/seed': file(seed) });
    say('put');
    if (flags.includes('hold' as never)) await once(process.stdin, 'data');
    await writer.commit(describe(name, 'main'));
  } finally {
    await writer.abort();
  }
  if (flags.includes('content' as never)) {
    say('committed');
    const kept = contentOf(60, 30);
    for (let at = 0; at < kept.length; at += 100) await store.putContent(kept.slice(at, at + 100));
  }
  await store.close();
  say('done');
  process.exit(0);
} catch (error) {
  say(error instanceof AuditError ? error.code : String(error));
  process.exit(1);
}
