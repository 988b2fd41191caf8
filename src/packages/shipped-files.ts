/** What packages list, in columns: one number per path and field (see `path-table.ts` for why). */

import { errnoOf, FormatError } from '../core/errors.js';
import type { ShippedFile } from '../core/ownership.js';
import { joinPath, type TreePath } from '../core/path.js';
import { createPathTable, grown } from './path-table.js';

export interface ShippedFiles {
  /** A path may be listed by many packages: it is owned when one owns it, and the first that ships it is told. */
  add(directory: string, name: string, owned: boolean, shipped: ShippedFile | null): void;
  /** Digests for files of this package that were added without one; read when one of them is asked for. */
  addDigests(packageName: string, read: () => Iterable<ResolvedDigest>): void;
  /** Number of the path for the two below; -1 when nobody lists it. */
  find(directory: string, name: string): number;
  isOwned(member: number): boolean;
  shipped(member: number): ShippedFile | null;
  /** What each package ships, by its name. */
  byPackage(): ReadonlyMap<string, readonly TreePath[]>;
}

export interface ResolvedDigest {
  readonly directory: string;
  readonly name: string;
  readonly digest: NonNullable<ShippedFile['digest']>;
}

type Algorithm = NonNullable<ShippedFile['digest']>['algorithm'];
const ALGORITHMS: readonly Algorithm[] = ['md5', 'sha1', 'sha256', 'sha512'];
const DIGEST_BYTES: Readonly<Record<Algorithm, number>> = {
  md5: 16,
  sha1: 20,
  sha256: 32,
  sha512: 64,
};
/** Not shipped at all; shipped without a digest. Above: index into ALGORITHMS plus 2. */
const NOT_SHIPPED = 0;
const NO_DIGEST = 1;

export function createShippedFiles(): ShippedFiles {
  const paths = createPathTable();
  const packageNames: string[] = [];
  const packageNumbers = new Map<string, number>();
  let owned = new Uint8Array(1 << 11);
  let kinds = new Uint8Array(1 << 11);
  let packages = new Int32Array(1 << 11);
  /** Seconds; NaN for none. */
  let mtimes = new Float64Array(1 << 11);
  let digestAt = new Int32Array(1 << 11);
  let digests = Buffer.alloc(1 << 16);
  let digestsEnd = 0;

  const grow = (): void => {
    owned = grown(owned, Uint8Array);
    kinds = grown(kinds, Uint8Array);
    packages = grown(packages, Int32Array);
    mtimes = grown(mtimes, Float64Array);
    digestAt = grown(digestAt, Int32Array);
  };
  const packageNumber = (name: string): number => {
    const known = packageNumbers.get(name);
    if (known !== undefined) return known;
    packageNumbers.set(name, packageNames.length);
    return packageNames.push(name) - 1;
  };
  const keepDigest = (member: number, digest: ShippedFile['digest']): void => {
    kinds[member] = NO_DIGEST;
    if (digest === null) return;
    const length = DIGEST_BYTES[digest.algorithm];
    if (digestsEnd + length > digests.length)
      digests = Buffer.concat([digests, Buffer.alloc(digests.length)]);
    // A string that is no digest of this kind stops early: then there is none.
    if (digest.hex.length !== length * 2 || digests.write(digest.hex, digestsEnd, 'hex') !== length)
      return;
    kinds[member] = ALGORITHMS.indexOf(digest.algorithm) + 2;
    digestAt[member] = digestsEnd;
    digestsEnd += length;
  };
  /** By package number. */
  const unread = new Map<number, (() => Iterable<ResolvedDigest>)[]>();
  const readDigests = (packageNumber: number): void => {
    const reads = unread.get(packageNumber) ?? [];
    unread.delete(packageNumber);
    for (const read of reads)
      try {
        for (const { directory, name, digest } of read()) {
          const member = paths.find(directory, name);
          if (member >= 0 && packages[member] === packageNumber && kinds[member] === NO_DIGEST)
            keepDigest(member, digest);
        }
      } catch (error) {
        if (!(error instanceof FormatError) && errnoOf(error) === undefined) throw error;
      }
  };
  const digestOf = (member: number): ShippedFile['digest'] => {
    if (unread.size > 0) readDigests(packages[member]!);
    const algorithm = ALGORITHMS[kinds[member]! - 2];
    if (algorithm === undefined) return null;
    const at = digestAt[member]!;
    return { algorithm, hex: digests.toString('hex', at, at + DIGEST_BYTES[algorithm]) };
  };

  return {
    byPackage: () => {
      const lists = packageNames.map((): TreePath[] => []);
      for (let member = 0; member < paths.size; member++)
        if (kinds[member] !== NOT_SHIPPED)
          lists[packages[member]!]!.push(joinPath(...paths.member(member)));
      return new Map(packageNames.map((name, i) => [name, lists[i]!]));
    },
    add(directory, name, isOwned, shipped) {
      const member = paths.add(directory, name);
      if (member >= owned.length) grow();
      if (isOwned) owned[member] = 1;
      if (shipped === null || kinds[member] !== NOT_SHIPPED) return;
      packages[member] = packageNumber(shipped.package);
      mtimes[member] = shipped.mtimeSeconds ?? Number.NaN;
      keepDigest(member, shipped.digest);
    },
    addDigests(packageName, read) {
      const number = packageNumber(packageName);
      unread.set(number, [...(unread.get(number) ?? []), read]);
    },
    find: (directory, name) => paths.find(directory, name),
    isOwned: (member) => owned[member] === 1,
    shipped: (member) => {
      if (member < 0 || kinds[member] === NOT_SHIPPED) return null;
      const mtime = mtimes[member]!;
      return {
        package: packageNames[packages[member]!]!,
        get digest() {
          return digestOf(member);
        },
        mtimeSeconds: Number.isNaN(mtime) ? null : mtime,
      };
    },
  };
}
