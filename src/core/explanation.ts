/** Why the content of a file differs, as far as it can be shown. */

import type { FactKind } from './facts.js';

/** What causes differences between builds of the same inputs. `docs/causes.md` tells each with its signal. */
export const CAUSES = [
  'time.field',
  'time.epoch',
  'time.text',
  'time.tz',
  'time.elapsed',
  'meta.mtime',
  'path.build',
  'path.depth',
  'build.flags',
  'env.var',
  'order.member',
  'order.lines',
  'order.keys',
  'order.rows',
  'order.sections',
  'rand.uuid',
  'rand.hex',
  'rand.key',
  'rand.tempname',
  'rand.addr',
  'rand.pid',
  'id.owner',
  'id.host',
  'id.umask',
  'plat.kernel',
  'plat.cpu',
  'plat.fs',
  'plat.shell',
  'plat.usrmerge',
  'loc.lang',
  'loc.encoding',
  'loc.collate',
  'codec.level',
  'codec.form',
  'codec.slack',
  'sig.embedded',
  'hash.derived',
  'dep.version',
  'log.residue',
  'unknown',
] as const;
export type CauseId = (typeof CAUSES)[number];

/** high: both values equal recorded circumstances; medium: both parse as the class; low: the shape alone. */
export type Confidence = 'high' | 'medium' | 'low';

/** One difference inside of a file. */
export interface FactChange {
  /** Members from the outside in, latin1 bytes: `['.initrd', 'etc/os-release']`; empty: the file itself. */
  readonly chain: readonly string[];
  /** Format of the innermost member. */
  readonly format: string;
  /** Name of the field; `order`, `member` (came or went), `line 12`, `bytes 4096-8191` where it is no field. */
  readonly field: string;
  readonly kind: FactKind;
  /** As people write it, safe to print; null where that side has none. */
  readonly before: string | null;
  readonly after: string | null;
  /** In the bytes of the innermost member. */
  readonly offset: { readonly before: number | null; readonly after: number | null };
}

/** What shows that a cause is the cause: the two values, and what each is equal to. */
export interface Witness {
  readonly before: string;
  readonly after: string;
  /** What they were held against: `facts.hostName`, `facts.startedAt..endedAt`, `class: RFC 3339 time`, a path whose digest it is. */
  readonly against: string;
}

/** A difference with its cause. */
export interface ExplainedChange extends FactChange {
  readonly cause: CauseId;
  /** Null for `unknown`. */
  readonly confidence: Confidence | null;
  readonly witness: Witness | null;
  /** What it follows from, when it is a consequence: a field or member of this file, or another path; null for a root. */
  readonly follows: string | null;
}

/** Equal but for one thing. */
export type SameExcept = 'signature' | 'compression' | 'order' | 'layout' | 'metadata';

/**
 * Bytes of a changed file, or of a changed member, that made no sense or that a budget left unread: the differences that are told
 * are those of the rest.
 */
export interface InspectionProblem {
  readonly side: 'before' | 'after' | 'both';
  /** As in `FactChange`. */
  readonly chain: readonly string[];
  readonly format: string;
  /** In the bytes of that member; null where there is no one place, or another one on either side. */
  readonly offset: number | null;
  /** One sentence. */
  readonly detail: string;
}

export interface Explanation {
  /**
   * `explained`: every difference has a cause with high or medium confidence, or follows from one that has.
   * What could not be understood has to be equal for that. `partly`: some have. `unknown`: none has. `not-inspected`: facts are missing on one side or both.
   */
  readonly status: 'explained' | 'partly' | 'unknown' | 'not-inspected';
  /** Why it was not inspected; else null. */
  readonly reason: string | null;
  readonly sameExcept: SameExcept | null;
  /** Why the changes may not be all there are; the first few. Empty: everything on both sides was understood. */
  readonly problems: readonly InspectionProblem[];
  /** Roots first. Of many alike (the mtimes of 335 members) the first few; `counts` has them all. */
  readonly changes: readonly ExplainedChange[];
  readonly counts: readonly {
    readonly cause: CauseId;
    readonly confidence: Confidence | null;
    readonly field: string;
    readonly format: string;
    readonly consequence: boolean;
    readonly count: number;
  }[];
}

/** Who made the file what it is. */
export type Owner =
  | {
      readonly kind: 'package';
      readonly manager: string;
      readonly name: string;
      readonly version: string;
    }
  /** A tool or scriptlet that is known to write it. */
  | { readonly kind: 'tool'; readonly name: string }
  /** Where the user's recipe makes it, from the configuration. */
  | { readonly kind: 'recipe'; readonly place: string; readonly reason?: string };

/** What to do about a cause. */
export interface Remedy {
  /** One sentence. */
  readonly text: string;
  /** Scrub rule that settles it; null when there is none. */
  readonly rule: string | null;
  /** Where this is known from: a project's issue, manual or specification. */
  readonly source: string | null;
}
