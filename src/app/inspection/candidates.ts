/**
 * Which files of a tree are worth looking into: those that were generated, not shipped. Signs choose, they never decide what is
 * equal: a file that changed and was not looked into says so in the diff, and is looked into from then on.
 */

import type { DigestAlgorithm } from '../../core/capture.js';
import type { Ownership } from '../../core/ownership.js';
import type { PackedDirectory } from '../../core/packed-directory.js';
import { visitFiles } from '../../core/packed-files.js';
import { baseName, joinPath, type TreePath } from '../../core/path.js';
import { isSecretPath } from '../../core/secrets.js';
import type { Classify } from '../../core/report.js';

/** `auto`: what seems generated; a function: the paths that it takes. */
export type InspectMode = 'auto' | 'all' | 'none' | ((path: TreePath) => boolean);

export interface Candidate {
  readonly path: TreePath;
  readonly size: number;
  readonly mtimeNs: bigint;
  /** 32 bytes. */
  readonly sha256: Uint8Array;
  /** MD5 as its package recorded it, 32 hex digits: a file that still has it was shipped. Null: look into it in any case. */
  readonly shippedMd5: string | null;
}

export interface CandidateOptions {
  readonly mode: InspectMode;
  readonly digests: readonly DigestAlgorithm[];
  /** Null: packages were not read, so nothing can be told to be unowned. */
  readonly ownership: Ownership | null;
  readonly classify: Classify;
  /** A shipped file that was written since then, or at this very second, is not as shipped. */
  readonly buildStartNs: bigint;
  readonly sourceDateEpoch: number | null;
  /** Also collect the digests of secret files. */
  readonly notesSecrets: boolean;
}

/** Boot blobs and package databases. */
const ALWAYS =
  /^(?:boot|efi|usr\/lib\/ostree-boot|usr\/lib\/modules\/[^/]+)\/(?:.*\/)?(?:initr[^/]*|vmlinu[xz][^/]*|[^/]*\.(?:efi|img|EFI))$|(?:^|\/)(?:rpmdb\.sqlite|Packages|Packages\.db)$|^var\/lib\/dpkg\/status$|^(?:usr\/)?lib\/apk\/db\/installed$/;

/** Base names of these, which tell nearly every other file apart. */
const ALWAYS_NAME =
  /^(?:initr|vmlinu[xz]|rpmdb\.sqlite$|Packages(?:\.db)?$|status$|installed$)|\.(?:efi|img|EFI)$/;

function isAlways(path: TreePath, name: string = baseName(path)): boolean {
  return ALWAYS_NAME.test(name) && ALWAYS.test(path);
}

/**
 * Unowned, and yet the same whenever the same packages are installed: what package managers downloaded, or wrote down of packages.
 * These are looked into once they did differ.
 */
const SETTLED =
  /^var\/(?:lib\/dpkg\/info|lib\/apt\/lists|cache\/apt\/archives|lib\/pacman\/sync|cache\/(?:dnf|libdnf5|zypp|pacman|apk))\/|^usr\/share\/mime\/.*\.xml$/;

/** A compiled module of Python (PEP 3147). */
const COMPILED = /^(.*\/)__pycache__\/([^/.]+)\.[^/]+\.pyc$/;

/** Chooses from directories as they are scanned. */
export class Candidates {
  readonly #options: CandidateOptions;
  readonly #hasPackages: boolean;
  readonly #onlyDpkg: boolean;
  readonly #chosen: Candidate[] = [];
  readonly #secretDigests = new Set<string>();

  constructor(options: CandidateOptions) {
    this.#options = options;
    const { ownership } = options;
    this.#onlyDpkg = ownership?.managers.every((manager) => manager === 'dpkg') ?? false;
    this.#hasPackages = ownership !== null && ownership.complete && ownership.managers.length > 0;
  }

  add(directory: PackedDirectory): void {
    if (this.#options.mode === 'none') return;
    const { path: parent, records, mtimesNs } = directory;
    visitFiles(directory, (name, size, ordinal, sha256At) => {
      const path = joinPath(parent, name);
      const sha256 = records.subarray(sha256At, sha256At + 32);
      const mtimeNs = mtimesNs[ordinal]!;
      if (this.#options.notesSecrets && isSecretPath(path))
        this.#secretDigests.add(Buffer.from(sha256).toString('hex'));
      const shippedMd5 = this.#signs(path, name, sha256, mtimeNs);
      if (shippedMd5 === undefined) return;
      this.#chosen.push({ path, size, mtimeNs, sha256: Uint8Array.from(sha256), shippedMd5 });
    });
  }

  /** In tree order of directories as they came; package databases and boot blobs first, small files before large ones. */
  list(): readonly Candidate[] {
    return this.#chosen.toSorted(
      (a, b) => Number(isAlways(b.path)) - Number(isAlways(a.path)) || a.size - b.size,
    );
  }

  /** SHA-256 in hex of the files that are secret by their path: other files may have the same bytes. */
  get secretDigests(): ReadonlySet<string> {
    return this.#secretDigests;
  }

  /** Undefined: as shipped, as far as can be seen; null: generated; an MD5: generated unless it fits. */
  #signs(
    path: TreePath,
    name: string,
    sha256: Uint8Array,
    mtimeNs: bigint,
  ): string | null | undefined {
    const { mode, ownership, classify } = this.#options;
    if (typeof mode === 'function') return mode(path) ? null : undefined;
    if (mode === 'all' || isAlways(path, name)) return null;
    if (!this.#hasPackages) return classify(path) === null ? undefined : null;
    if (!ownership!.isOwned(path)) return this.#isSettled(path) ? undefined : null;
    // dpkg records neither times nor SHA-256: what was not written late is as shipped, for all that can be seen.
    if (this.#onlyDpkg && !this.#isLate(mtimeNs)) return undefined;
    const shipped = ownership!.shipped(path);
    const { digest = null, mtimeSeconds = null } = shipped ?? {};
    if (digest?.algorithm === 'sha256')
      return digest.hex === Buffer.from(sha256).toString('hex') ? undefined : null;
    const isLate =
      this.#isLate(mtimeNs) || (mtimeSeconds !== null && seconds(mtimeNs) !== mtimeSeconds);
    if (!isLate) return undefined;
    return digest?.algorithm === 'md5' ? digest.hex : null;
  }

  /** Python compiles a package's modules at installation: what comes out is theirs. */
  #isSettled(path: TreePath): boolean {
    const [, directory, module] = COMPILED.exec(path) ?? [];
    if (module === undefined) return SETTLED.test(path);
    return this.#options.ownership!.isOwned(`${directory}${module}.py` as TreePath);
  }

  /** Written during the build, or clamped to its epoch. */
  #isLate(mtimeNs: bigint): boolean {
    const { buildStartNs, sourceDateEpoch } = this.#options;
    if (mtimeNs >= buildStartNs) return true;
    return sourceDateEpoch !== null && seconds(mtimeNs) === sourceDateEpoch;
  }
}

function seconds(ns: bigint): number {
  return Number(ns / 1_000_000_000n);
}
