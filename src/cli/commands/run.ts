// egresslab run: one topology, its whole scenario, in virtual time.

import type { Argv } from 'yargs';
import { unreachable } from '../../base/assert.ts';
import { EgressLabError } from '../../base/errors.ts';
import { shellWord } from '../../base/shell-word.ts';
import { CaptureDirectory } from '../../platform/capture-directory.ts';
import type { RunReport } from '../../scenario/report.ts';
import type { RunOptions } from '../../scenario/run-options.ts';
import type { Topology } from '../../topology/topology.ts';
import { createBreather } from '../breather.ts';
import { ExitCode, exitCodeOfFault } from '../exit-code.ts';
import type { StopSignal } from '../io.ts';
import { loadTopology } from '../load-topology.ts';
import { Progress } from '../progress.ts';
import { createStyle, wantsColor } from '../render/style.ts';
import { HumanRunView, JsonRunView, type RunView } from '../run-view.ts';
import { reportDiagnostics } from '../topology-problems.ts';
import { type Action, type Command, once, type Session } from './command.ts';

const OPTIONS = {
  seed: {
    describe: "Seed of all chance, instead of the topology's (0 to 4294967295)",
    type: 'string',
    requiresArg: true,
    coerce: once('seed'),
  },
  'capture-dir': {
    describe: 'Directory for captures; created if it does not exist',
    type: 'string',
    requiresArg: true,
    default: 'captures',
    coerce: once('capture-dir'),
  },
  'no-capture': { describe: 'Write no captures', type: 'boolean', default: false },
  json: { describe: 'Print one JSON document and nothing else', type: 'boolean', default: false },
  quiet: {
    alias: 'q',
    describe: 'Print only failed expectations and the summary',
    type: 'boolean',
    default: false,
  },
} as const;

interface RunArguments {
  readonly topology: string;
  readonly seed: number | null;
  /** Null: no captures. */
  readonly captureDirectory: string | null;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noColor: boolean;
}

export const runCommand: Command = {
  name: 'run',
  optionNames: Object.keys(OPTIONS),
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'run <topology>',
      'Play the scenario of a topology and report what happened',
      (command) =>
        command
          .positional('topology', {
            describe: 'A topology file, or a name from `egresslab list`',
            type: 'string',
            demandOption: true,
          })
          .options(OPTIONS)
          .example('$0 run topologies/automatic.yaml', 'an egress IP moves when its node dies')
          .example(
            '$0 run duplicate-ip --seed 7 --capture-dir /some/dir',
            'another roll of the dice',
          )
          .example('$0 run automatic --json | jq .flows', 'the same facts for a program'),
      (typed) => {
        const seed = typed.seed === undefined ? null : parseSeed(String(typed.seed));
        const args: RunArguments = {
          topology: typed.topology,
          seed,
          captureDirectory: typed['no-capture']
            ? null
            : directoryName(String(typed['capture-dir'])),
          json: typed.json,
          quiet: typed.quiet,
          noColor: typed.noColor === true,
        };
        choose((session) => execute(args, session));
      },
    );
  },
};

async function execute(args: RunArguments, session: Session): Promise<ExitCode> {
  const { io } = session;
  const { topology, diagnostics } = loadTopology(args.topology, io.workingDirectory);
  if (topology === null) {
    reportDiagnostics(args.topology, diagnostics, args, io);
    return ExitCode.Input;
  }

  const seed = args.seed ?? topology.seed;
  session.reproduce = `egresslab run ${shellWord(args.topology)} --seed ${seed}`;
  const progress = new Progress(io.stderr, topology.scenario.duration);
  const view = chooseView(args, session, progress);
  view.begin(topology, seed);
  const { report, stoppedBy } = await runWatched(topology, seed, args, session, view, progress);
  view.end(report);
  return exitCodeOf(report, stoppedBy);
}

function chooseView(args: RunArguments, session: Session, progress: Progress): RunView {
  const { io } = session;
  if (args.json) return new JsonRunView(io.stdout);
  const color = wantsColor(args.noColor, io.stdout.isTerminal, io.environment);
  return new HumanRunView(io, { style: createStyle(color), quiet: args.quiet, progress });
}

/** Runs with captures open and signals heard; both are cleaned up, whatever happens. */
async function runWatched(
  topology: Topology,
  seed: number,
  args: RunArguments,
  session: Session,
  view: RunView,
  progress: Progress,
): Promise<{ report: RunReport; stoppedBy: StopSignal | null }> {
  const { io } = session;
  const abort = new AbortController();
  let stoppedBy: StopSignal | null = null;
  const stopListening = io.onStopSignal((signal) => {
    stoppedBy = signal;
    progress.clear();
    io.stderr.write('Stopping: closing the captures. Press Ctrl-C again to quit at once.\n');
    abort.abort();
  });
  const directory =
    args.captureDirectory === null
      ? null
      : new CaptureDirectory(args.captureDirectory, io.workingDirectory);
  const options: RunOptions = {
    seed,
    onStart: (before) => view.before(before),
    onTimeline: (entry) => view.entry(entry),
    breathe: createBreather((now) => progress.update(now)),
    signal: abort.signal,
    ...(directory === null ? {} : { openCapture: (request) => directory.open(request) }),
  };
  try {
    const report = await session.runScenario(topology, options);
    return { report, stoppedBy };
  } finally {
    progress.clear();
    directory?.close();
    stopListening();
  }
}

function exitCodeOf(report: RunReport, stoppedBy: StopSignal | null): ExitCode {
  switch (report.outcome) {
    case 'passed':
      return ExitCode.Success;
    case 'failed':
      return ExitCode.ExpectationFailed;
    case 'interrupted':
      return stoppedBy === 'SIGTERM' ? ExitCode.Terminated : ExitCode.Interrupted;
    case 'stopped':
      return exitCodeOfFault(report.problems[0]?.fault ?? 'input');
    default:
      return unreachable(report.outcome);
  }
}

export function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^\d{1,10}$/.test(text) && seed <= 0xffff_ffff) return seed;
  throw new EgressLabError('EGL_USAGE', `--seed ${text} is not a seed`, {
    hint: 'A seed is a whole number from 0 to 4294967295, such as --seed 7.',
  });
}

export function directoryName(text: string): string {
  if (text !== '') return text;
  throw new EgressLabError('EGL_USAGE', '--capture-dir is empty', {
    hint: 'Name a directory, or use --no-capture.',
  });
}
