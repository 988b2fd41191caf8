/** Where the source of a compiled Python module lies (PEP 3147, PEP 488), and what a normaliser is told of it. */

import type { NormalizeInput } from './normalizers/define.js';

/**
 * The source of a compiled module: the one beside it, or beside its `__pycache__`. Null where the name is of no form
 * that Python writes, and where names of one inode are modules of different sources.
 */
export function pycSourcePath(names: readonly string[]): string | null {
  const [first, ...others] = names.map(sourceOfName);
  if (first === undefined || first === null) return null;
  return others.every((other) => other === first) ? first : null;
}

/** Times in nanoseconds; `mtimeAfterNs` is what the source will have once everything is done. */
export function pycSource(
  { mtimeNs, size }: { readonly mtimeNs: bigint; readonly size: number },
  mtimeAfterNs: bigint = mtimeNs,
): NonNullable<NormalizeInput['source']> {
  return {
    mtimeSeconds: wholeSeconds(mtimeNs),
    mtimeAfterSeconds: wholeSeconds(mtimeAfterNs),
    sizeBytes: size,
  };
}

/** Module, tag of the interpreter, optimisation. */
const CACHED = /^(.*\/|)__pycache__\/([^/.]+)\.[^/.]+(?:\.opt-[^/.]+)?\.py[co]$/s;
const BESIDE = /^(.*\.py)[co]$/s;

function sourceOfName(path: string): string | null {
  const cached = CACHED.exec(path);
  if (cached !== null) return `${cached[1]}${cached[2]}.py`;
  if (/(^|\/)__pycache__\/[^/]*$/.test(path)) return null;
  return BESIDE.exec(path)?.[1] ?? null;
}

/** Rounded down, as time_t. */
function wholeSeconds(ns: bigint): number {
  const second = 1_000_000_000n;
  const seconds = ns / second;
  return Number(ns < 0n && ns % second !== 0n ? seconds - 1n : seconds);
}
