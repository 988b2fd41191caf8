/** New inode numbers for the members of cpio archives: from 1 on in each, in order of appearance. */

import type { CpioMember } from '../../formats/cpio.js';

export interface CpioInode {
  readonly ino: number;
  /** Members that share it. */
  readonly names: number;
}

/**
 * One for each member. Names share an inode as readers decide it: the same device, inode and type, and a link count above 1.
 * Each archive has its own: the kernel forgets its links at every trailer.
 */
export function cpioInodes(members: readonly CpioMember[]): readonly CpioInode[] {
  const groups = new Map<string, { readonly ino: number; names: number }>();
  const last = new Map<number, number>();
  return members.map((member, i) => {
    const key = linkKey(member) ?? `#${i}`;
    let group = groups.get(key);
    if (group === undefined) {
      const ino = (last.get(member.archive) ?? 0) + 1;
      last.set(member.archive, ino);
      group = { ino, names: 0 };
      groups.set(key, group);
    }
    group.names++;
    return group;
  });
}

function linkKey({ header, archive }: CpioMember): string | null {
  const { mode, nlink, ino, devmajor, devminor } = header;
  const type = mode & 0o170000;
  if (nlink < 2 || type === 0o040000) return null;
  return `${archive}/${devmajor}:${devminor}/${ino}/${type}`;
}
