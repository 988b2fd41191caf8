/** Looks into an archive itself: the fields of its headers, and those of its members that seem generated. */

import type { KeyedFacts } from '../../core/facts.js';
import type { SecretKey } from '../../core/secrets.js';
import type { RandomAccess } from '../../core/random-access.js';
import {
  DEFAULT_LIMITS,
  inspectFile,
  inspectors,
  type InspectLimits,
} from '../../inspectors/index.js';
import { isImageDocument } from '../../formats/oci-document.js';
import type { Candidate } from './candidates.js';
import type { PartlyInspected } from './partly-inspected.js';
import { throwIfInterrupted } from './interrupted.js';

export interface InspectContainerRequest {
  /** Base name of the archive. */
  readonly name: string;
  readonly bytes: RandomAccess;
  /** SHA-256, 32 bytes. */
  readonly digest: Uint8Array;
  /** Members to look into; all others are hashed. */
  readonly candidates: readonly Candidate[];
  /** Whether they are all that differs, for one diff. */
  readonly isLive?: boolean;
  /** See `OpenContainer`. */
  readonly aliases?: () => ReadonlyMap<string, string>;
  readonly key: SecretKey;
  isTime(seconds: number): boolean;
  readonly known: (digest: string, format: string, version: number) => Promise<boolean>;
  keep(facts: readonly KeyedFacts[]): Promise<void>;
  readonly onPartly?: (file: PartlyInspected) => void;
  readonly clock: () => number;
  readonly signal: AbortSignal;
}

/** An image is larger than any file in it: time is what the user has. */
export const CONTAINER_LIMITS: InspectLimits = {
  ...DEFAULT_LIMITS,
  outputBytes: 1024 ** 4,
  outputRatio: Infinity,
  members: 5_000_000,
  time: 3_600_000,
};

/** Archives and images of root file systems, in which most members are shipped; of others every member is looked into. */
const FILTERED: ReadonlySet<string> = new Set(['tar', 'squashfs', 'erofs']);

/** For a diff, which has no use for members that are equal. */
const FILTERED_LIVE: ReadonlySet<string> = new Set([...FILTERED, 'cpio', 'initramfs', 'zip']);

const NO_ALIASES: ReadonlyMap<string, string> = new Map();

/** Returns the number of members that have facts now. */
export async function inspectContainer(request: InspectContainerRequest): Promise<number> {
  const wanted = new Set<string>(request.candidates.map(({ path }) => path));
  const files = new Set(
    request.candidates.map(({ sha256 }) => Buffer.from(sha256).toString('hex')),
  );
  const filtered = request.isLive === true ? FILTERED_LIVE : FILTERED;
  const aliases = request.aliases?.() ?? NO_ALIASES;
  const alias = (name: string): string => {
    const path = name.replace(/^(?:\.?\/)+/, '');
    return aliases.get(path) ?? path;
  };
  let levels = outermost(request.bytes);
  const isOneTree = levels === 1;
  const found: KeyedFacts[] = [];
  const { problems } = await inspectFile(
    {
      name: request.name,
      bytes: request.bytes,
      digest: Buffer.from(request.digest).toString('hex'),
    },
    {
      inspectors,
      limits: CONTAINER_LIMITS,
      key: request.key,
      isTime: (seconds) => request.isTime(seconds),
      known: (...facts) => request.known(...facts),
      found: (facts) => void found.push(facts),
      now: () => {
        throwIfInterrupted(request.signal);
        return request.clock();
      },
      skips: (inspector, depth, name) => {
        if (!filtered.has(inspector) || depth > levels) return false;
        // The tree is what holds its files: an archive among them has names of its own.
        if (isOneTree) levels = depth;
        return !wanted.has(alias(name));
      },
      isFile: (digest) => files.has(digest),
      alias: (name) => (aliases.size === 0 ? name : alias(name)),
    },
  );
  await request.keep(found);
  if (problems[0] !== undefined)
    request.onPartly?.({
      path: request.name,
      problems: problems.length,
      first: problems[0].detail,
    });
  return found.length;
}

/** The archive itself, or what a compressed file holds; in an image, the layers. */
function outermost(bytes: RandomAccess): number {
  return isImageDocument(bytes.read(0, 64)) ? 2 : 1;
}
