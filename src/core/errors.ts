/** Trouble that the caller can do something about. Everything else that is thrown is a bug of ours. */

/** Process exit status by meaning; `docs/exit-codes.md` tells them to users. */
export const EXIT = {
  clean: 0,
  differs: 1,
  usage: 2,
  input: 3,
  incomplete: 4,
  invalidAttestation: 5,
  internal: 70,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Every code an `AuditError` may carry, and the exit status it leads to. */
export const ERROR_EXIT = {
  USAGE: EXIT.usage,
  BUILD_EXISTS: EXIT.usage,
  BUILD_NAME_INVALID: EXIT.usage,
  REF_AMBIGUOUS: EXIT.usage,
  EPOCH_INVALID: EXIT.usage,
  ROOT_REFUSED: EXIT.usage,
  STORE_IN_ROOT: EXIT.usage,
  SOURCE_UNUSABLE: EXIT.input,
  BUILD_UNKNOWN: EXIT.input,
  STORE_MISSING: EXIT.input,
  STORE_DAMAGED: EXIT.input,
  STORE_FOREIGN: EXIT.input,
  STORE_NEWER: EXIT.input,
  STORE_BUSY: EXIT.input,
  STORE_WRITE: EXIT.input,
  OUTPUT_WRITE: EXIT.input,
  INTERRUPTED: EXIT.interrupted,
} as const satisfies Record<string, ExitCode>;
export type ErrorCode = keyof typeof ERROR_EXIT;

export interface ErrorDetails {
  /** What the user can do next; one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** A message says what went wrong, where, what was expected and what was found. */
export class AuditError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'AuditError';
    this.code = code;
    this.hint = details.hint;
  }

  get exitCode(): ExitCode {
    return ERROR_EXIT[this.code];
  }
}

/** The `code` of a system error (`ENOENT`), or undefined for anything else. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof AuditError || !('code' in error))
    return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Bytes that could not be understood: caught per file by whoever reads it and turned into a diagnostic. */
export class FormatError extends Error {
  readonly format: string;
  /** Offset in bytes at which the format stopped making sense. */
  readonly offset: number;

  constructor(format: string, offset: number, detail: string) {
    super(`${format} at offset ${offset}: ${detail}`);
    this.name = 'FormatError';
    this.format = format;
    this.offset = offset;
  }
}
