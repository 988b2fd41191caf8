/** How much of a file's DWARF is read at most: a hostile one has tables of no bytes and strings that overlap. */

import { FormatError } from '../core/errors.js';

export interface DwarfLimits {
  /** Units of `.debug_info`, and as many line tables. */
  readonly maxUnits: number;
  /** Strings, each time they are used. */
  readonly maxTextBytes: number;
  /** Sections that have to be unpacked or relocated in memory. */
  readonly maxMemoryBytes: number;
  /** Attributes, directories and files, read or skipped. */
  readonly maxSteps: number;
}

export const DWARF_LIMITS: DwarfLimits = {
  maxUnits: 50_000,
  maxTextBytes: 64 * 1024 * 1024,
  maxMemoryBytes: 256 * 1024 * 1024,
  maxSteps: 4_000_000,
};

export class DwarfBudget {
  /** Once true, nothing more can be read. */
  spent = false;
  private units: number;
  private text: number;
  private steps: number;

  constructor(limits: DwarfLimits) {
    this.units = 2 * limits.maxUnits;
    this.text = limits.maxTextBytes;
    this.steps = limits.maxSteps;
  }

  spendUnit(): void {
    if (--this.units < 0) this.exhausted('units');
  }

  spendText(bytes: number): void {
    this.text -= bytes;
    if (this.text < 0) this.exhausted('bytes of strings');
  }

  spendStep(): void {
    if (--this.steps < 0) this.exhausted('attributes and files');
  }

  private exhausted(what: string): never {
    this.spent = true;
    throw new FormatError('dwarf', 0, `more ${what} than may be read; the rest was left`);
  }
}
