/** A family of causes: what they are, how they are recognised, what is done about them. Listed in `index.ts`. */

import type { CauseId, Confidence, Remedy } from '../../core/explanation.js';
import type { TreePath } from '../../core/path.js';
import type { FoundChange } from '../facts/found-change.js';
import type { BuildPair } from './builds.js';

/** What a detector makes of a difference. Both values have to fit: one side alone is no witness. */
export interface Claim {
  readonly cause: CauseId;
  readonly confidence: Confidence;
  /** What both values were held against, see `Witness.against`. */
  readonly against: string;
}

export interface Subject {
  readonly change: FoundChange;
  /** Of the file in the tree. */
  readonly path: TreePath;
  readonly builds: BuildPair;
  /** Whether what is drawn by chance beside the value, in the same record, differs too: a salt, an initialisation vector. */
  readonly isSalted?: boolean;
}

/** Null: nothing to say. Never a guess. */
export type Detector = (subject: Subject) => Claim | null;

/** A remedy for some formats or fields; one without either holds for all. */
export interface CauseRemedy extends Remedy {
  /** Ids of inspectors. */
  readonly formats?: readonly string[];
  /** Of paths of files in the tree. */
  readonly paths?: RegExp;
}

export interface CauseText {
  /** One clause. */
  readonly title: string;
  /** One paragraph: what happens, and where. */
  readonly text: string;
  /** What shows it in bytes or structure. */
  readonly signal: string;
  /** Those for certain formats and paths first. */
  readonly remedies: readonly CauseRemedy[];
}

export interface CauseFamily<K extends CauseId = CauseId> {
  readonly causes: Readonly<Record<K, CauseText>>;
  readonly detect: Detector;
}

export function defineCauses<const K extends CauseId>(family: CauseFamily<K>): CauseFamily<K> {
  return family;
}
