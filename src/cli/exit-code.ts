// What the shell learns. 70 is EX_SOFTWARE of sysexits.h; 130, 141 and 143 are 128 + signal, as shells say.

import { EgressLabError, type Fault } from '../base/errors.ts';
import { errnoOf } from '../platform/errno.ts';

/** What the process exits with; whose fault an error is decides. */
export const ExitCode = {
  /** Everything asked for was done and all expectations hold. */
  Success: 0,
  ExpectationFailed: 1,
  /** What the user wrote or typed is wrong. */
  Input: 2,
  /** The machine lacks something. */
  Environment: 3,
  Bug: 70,
  Interrupted: 130,
  /** As if by SIGPIPE: everything was done, but nobody read to the end what was printed. */
  OutputClosed: 141,
  Terminated: 143,
} as const;

/** One of these numbers. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** What each code says, in help and in docs/reference/cli.md. */
export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  [ExitCode.Success]: 'done; no expectation failed',
  [ExitCode.ExpectationFailed]: 'an expectation failed',
  [ExitCode.Input]: 'the input is wrong',
  [ExitCode.Environment]: 'something is missing on this machine',
  [ExitCode.Bug]: 'a bug in egresslab',
  [ExitCode.Interrupted]: 'Ctrl-C; captures are closed properly',
  [ExitCode.OutputClosed]: 'done, but the reader of the output went away before its end',
  [ExitCode.Terminated]: 'SIGTERM; captures are closed properly',
};

/** What any command can end with. */
export const COMMON_EXIT_CODES: readonly ExitCode[] = [
  ExitCode.Success,
  ExitCode.Input,
  ExitCode.Bug,
  ExitCode.OutputClosed,
];

/** The lines of help about codes, lowest first. */
export function exitCodeLines(codes: readonly ExitCode[]): string[] {
  const sorted = [...new Set(codes)].sort((a, b) => a - b);
  return sorted.map((code) => `  ${String(code).padEnd(3)}  ${EXIT_MEANINGS[code]}`);
}

const BY_FAULT: Readonly<Record<Fault, ExitCode>> = {
  input: ExitCode.Input,
  environment: ExitCode.Environment,
};

/** The code for a problem that was met and reported. */
export function exitCodeOfFault(fault: Fault): ExitCode {
  return BY_FAULT[fault];
}

/** The code for anything thrown: what is not an EgressLabError is a bug. */
export function exitCodeOfError(error: unknown): ExitCode {
  return error instanceof EgressLabError ? BY_FAULT[error.fault] : ExitCode.Bug;
}

/** The code when the output was not taken to its end: what cannot be read counts for more than what it says. */
export function exitCodeOfOutput(code: number, failure: Error | null): number {
  if (failure === null || code === ExitCode.Bug) return code;
  if (errnoOf(failure) !== 'EPIPE') return ExitCode.Environment;
  return code === ExitCode.Success ? ExitCode.OutputClosed : code;
}
