// What a subcommand is. Arguments are parsed and checked by yargs; a command only says what they are
// and gives back what to do, so that nothing runs inside the parser.

import type { Argv } from 'yargs';
import { EgressLabError } from '../../base/errors.ts';
import type { RunScenario } from '../../scenario/run-options.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { STANDARD_INPUT } from '../standard-input.ts';

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

/** What the operands of a command name, for completion. */
export type OperandKind =
  | 'cable'
  | 'command'
  | 'flow'
  | 'lab'
  | 'machine'
  | 'segment'
  | 'shell'
  | 'topology';

/** A subcommand. */
export interface Command {
  readonly name: string;
  /** All long options, for "did you mean". */
  readonly optionNames: readonly string[];
  /** Options with values that begin with a dash, and those values: the parser would take them for options. */
  readonly dashedValues?: ReadonlyMap<string, readonly string[]>;
  /** What has to follow the name, for the complaint when it does not; a topology when left out. */
  readonly operands?: string;
  /** What its operands name; left out when that is no name, such as an address or a new file. */
  readonly operand?: OperandKind;
  /** What it can end with besides COMMON_EXIT_CODES; its help lists them. */
  readonly exitCodes: readonly ExitCode[];
  /** It ends as a command in the lab did, whose codes are its own. */
  readonly endsAsInLab?: boolean;
  /** Adds the command to the parser; when it is the one that was typed, `choose` gets its action. */
  register(parser: Argv, choose: (action: Action) => void): Argv;
  /** For a command whose words are not for our parser: its action, or null to go on as usual. */
  actionOf?(words: readonly string[]): Action | null;
}

/** What the parser is given in place of "-", which no file can be called. */
export const HIDDEN_STANDARD_INPUT = '\0-';

/** An operand, or the value of an option, as it was typed. */
export function operand(parsed: string): string {
  return parsed === HIDDEN_STANDARD_INPUT ? STANDARD_INPUT : parsed;
}

/** An option that takes one word. Its value is `unknown` to yargs: `text(...)` reads it. */
export interface TextOption {
  readonly describe: string;
  readonly type: 'string';
  readonly requiresArg: true;
  readonly default?: string;
  /** @throws EgressLabError EGL_USAGE when the option is given more than once */
  readonly coerce: (value: unknown) => unknown;
}

/** An option that is there or not. */
export interface FlagOption {
  readonly describe: string;
  readonly type: 'boolean';
  readonly default: false;
  readonly alias?: string;
}

/** `--name WORD`, at most once; `standard` is what leaving it out means, if that is a word. */
export function wordOption(name: string, describe: string, standard?: string): TextOption {
  const option = { describe, type: 'string', requiresArg: true, coerce: once(name) } as const;
  return standard === undefined ? option : { ...option, default: standard };
}

/** `--name`, with a letter for it if there is one. */
export function flagOption(describe: string, alias?: string): FlagOption {
  const option = { describe, type: 'boolean', default: false } as const;
  return alias === undefined ? option : { ...option, alias };
}

/** `--json`, as most commands have it. */
export const JSON_OPTION: { readonly json: FlagOption } = {
  json: flagOption('Print one JSON document and nothing else'),
};

/** `--set NAME=value`, as often as there are names. */
export const SET_OPTION: { readonly set: ListOption } = {
  set: {
    describe:
      'A variable of the topology as NAME=value, or a value by its path, such as segments.lan.latency=5ms; may be repeated',
    type: 'string',
    array: true,
    nargs: 1,
    requiresArg: true,
  },
};

/** An option that may be repeated. */
export interface ListOption {
  readonly describe: string;
  readonly type: 'string';
  readonly array: true;
  readonly nargs: 1;
  readonly requiresArg: true;
}

/** @throws EgressLabError EGL_USAGE for what is no NAME=value, or a name that is given twice */
export function variablesOf(typed: unknown): Readonly<Record<string, string>> {
  const given = Array.isArray(typed) ? typed.map(String) : [];
  const set: Record<string, string> = {};
  for (const text of given) {
    const [, name, value] = SETTING.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw new EgressLabError('EGL_USAGE', `--set ${text} is not NAME=value`, {
        hint: 'Such as: --set NODES=3, or --set segments.lan.latency=5ms for a value by its path.',
      });
    }
    if (Object.hasOwn(set, name)) {
      throw new EgressLabError('EGL_USAGE', `--set ${name} was given twice`);
    }
    set[name] = value;
  }
  return set;
}

/** A variable has letters, digits and "_"; a path has dots. */
const SETTING = /^([A-Za-z_][A-Za-z0-9_]*|[^=\s]+\.[^=\s]+)=(.*)$/s;

/** What was typed for a word option; null when it was left out. */
export function word(typed: unknown): string | null {
  return typed === undefined ? null : String(typed);
}

/** An option that was given more than once arrives as a list. @throws EgressLabError EGL_USAGE, for '' too */
function once(name: string): (value: unknown) => unknown {
  return (value) => {
    if (value === '') {
      throw new EgressLabError('EGL_USAGE', `--${name} is empty`, {
        hint: 'Give it a value, or leave it out.',
      });
    }
    if (!Array.isArray(value)) return typeof value === 'string' ? operand(value) : value;
    const times = value.length === 2 ? 'twice' : `${value.length} times`;
    throw new EgressLabError('EGL_USAGE', `--${name} was given ${times}`);
  };
}
