/** What a layer takes away of those below it (OCI image-spec, "Whiteouts"; AUFS). */

export type Whiteout =
  /** All that lower layers have in the directory. */
  | { readonly kind: 'opaque' }
  /** One name. */
  | { readonly kind: 'name'; readonly name: string }
  /** Bookkeeping of AUFS; means nothing. */
  | { readonly kind: 'bookkeeping' }
  /** Names nothing that could be taken away. */
  | { readonly kind: 'invalid' };

const PREFIX = '.wh.';
const META_PREFIX = '.wh..wh.';
const OPAQUE = '.wh..wh..opq';

/** Null for a name that is no whiteout. */
export function whiteoutOf(baseName: string): Whiteout | null {
  if (!baseName.startsWith(PREFIX)) return null;
  if (baseName === OPAQUE) return { kind: 'opaque' };
  if (baseName.startsWith(META_PREFIX)) return { kind: 'bookkeeping' };
  const name = baseName.slice(PREFIX.length);
  return name === '' || name === '.' || name === '..'
    ? { kind: 'invalid' }
    : { kind: 'name', name };
}
