// egresslab capture: the frames of a running lab, into a file, a pipe, or as lines on the terminal.

import type { Argv } from 'yargs';
import { findLab } from '../../../platform/control/lab-registry.ts';
import { CaptureTarget, formatOfFile, STANDARD_OUTPUT } from '../../capture-target.ts';
import { ExitCode } from '../../exit-code.ts';
import type { Io } from '../../io.ts';
import { plural, printableLines } from '../../render/text.ts';
import {
  type Action,
  type Command,
  flagOption,
  operand,
  type Session,
  word,
  wordOption,
} from '../command.ts';
import { LAB_OPTION } from './ask.ts';
import { type CapturePlace, followCapture, placeOf, type SeenFrames } from './follow-capture.ts';

const OPTIONS = {
  ...LAB_OPTION,
  write: { ...wordOption('write', 'File or named pipe; - is standard output'), alias: 'w' },
  'no-comments': flagOption('Leave out the comments of frames'),
  quiet: flagOption('Do not say at the end how many frames there were', 'q'),
};

/** `egresslab capture [PORT...]`. */
export const captureCommand: Command = {
  name: 'capture',
  optionNames: Object.keys(OPTIONS),
  exitCodes: [ExitCode.Environment],
  operand: 'cable',
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'capture [ports..]',
      'Capture frames of a running lab, for Wireshark or as lines, until Ctrl-C',
      (command) =>
        command
          .positional('ports', {
            describe: "Such as db/eth0, worker01, '*/eth0' or drops; the topology's when left out",
            type: 'string',
            array: true,
          })
          .options(OPTIONS)
          .example('$0 capture db/eth0', 'lines on the terminal, as tcpdump prints them')
          .example("$0 capture '*' drops | wireshark -k -i -", 'everything, as it happens')
          .example('$0 capture -w trouble.pcapng', 'into a file'),
      (typed) => {
        const file = word(typed.write);
        const wish: Wish = {
          ports: (typed.ports ?? []).map(String),
          to: file === null ? null : operand(file),
          comments: !typed['no-comments'],
          quiet: typed.quiet,
          lab: word(typed.lab),
        };
        choose((session) => execute(wish, session));
      },
    );
  },
};

interface Wish {
  readonly ports: readonly string[];
  /** Null when nothing was said. */
  readonly to: string | null;
  readonly comments: boolean;
  readonly quiet: boolean;
  readonly lab: string | null;
}

async function execute(wish: Wish, { io }: Session): Promise<ExitCode> {
  const entry = findLab(wish.lab, io.environment);
  const onTerminal = wish.to === null && io.stdout.isTerminal;
  const target = onTerminal ? null : await CaptureTarget.open(wish.to ?? STANDARD_OUTPUT, io);
  const format = target === null ? 'text' : formatOfFile(target.path);
  const place = target === null ? linesOn(io) : placeOf(target);
  const abort = new AbortController();
  const stopListening = io.onStopSignal(() => abort.abort());
  target?.onGone(() => abort.abort());
  try {
    const seen = await followCapture(entry, { ...wish, format }, place, abort.signal);
    if (!wish.quiet) io.stderr.write(summary(seen));
  } finally {
    stopListening();
    place.sink.close();
    await target?.finished();
  }
  return ExitCode.Success;
}

/** Text as it comes, safe for the terminal. */
function linesOn({ stdout }: Io): CapturePlace {
  const decoder = new TextDecoder();
  return {
    sink: {
      write: (chunk) => stdout.write(printableLines(decoder.decode(chunk, { stream: true }))),
      close: () => {},
    },
    drained: () => null,
  };
}

function summary({ frames, missed }: SeenFrames): string {
  const lost =
    missed === 0 ? '' : `, ${plural(missed, 'frame')} missed: they were not read in time`;
  return `${plural(frames, 'frame')} captured${lost}\n`;
}
