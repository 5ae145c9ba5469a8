// What a subcommand is. Arguments are parsed and checked by yargs; a command only says what they are
// and gives back what to do, so that nothing runs inside the parser.

import type { Argv } from 'yargs';
import { EgressLabError } from '../../base/errors.ts';
import type { RunScenario } from '../../scenario/run-options.ts';
import type { Io } from '../io.ts';

/** What an action may use. */
export interface Session {
  readonly io: Io;
  /** The lab itself; given by main.ts, by tests, loaded only when something is run. */
  readonly runScenario: RunScenario;
  /** The command that would do the same again; printed when a bug occurs. Kept up to date by actions. */
  reproduce: string;
}

/** An exit code: one of ExitCode, or the code that a command at a running lab ended with. */
export type Action = (session: Session) => Promise<number>;

export interface Command {
  readonly name: string;
  /** All long options, for "did you mean". */
  readonly optionNames: readonly string[];
  /** What has to follow the name, for the complaint when it does not; a topology when left out. */
  readonly operands?: string;
  /** Adds the command to the parser; when it is the one that was typed, `choose` gets its action. */
  register(parser: Argv, choose: (action: Action) => void): Argv;
  /** For a command whose words are not for our parser: its action, or null to go on as usual. */
  actionOf?(words: readonly string[]): Action | null;
}

/** An option that was given more than once arrives as a list. @throws EgressLabError EGL_USAGE. */
export function once(name: string): (value: unknown) => unknown {
  return (value) => {
    if (!Array.isArray(value)) return value;
    throw new EgressLabError('EGL_USAGE', `--${name} was given ${value.length} times`);
  };
}
