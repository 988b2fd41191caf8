/** The cache of an icon theme, `icon-theme.cache`, as gtk-update-icon-cache writes it (GTK, `docs/iconcache.txt`). */

import { FormatError } from '../core/errors.js';
import { dissect, type ByteAccount, type ByteRange, type Dissector } from './byte-fields.js';

export interface IconImage {
  readonly offset: number;
  /** Index into the directories. */
  readonly directory: number;
  /** 1 xpm, 2 svg, 4 png, 8 has a `.icon` file. */
  readonly flags: number;
  /** Where the image's own data are, in caches that hold it; 0 for none. Their bytes are in the gaps. */
  readonly dataOffset: number;
}

export interface CachedIcon {
  readonly offset: number;
  readonly bucket: number;
  readonly name: string;
  readonly nameOffset: number;
  readonly images: readonly IconImage[];
}

export interface GtkIconCache {
  readonly directories: readonly string[];
  readonly buckets: ByteRange & { readonly count: number };
  /** By bucket and in the order of its chain. */
  readonly icons: readonly CachedIcon[];
  readonly account: ByteAccount;
}

/** There is no magic number: a version 1.0 and a first table behind the header. */
export function isGtkIconCache(head: Uint8Array): boolean {
  if (head.length < 12) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const [hash, directories] = [view.getUint32(4), view.getUint32(8)];
  return view.getUint32(0) === 0x10000 && hash >= 12 && directories >= 12 && hash !== directories;
}

/** Throws `FormatError` when there is no header; damage behind it is in the account's problems. */
export function readGtkIconCache(bytes: Uint8Array): GtkIconCache {
  if (!isGtkIconCache(bytes))
    throw new FormatError('gtk-icon-cache', 0, 'no header of version 1.0');
  const input = dissect('gtk-icon-cache', bytes, false);
  const { hash, directories } = input.struct(HEADER, 0, '');
  const names = input.attempt(() =>
    list(input, directories, 'directories').map((at) => textAt(input, at)),
  );
  const icons: CachedIcon[] = [];
  const heads = input.attempt(() => list(input, hash, 'hash')) ?? [];
  const seen = new Set<number>();
  for (const [bucket, head] of heads.entries())
    for (let at = head; at !== END;) {
      if (seen.has(at)) {
        input.problem(at, 'an icon that was read before');
        break;
      }
      seen.add(at);
      const icon = input.attempt(() => readIcon(input, at, bucket));
      if (icon === undefined) break;
      icons.push(icon);
      at = icon.next;
    }
  return {
    directories: names ?? [],
    buckets: { offset: hash, length: 4 + 4 * heads.length, count: heads.length },
    icons: icons.map(({ offset, bucket, name, nameOffset, images }) => ({
      offset,
      bucket,
      name,
      nameOffset,
      images,
    })),
    account: input.account(),
  };
}

function readIcon(
  input: Dissector,
  offset: number,
  bucket: number,
): CachedIcon & { readonly next: number } {
  const { next, name, images } = input.struct(ICON, offset);
  const { count } = input.struct({ count: 'u32' }, images);
  if (count > (input.size - images) / 8)
    throw new FormatError('gtk-icon-cache', images, `${count} images of an icon`);
  return {
    offset,
    bucket,
    name: textAt(input, name),
    nameOffset: name,
    images: Array.from({ length: count }, (_, i) => ({
      offset: images + 4 + 8 * i,
      ...input.struct(IMAGE, images + 4 + 8 * i),
    })),
    next,
  };
}

function list(input: Dissector, at: number, name: string): readonly number[] {
  const { count } = input.struct({ count: 'u32' }, at, name);
  const bytes = input.bytes(at + 4, 4 * count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, i) => view.getUint32(4 * i));
}

function textAt(input: Dissector, at: number): string {
  return input.attempt(() => input.text(at)) ?? '';
}

const END = 0xffff_ffff;
const HEADER = { major: 'u16', minor: 'u16', hash: 'u32', directories: 'u32' } as const;
const ICON = { next: 'u32', name: 'u32', images: 'u32' } as const;
const IMAGE = { directory: 'u16', flags: 'u16', dataOffset: 'u32' } as const;
