/** The files of an image, wherever they lie: a layout is a folder or a tar archive. */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { posix } from 'node:path';

import { AuditError, errnoOf, FormatError } from '../../core/errors.js';
import { windowAccess, type RandomAccess } from '../../core/random-access.js';
import { membersIn } from '../../formats/steps.js';
import type { TarMember } from '../../formats/tar.js';
import { tarSteps } from '../../formats/tar-steps.js';

/** Bytes that are open here, and where another thread finds them. */
export interface FilePlace extends RandomAccess {
  /** Of the file they are in. */
  readonly path: string;
  readonly offset: number;
}

export interface ImageFiles {
  /** Null for what is not there, or no regular file. */
  open(name: string): FilePlace | null;
  close(): void;
}

/** Files that are open at a time: an image may have thousands of layers. */
const MOST_OPEN = 32;

export function folderFiles(folder: string): ImageFiles {
  const open = new Map<string, number>();
  const known = new Map<string, FilePlace | null>();
  const descriptor = (name: string): number => {
    const found = open.get(name);
    if (found !== undefined) return found;
    const [oldest] = open.keys();
    if (oldest !== undefined && open.size >= MOST_OPEN) {
      closeSync(open.get(oldest)!);
      open.delete(oldest);
    }
    // A pipe must not make us wait.
    const fd = openSync(join(folder, name), constants.O_RDONLY | constants.O_NONBLOCK);
    open.set(name, fd);
    return fd;
  };
  return {
    open: (name) => {
      const before = known.get(name);
      if (before !== undefined) return before;
      const access = regularFile(() => descriptor(name));
      const place = access === null ? null : { ...access, path: join(folder, name), offset: 0 };
      known.set(name, place);
      return place;
    },
    close: () => {
      for (const fd of open.values()) closeSync(fd);
      open.clear();
    },
  };
}

/** Null when it cannot be opened, or is no file. */
function regularFile(descriptor: () => number): RandomAccess | null {
  try {
    const stat = fstatSync(descriptor());
    return stat.isFile() ? fileAccess(descriptor, stat.size) : null;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return null;
  }
}

function fileAccess(descriptor: () => number, size: number): RandomAccess {
  return {
    size,
    read: (offset, length) => {
      const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, size - offset)));
      const count = readSync(descriptor(), buffer, 0, buffer.length, offset);
      return count === buffer.length ? buffer : buffer.subarray(0, count);
    },
  };
}

/** More members than any image has files. */
const MOST_MEMBERS = 200_000;
const MOST_LINKS = 40;

export interface ImageMember {
  /** Of the file itself, where links led to it. */
  readonly name: string;
  /** Of its content in the archive. */
  readonly offset: number;
  readonly size: number;
}

export interface ImageMembers {
  /** Returns the name of what is a regular file, null for all else. Throws `FormatError` for too many. */
  add(member: TarMember): string | null;
  find(name: string): ImageMember | null;
  readonly count: number;
}

/** Names of the members of an archive; links among them are followed. */
export function imageMembers(): ImageMembers {
  const members = new Map<string, ImageMember | { readonly target: string }>();
  return {
    add: ({ header: { typeflag }, path, linkTarget, contentOffset, contentBytes }) => {
      if (members.size > MOST_MEMBERS)
        throw new FormatError('tar', contentOffset, `more than ${MOST_MEMBERS} members`);
      const name = tidy(path);
      // Symbolic links count from their folder, hard links from the top.
      if (typeflag === '1') members.set(name, { target: tidy(linkTarget) });
      else if (typeflag === '2')
        members.set(name, { target: tidy(posix.join(posix.dirname(name), linkTarget)) });
      if (typeflag !== '0' && typeflag !== '\0') return null;
      members.set(name, { name, offset: contentOffset, size: contentBytes });
      return name;
    },
    find: (name) => {
      let at = tidy(name);
      for (let hops = 0; hops < MOST_LINKS; hops++) {
        const member = members.get(at);
        if (member === undefined) return null;
        if ('offset' in member) return member;
        at = member.target;
      }
      return null;
    },
    get count() {
      return members.size;
    },
  };
}

/** Members of a tar archive as windows of it. Throws `SOURCE_UNUSABLE`. */
export function archiveFiles(location: string): ImageFiles {
  const file = openArchiveFile(location);
  const { access } = file;
  try {
    const members = listMembers(location, access);
    return {
      open: (name) => {
        const found = members.find(name);
        if (found === null) return null;
        const { offset, size } = found;
        return { ...windowAccess(access, offset, size), path: location, offset };
      },
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

function openArchiveFile(location: string): {
  readonly access: RandomAccess;
  close(): void;
} {
  let fd: number;
  try {
    fd = openSync(location, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw unusable(location, errnoOf(error) ?? 'an error', error);
  }
  const access = regularFile(() => fd);
  const close = (): void => closeSync(fd);
  if (access !== null) return { access, close };
  close();
  throw unusable(location, 'something else');
}

function unusable(location: string, found: string, cause?: unknown): AuditError {
  const message = `cannot open ${location}: expected an archive of an image, found ${found}`;
  return new AuditError('SOURCE_UNUSABLE', message, { cause });
}

function listMembers(location: string, access: RandomAccess): ImageMembers {
  const members = imageMembers();
  try {
    for (const member of membersIn(access, tarSteps({ limit: access.size }))) members.add(member);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    // What was found before is there; what is missing is told by whoever asks for it.
    if (members.count === 0) throw unusable(location, error.message, error);
  }
  return members;
}

function tidy(name: string): string {
  return posix.normalize(`/${name}`).slice(1);
}
