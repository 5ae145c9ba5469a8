// What `run` and `up` write down of the frames: which ports, how much of them, and where to.

import { EgressLabError } from '../../base/errors.ts';
import { parseByteSize } from '../../base/quantity.ts';
import { CaptureDirectory } from '../../platform/capture-directory.ts';
import { sudoCaller } from '../../platform/file-owner.ts';
import {
  CAPTURE_FAILURE_POLICIES,
  type CaptureChoices,
  type CaptureFailurePolicy,
  type CaptureSize,
} from '../../scenario/run-options.ts';
import { STANDARD_OUTPUT } from '../capture-target.ts';
import type { Io, TextOutput } from '../io.ts';
import {
  type FlagOption,
  flagOption,
  type ListOption,
  operand,
  type TextOption,
  word,
  wordOption,
} from './command.ts';

/** Nobody looks through more files. */
const MAXIMUM_FILES = 100_000;

/** The options, as yargs takes them. */
export const CAPTURE_OPTIONS: {
  readonly 'capture-dir': TextOption;
  readonly 'no-capture': FlagOption;
  readonly capture: ListOption;
  readonly 'capture-per-port': FlagOption;
  readonly 'no-comments': FlagOption;
  readonly 'capture-size': TextOption;
  readonly 'capture-ring': TextOption;
  readonly 'capture-to': TextOption;
  readonly 'on-capture-failure': TextOption & { readonly choices: readonly CaptureFailurePolicy[] };
} = {
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
  'capture-size': wordOption(
    'capture-size',
    'A capture file ends when it has this size, such as 10MB; later frames are left out',
  ),
  'capture-ring': wordOption(
    'capture-ring',
    'With --capture-size: go on in a new file, and keep the last so many',
  ),
  'capture-to': wordOption(
    'capture-to',
    'One capture to this file or named pipe, or to - for standard output, such as: | wireshark -k -i -',
  ),
  'on-capture-failure': {
    ...wordOption(
      'on-capture-failure',
      'When a capture cannot be written any more: end the lab, or go on without it; exit code 3 in both cases',
      'stop',
    ),
    choices: CAPTURE_FAILURE_POLICIES,
  },
};

/** What was asked for. */
export interface CaptureArguments {
  /** Null: no captures. */
  readonly captureDirectory: string | null;
  /** Where the one capture goes; null for files in the directory of captures. */
  readonly captureTo: string | null;
  readonly capture: CaptureChoices;
  readonly onCaptureFailure: CaptureFailurePolicy;
}

/** What yargs makes of CAPTURE_OPTIONS, and of the option that captures cannot be combined with. */
export interface TypedCapture {
  readonly 'capture-dir'?: unknown;
  readonly 'no-capture': boolean;
  readonly capture?: unknown;
  readonly 'capture-per-port': boolean;
  readonly 'no-comments': boolean;
  readonly 'capture-size'?: unknown;
  readonly 'capture-ring'?: unknown;
  readonly 'capture-to'?: unknown;
  readonly 'on-capture-failure'?: unknown;
  readonly json: boolean;
}

/** @throws EgressLabError EGL_USAGE for a size that is none, and for options that cannot be combined */
export function readCaptureArguments(typed: TypedCapture): CaptureArguments {
  const size = readSize(typed);
  return {
    captureDirectory: typed['no-capture'] ? null : (word(typed['capture-dir']) ?? 'captures'),
    captureTo: readCaptureTo(typed),
    capture: {
      ...(Array.isArray(typed.capture) ? { ports: typed.capture.map(String) } : {}),
      perPort: typed['capture-per-port'],
      ...(size === null ? {} : { size }),
      comments: !typed['no-comments'],
    },
    onCaptureFailure: typed['on-capture-failure'] === 'continue' ? 'continue' : 'stop',
  };
}

/** Where the captures go; null when there are to be none. */
export function captureDirectoryOf(
  { captureDirectory, captureTo }: CaptureArguments,
  io: Io,
): CaptureDirectory | null {
  if (captureDirectory === null || captureTo !== null) return null;
  return new CaptureDirectory(captureDirectory, io.workingDirectory, sudoCaller(io.environment));
}

/** Where words go: octets and words share no output. */
export function outputOf({ captureTo }: CaptureArguments, io: Io): TextOutput {
  return captureTo === STANDARD_OUTPUT ? io.stderr : io.stdout;
}

function readSize(typed: TypedCapture): CaptureSize | null {
  const given = word(typed['capture-size']);
  const ring = word(typed['capture-ring']);
  if (given === null) {
    if (ring === null) return null;
    throw new EgressLabError('EGL_USAGE', '--capture-ring needs --capture-size', {
      hint: 'Say how large a file gets, such as --capture-size 10MB.',
    });
  }
  const octets = parseByteSize(given);
  if (octets === null || octets === 0) {
    throw new EgressLabError('EGL_USAGE', `--capture-size ${given} is not a size`, {
      hint: 'Write a number with its unit, such as 500KB, 10MB or 1GiB.',
    });
  }
  if (ring === null) return { octets, files: null };
  const files = Number(ring);
  if (/^\d{1,6}$/.test(ring) && files >= 1 && files <= MAXIMUM_FILES) return { octets, files };
  throw new EgressLabError('EGL_USAGE', `--capture-ring ${ring} is not a number of files`, {
    hint: `Write a whole number from 1 to ${MAXIMUM_FILES}.`,
  });
}

function readCaptureTo(typed: TypedCapture): string | null {
  const given = word(typed['capture-to']);
  if (given === null) return null;
  const others = ['no-capture', 'capture-per-port'].filter((name) =>
    Object.entries(typed).some(([key, value]) => key === name && value === true),
  );
  if (word(typed['capture-ring']) !== null) others.push('capture-ring');
  if (given === STANDARD_OUTPUT && typed.json) others.push('json');
  const [other] = others;
  if (other === undefined) return operand(given);
  throw new EgressLabError('EGL_USAGE', `--capture-to and --${other} cannot be combined`, {
    hint: `Leave --${other} out.`,
  });
}
