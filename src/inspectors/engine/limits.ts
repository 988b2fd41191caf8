/** How much looking into one file may cost, whatever its bytes say. */

import { FormatError } from '../../core/errors.js';

export interface InspectLimits {
  /** Bytes that decompression may yield for one file, all levels together. */
  readonly outputBytes: number;
  /** The same, as a multiple of the file's size: what packs better is made to. Holds beyond `outputFloor` bytes. */
  readonly outputRatio: number;
  readonly outputFloor: number;
  /** Members and rows of one file, all levels together. */
  readonly members: number;
  /** Levels of containers. */
  readonly depth: number;
  /** A member that has to be held in memory. */
  readonly heldBytes: number;
  /** Milliseconds. */
  readonly time: number;
}

export const DEFAULT_LIMITS: InspectLimits = {
  outputBytes: 4 * 1024 ** 3,
  outputRatio: 32,
  outputFloor: 128 * 1024 ** 2,
  members: 1_000_000,
  depth: 12,
  heldBytes: 64 * 1024 ** 2,
  time: 120_000,
};

/** A budget is used up; the detail says which. Like damage, it leaves what was found so far. */
export class LimitError extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = 'LimitError';
  }
}

/** What ends the inspection of a piece without being a defect of ours. */
export type Stop = FormatError | LimitError;

export function isStop(error: unknown): error is Stop {
  return error instanceof FormatError || error instanceof LimitError;
}

/** The format fits, and another inspector says more of these bytes: nothing is wrong with them, so nothing is told. */
export class DeclinedError extends FormatError {
  constructor(format: string) {
    super(format, 0, 'left to another format');
    this.name = 'DeclinedError';
  }
}
