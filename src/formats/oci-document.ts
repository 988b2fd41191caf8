/**
 * An image as one run of bytes, so that two images are compared level by level whatever they lie in: a line that names the
 * format, a line of JSON that lists the parts, and the bytes of the parts one behind the other, verbatim: indexes from the
 * outermost in, the manifest, the configuration, the layers from the lowest up, each as it is stored.
 */

import { FormatError } from '../core/errors.js';
import { windowAccess, type RandomAccess } from '../core/random-access.js';
import { arrayAt, objectAt, optional, parseOciObject, sizeAt, textAt } from './oci-json.js';

export const IMAGE_PART_ROLES = ['index', 'manifest', 'config', 'layer'] as const;
export type ImagePartRole = (typeof IMAGE_PART_ROLES)[number];

export interface ImagePart {
  readonly role: ImagePartRole;
  /** Media type as the descriptor has it; empty where there is none. */
  readonly mediaType: string;
  /** As the descriptor has it: `sha256:HEX`; null for what nothing names by a digest. */
  readonly digest: string | null;
  /** As the descriptor has it, bytes. */
  readonly size: number;
  /** Names the layer among those of its image, equal in images of other builds; empty: its place does. */
  readonly name: string;
  /** Bytes in the document: less than `size` where they are missing. */
  readonly bytes: number;
}

export interface LocatedPart extends ImagePart {
  readonly offset: number;
}

export const IMAGE_DOCUMENT_MAGIC = 'repro-audit-image 1\n';
const MOST_LIST_BYTES = 32 * 1024 * 1024;

/** The bytes of the document over those of its parts; nothing is copied but the head. */
export function imageDocument(
  parts: readonly (ImagePart & { readonly access: RandomAccess })[],
): RandomAccess {
  const list = parts.map(({ role, mediaType, digest, size, name, bytes }) => ({
    role,
    mediaType,
    digest,
    size,
    name,
    bytes,
  }));
  const head = Buffer.from(`${IMAGE_DOCUMENT_MAGIC}${JSON.stringify({ parts: list })}\n`);
  const pieces = [
    {
      start: 0,
      end: head.length,
      read: (at: number, n: number): Uint8Array => head.subarray(at, at + n),
    },
  ];
  let size = head.length;
  for (const { access, bytes } of parts) {
    if (bytes === 0) continue;
    const window = windowAccess(access, 0, bytes);
    pieces.push({ start: size, end: size + bytes, read: (at, n) => window.read(at, n) });
    size += bytes;
  }
  return {
    size,
    read: (offset, length) => {
      const end = Math.min(size, offset + length);
      const found: Uint8Array[] = [];
      let at = offset;
      for (let i = pieceAt(pieces, offset); i < pieces.length && at < end; i++) {
        const piece = pieces[i]!;
        const bytes = piece.read(at - piece.start, Math.min(end, piece.end) - at);
        found.push(bytes);
        at += bytes.length;
        // A blob that became shorter meanwhile.
        if (at < Math.min(end, piece.end)) break;
      }
      return found.length === 1 ? found[0]! : Buffer.concat(found);
    },
  };
}

export function isImageDocument(head: Uint8Array): boolean {
  return (
    Buffer.from(head.subarray(0, IMAGE_DOCUMENT_MAGIC.length)).toString('latin1') ===
    IMAGE_DOCUMENT_MAGIC
  );
}

/** The parts with their places, and where the first begins. Throws `FormatError`. */
export function readImageDocument(input: RandomAccess): {
  readonly parts: readonly LocatedPart[];
  readonly headBytes: number;
} {
  const fail = (detail: string, at = 0): never => {
    throw new FormatError('image', at, detail);
  };
  if (!isImageDocument(input.read(0, IMAGE_DOCUMENT_MAGIC.length))) fail('expected its first line');
  const list = lineFrom(input, IMAGE_DOCUMENT_MAGIC.length) ?? fail('expected a list of parts');
  const headBytes = IMAGE_DOCUMENT_MAGIC.length + list.length + 1;
  let offset = headBytes;
  const parts = arrayAt(parseOciObject(list, 'image')['parts'], 'image: parts').map((each) => {
    const part = readPart(each);
    const located = { ...part, offset };
    offset += part.bytes;
    return located;
  });
  if (offset !== input.size) fail(`expected the end, ${input.size - offset} bytes away`, offset);
  return { parts, headBytes };
}

function readPart(value: unknown): ImagePart {
  const part = objectAt(value, 'image: part');
  const role = IMAGE_PART_ROLES.find((each) => each === part['role']);
  if (role === undefined) throw new FormatError('image', 0, 'part: expected a role');
  return {
    role,
    mediaType: textAt(part['mediaType'], 'image: mediaType'),
    digest: optional(part['digest'], 'image: digest', textAt),
    size: sizeAt(part['size'], 'image: size'),
    name: textAt(part['name'], 'image: name'),
    bytes: sizeAt(part['bytes'], 'image: bytes'),
  };
}

/** Without its end; null when there is none. */
function lineFrom(input: RandomAccess, offset: number): Uint8Array | null {
  for (let length = 64 * 1024; ; length *= 4) {
    const bytes = input.read(offset, length);
    const end = bytes.indexOf(10);
    if (end >= 0) return bytes.subarray(0, end);
    if (bytes.length < length || length > MOST_LIST_BYTES) return null;
  }
}

/** Index of the piece that holds an offset. */
function pieceAt(pieces: readonly { readonly end: number }[], offset: number): number {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (pieces[middle]!.end > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}
