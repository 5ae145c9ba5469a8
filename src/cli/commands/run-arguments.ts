// What `run` and `up` have in common on the command line: a topology, chance, captures, how much is said.

import type { PositionalOptions } from 'yargs';
import { EgressLabError } from '../../base/errors.ts';
import { CaptureDirectory } from '../../platform/capture-directory.ts';
import { sudoCaller } from '../../platform/file-owner.ts';
import { CAPTURE_FAILURE_POLICIES, type CaptureFailurePolicy } from '../../scenario/run-options.ts';
import type { Io } from '../io.ts';
import { type FlagOption, flagOption, type TextOption, word, wordOption } from './command.ts';

/** The topology operand of most commands, as yargs takes it. */
export const TOPOLOGY_OPERAND: PositionalOptions & {
  readonly type: 'string';
  readonly demandOption: true;
} = {
  describe: 'A topology file, or a name from `egresslab list`',
  type: 'string',
  demandOption: true,
};

/** The shared options, as yargs takes them. */
export const RUN_OPTIONS: {
  readonly seed: TextOption;
  readonly 'capture-dir': TextOption;
  readonly 'no-capture': FlagOption;
  readonly 'on-capture-failure': TextOption & { readonly choices: readonly CaptureFailurePolicy[] };
} = {
  seed: wordOption('seed', "Seed of all chance, instead of the topology's (0 to 4294967295)"),
  'capture-dir': wordOption(
    'capture-dir',
    'Directory for captures; created if it does not exist',
    'captures',
  ),
  'no-capture': flagOption('Write no captures'),
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
  /** Null: the topology's. */
  readonly seed: number | null;
  /** Null: no captures. */
  readonly captureDirectory: string | null;
  readonly onCaptureFailure: CaptureFailurePolicy;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noColor: boolean;
}

interface Typed {
  readonly topology: string;
  readonly seed?: unknown;
  readonly 'capture-dir'?: unknown;
  readonly 'no-capture': boolean;
  readonly 'on-capture-failure'?: unknown;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noColor?: unknown;
}

/** @throws EgressLabError EGL_USAGE for a seed that is none, or a directory without a name */
export function readRunArguments(typed: Typed): RunArguments {
  const { json, quiet, topology } = typed;
  const seed = word(typed.seed);
  return {
    topology,
    seed: seed === null ? null : parseSeed(seed),
    captureDirectory: typed['no-capture'] ? null : directoryName(word(typed['capture-dir']) ?? ''),
    onCaptureFailure: typed['on-capture-failure'] === 'continue' ? 'continue' : 'stop',
    json,
    quiet,
    noColor: typed.noColor === true,
  };
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

function directoryName(text: string): string {
  if (text !== '') return text;
  throw new EgressLabError('EGL_USAGE', '--capture-dir is empty', {
    hint: 'Name a directory, or use --no-capture.',
  });
}
