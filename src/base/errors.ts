// What a user can cause: a stable code, what was found and where, and what to do about it.
// The codes, their causes and their cures are listed in src/REFERENCE.md.

/** A stable name of a problem, for scripts: 'EGL_FILE_NOT_FOUND'. */
export type ErrorCode = `EGL_${string}`;

/** Whose matter it is: what the user wrote or typed, or what the machine lacks. Decides the exit code. */
export type Fault = 'input' | 'environment';

/** What an error may say beyond its message. */
export interface ErrorDetails {
  /** One sentence that says what to do. */
  readonly hint?: string;
  /** 'input' when not given. */
  readonly fault?: Fault;
  readonly cause?: unknown;
}

/** The only error class that crosses the public API on purpose. */
export class EgressLabError extends Error {
  override readonly name = 'EgressLabError';
  readonly code: ErrorCode;
  readonly hint: string | null;
  readonly fault: Fault;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint ?? null;
    this.fault = details.fault ?? 'input';
  }
}
