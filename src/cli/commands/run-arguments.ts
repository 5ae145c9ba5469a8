// What `run` and `up` have in common on the command line: a topology, chance, captures, how much is said.

import type { PositionalOptions } from 'yargs';
import { EgressLabError } from '../../base/errors.ts';
import { shellWord } from '../../base/shell-word.ts';
import { CaptureDirectory } from '../../platform/capture-directory.ts';
import { sudoCaller } from '../../platform/file-owner.ts';
import {
  CAPTURE_FAILURE_POLICIES,
  type CaptureChoices,
  type CaptureFailurePolicy,
} from '../../scenario/run-options.ts';
import type { Io } from '../io.ts';
import {
  type FlagOption,
  flagOption,
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
  readonly 'capture-dir': TextOption;
  readonly 'no-capture': FlagOption;
  readonly capture: ListOption;
  readonly 'capture-per-port': FlagOption;
  readonly 'no-comments': FlagOption;
  readonly 'on-capture-failure': TextOption & { readonly choices: readonly CaptureFailurePolicy[] };
  readonly set: ListOption;
} = {
  ...SET_OPTION,
  seed: wordOption('seed', "Seed of all chance, instead of the topology's (0 to 4294967295)"),
  'capture-dir': wordOption(
    'capture-dir',
    'Directory for captures; created if it does not exist',
    'captures',
  ),
  'no-capture': flagOption('Write no captures'),
  capture: {
    describe:
      "Ports to capture instead of the topology's, such as db/eth0, '*/eth0' or drops; may be repeated",
    type: 'string',
    array: true,
    nargs: 1,
    requiresArg: true,
  },
  'capture-per-port': flagOption('Write one capture file for each port'),
  'no-comments': flagOption('Leave out the comments of frames in captures'),
  'on-capture-failure': {
    ...wordOption(
      'on-capture-failure',
      'When a capture cannot be written any more: end the lab, or go on without it; exit code 3 in both cases',
      'stop',
    ),
    choices: CAPTURE_FAILURE_POLICIES,
  },
};

/** The shared arguments, read. */
export interface RunArguments {
  readonly topology: string;
  /** What `${NAME}` in the topology stands for. */
  readonly set: Readonly<Record<string, string>>;
  /** Null: the topology's. */
  readonly seed: number | null;
  /** Null: no captures. */
  readonly captureDirectory: string | null;
  readonly capture: CaptureChoices;
  readonly onCaptureFailure: CaptureFailurePolicy;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noColor: boolean;
}

interface Typed {
  readonly topology: string;
  readonly set?: unknown;
  readonly seed?: unknown;
  readonly 'capture-dir'?: unknown;
  readonly 'no-capture': boolean;
  readonly capture?: unknown;
  readonly 'capture-per-port': boolean;
  readonly 'no-comments': boolean;
  readonly 'on-capture-failure'?: unknown;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noColor?: unknown;
}

/** @throws EgressLabError EGL_USAGE for a seed that is none */
export function readRunArguments(typed: Typed): RunArguments {
  const { json, quiet, topology } = typed;
  const seed = word(typed.seed);
  return {
    topology: operand(topology),
    set: variablesOf(typed.set),
    seed: seed === null ? null : parseSeed(seed),
    captureDirectory: typed['no-capture'] ? null : (word(typed['capture-dir']) ?? 'captures'),
    capture: {
      ...(Array.isArray(typed.capture) ? { ports: typed.capture.map(String) } : {}),
      perPort: typed['capture-per-port'],
      comments: !typed['no-comments'],
    },
    onCaptureFailure: typed['on-capture-failure'] === 'continue' ? 'continue' : 'stop',
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

/** Where the captures go; null when there are to be none. */
export function captureDirectoryOf(
  { captureDirectory }: RunArguments,
  io: Io,
): CaptureDirectory | null {
  if (captureDirectory === null) return null;
  return new CaptureDirectory(captureDirectory, io.workingDirectory, sudoCaller(io.environment));
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^\d{1,10}$/.test(text) && seed <= 0xffff_ffff) return seed;
  throw new EgressLabError('EGL_USAGE', `--seed ${text} is not a seed`, {
    hint: 'A seed is a whole number from 0 to 4294967295, such as --seed 7.',
  });
}
