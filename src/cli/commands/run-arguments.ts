// What `run` and `up` have in common on the command line: a topology, chance, how much is said; and captures
// (capture-arguments.ts).

import type { PositionalOptions } from 'yargs';
import { EgressLabError } from '../../base/errors.ts';
import { shellWord } from '../../base/shell-word.ts';
import {
  CAPTURE_OPTIONS,
  type CaptureArguments,
  readCaptureArguments,
  type TypedCapture,
} from './capture-arguments.ts';
import {
  type ListOption,
  operand,
  SET_OPTION,
  type TextOption,
  variablesOf,
  word,
  wordOption,
} from './command.ts';

/** The topology operand of most commands, as yargs takes it. */
export const TOPOLOGY_OPERAND: PositionalOptions & {
  readonly type: 'string';
  readonly demandOption: true;
} = {
  describe: 'A topology file, a name from `egresslab list`, or - for standard input',
  type: 'string',
  demandOption: true,
};

/** The shared options, as yargs takes them. */
export const RUN_OPTIONS: {
  readonly seed: TextOption;
  readonly set: ListOption;
} & typeof CAPTURE_OPTIONS = {
  ...SET_OPTION,
  seed: wordOption('seed', "Seed of all chance, instead of the topology's (0 to 4294967295)"),
  ...CAPTURE_OPTIONS,
};

/** The shared arguments, read. */
export interface RunArguments extends CaptureArguments {
  readonly topology: string;
  /** What `${NAME}` in the topology stands for. */
  readonly set: Readonly<Record<string, string>>;
  /** Null: the topology's. */
  readonly seed: number | null;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noColor: boolean;
}

interface Typed extends TypedCapture {
  readonly topology: string;
  readonly set?: unknown;
  readonly seed?: unknown;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noColor?: unknown;
}

/** @throws EgressLabError EGL_USAGE for a seed that is none, and as readCaptureArguments */
export function readRunArguments(typed: Typed): RunArguments {
  const { json, quiet, topology } = typed;
  const seed = word(typed.seed);
  return {
    topology: operand(topology),
    set: variablesOf(typed.set),
    seed: seed === null ? null : parseSeed(seed),
    ...readCaptureArguments(typed),
    json,
    quiet,
    noColor: typed.noColor === true,
  };
}

/** ' --set NODES=3', as it would be typed again. */
export function settings({ set }: RunArguments): string {
  return Object.entries(set)
    .map(([name, value]) => ` --set ${shellWord(`${name}=${value}`)}`)
    .join('');
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^\d{1,10}$/.test(text) && seed <= 0xffff_ffff) return seed;
  throw new EgressLabError('EGL_USAGE', `--seed ${text} is not a seed`, {
    hint: 'A seed is a whole number from 0 to 4294967295, such as --seed 7.',
  });
}
