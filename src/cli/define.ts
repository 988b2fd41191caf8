/** A command of the program: its words for `--help`, its flags, and what it runs. Listed in `commands/index.ts`. */

import type { ExitCode } from '../core/errors.js';

export interface Flag {
  readonly type: 'string' | 'boolean' | 'number';
  readonly shortFlag?: string;
  readonly isMultiple?: boolean;
  /** Placeholder of the value in the help text. */
  readonly value?: string;
  /** One line for the help text. */
  readonly help: string;
}
export type FlagTable = Readonly<Record<string, Flag>>;

/** What the outside world gives; everything below takes it from here. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/** Flag values as meow leaves them: a flag that was not given is absent. */
export interface CommandInput {
  readonly args: readonly string[];
  readonly flags: FlagValues;
}

export class FlagValues {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  string(name: string): string | null {
    const value = this.#values[name];
    return typeof value === 'string' ? value : null;
  }

  strings(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  }

  /** Whether it was on the command line at all, as --x or --no-x. */
  given(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  boolean(name: string): boolean {
    return this.#values[name] === true;
  }

  number(name: string): number | null {
    const value = this.#values[name];
    return typeof value === 'number' ? value : null;
  }
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Arguments after the name, such as `SOURCE --build NAME`. */
  readonly usage: string;
  /** What else a user should know, and examples; plain text. */
  readonly details: string;
  readonly flags: FlagTable;
  run(context: CommandContext, input: CommandInput): Promise<ExitCode>;
}

export function defineCommand(command: Command): Command {
  return command;
}
