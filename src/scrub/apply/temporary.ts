/** Names of the files that an edit is prepared in. A killed run leaves one behind; the rule `scrub-left-over` knows it by its name. */

/** Glob and exact form. The nonce keeps others from guessing the name, O_EXCL makes a guess harmless. */
export const TEMPORARY_GLOB = '**/.repro-audit-*.tmp';
const TEMPORARY_NAME = /^\.repro-audit-[0-9a-f]{16}-[0-9]+\.tmp$/;

export function isTemporaryName(name: string): boolean {
  return TEMPORARY_NAME.test(name);
}

/** A source of names for one run; `nonce` is 16 hexadecimal digits that nobody else knows beforehand. */
export function temporaryNames(nonce: string): () => string {
  let count = 0;
  const next = (): string => `.repro-audit-${nonce}-${count++}.tmp`;
  if (!isTemporaryName(`.repro-audit-${nonce}-0.tmp`))
    throw new RangeError(`nonce: expected 16 hexadecimal digits, found ${nonce.length} characters`);
  return next;
}
