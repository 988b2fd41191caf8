/** What a scrub rule may ask for. Rules only plan edits; `scrub/apply.ts` alone carries them out. */

import type { TreePath } from './path.js';

interface EditBase {
  readonly rule: string;
  readonly path: TreePath;
  /** One clause for people: what varies here. */
  readonly reason: string;
  /**
   * Edits with the same word here build on one another, in the order of the plan: when one of them cannot be made, the
   * later ones are not made either. Absent: the edit stands alone.
   */
  readonly sequence?: string;
}

export type Edit = EditBase &
  (
    | /** Unlink a file or link, or remove an empty directory. */ { readonly kind: 'remove' }
    | /** Make a regular file empty; mode and owner stay. */ { readonly kind: 'truncate' }
    | /** Replace the content of a regular file. */ {
        readonly kind: 'rewrite';
        readonly content: NewContent;
      }
    | /** Set the modification time. */ { readonly kind: 'set-mtime'; readonly mtimeNs: bigint }
    | /** Remove one extended attribute; every other stays. */ {
        readonly kind: 'remove-xattr';
        /** With its namespace: `user.overlay.origin`. */
        readonly name: string;
      }
  );

export type EditKind = Edit['kind'];

/** What a file is to hold: the bytes, or the way to them where a plan has many large ones. */
export type NewContent = Uint8Array | DerivedContent;

/** Content that is made of the old one again when it is written, so that a plan need not hold it. */
export interface DerivedContent {
  readonly sizeBytes: number;
  /** 32 bytes: what was planned. Nothing else is written. */
  readonly sha256: Uint8Array;
  /**
   * From the content that the edits before this one leave. Depends on nothing else; null, or a `FormatError`, for bytes
   * that it was not planned for.
   */
  readonly derive: (old: Uint8Array) => Uint8Array | null;
}

/** Bytes. */
export function contentSize(content: NewContent): number {
  return content instanceof Uint8Array ? content.length : content.sizeBytes;
}

/** An edit as it was carried out. Digests are null where there is no content, and for secrets (`core/secrets.ts`). */
export interface AppliedEdit {
  readonly rule: string;
  readonly ruleVersion: number;
  readonly path: TreePath;
  readonly kind: EditKind;
  readonly reason: string;
  readonly secret: boolean;
  readonly oldSize: number | null;
  readonly newSize: number | null;
  /** SHA-256, 32 bytes. */
  readonly oldDigest: Uint8Array | null;
  readonly newDigest: Uint8Array | null;
  readonly oldMtimeNs: bigint | null;
  readonly newMtimeNs: bigint | null;
}
