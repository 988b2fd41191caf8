/**
 * Rewrites every `f*` below a root in a process of its own, for tests that kill it or take its privileges away.
 * Arguments: root, new content; or root, '', and ids of rules to run instead, where no package owns anything. Writes `start`, then `{ applied, left }` as JSON.
 */

import { fileURLToPath } from 'node:url';

import { plan, NONCE, rewriteRule } from './support.js';
import { applyPlan } from '../../src/scrub/apply.js';

export const SCRUB_PROCESS = fileURLToPath(import.meta.url);

export interface ProcessResult {
  readonly applied: number;
  readonly left: readonly string[];
}

if (process.argv[1] === SCRUB_PROCESS) {
  const [root, content, ...only] = process.argv.slice(2) as [string, string, ...string[]];
  const planned = await plan(
    root,
    only.length > 0
      ? { only, ownership: { managers: [] } }
      : { rules: [rewriteRule('**/f*', content)] },
  );
  process.stdout.write('start\n');
  const { applied, diagnostics } = await applyPlan(planned, { nonce: NONCE });
  const result: ProcessResult = {
    applied: applied.length,
    left: diagnostics.map(({ code }) => code),
  };
  process.stdout.write(JSON.stringify(result));
}
