/** Compiled modules that stay, and are valid for a source as long as neither changes. */

import type { TreePath } from '../../core/path.js';
import { readPycTimestamp } from '../../formats/pyc.js';
import type { PlanContext, ScrubEntry } from '../define.js';
import { plannedContent } from '../planned-content.js';
import { compiledForms } from './pyc.js';

export interface CompiledForm {
  readonly path: TreePath;
  /** As the rules so far will leave it. */
  readonly bytes: Uint8Array;
}

/** Those that hold the time and size of this very source; hash-based ones depend on neither. */
export function validForms(source: ScrubEntry, context: PlanContext): readonly CompiledForm[] {
  if (!source.path.endsWith('.py')) return [];
  return compiledForms(source.path, context).flatMap((path) => {
    const bytes = plannedContent(path, context);
    const stamp = bytes === null ? null : readPycTimestamp(bytes);
    const isValid =
      stamp !== null &&
      BigInt(stamp.sourceMtime) === (wholeSeconds(source.mtimeNs) & 0xffff_ffffn) &&
      (stamp.sourceSize === null || stamp.sourceSize === source.size % 0x1_0000_0000);
    return isValid ? [{ path, bytes: bytes! }] : [];
  });
}

/** Rounded down, as time_t. */
export function wholeSeconds(ns: bigint): bigint {
  const seconds = ns / 1_000_000_000n;
  return ns < 0n && ns % 1_000_000_000n !== 0n ? seconds - 1n : seconds;
}
