// egresslab run: one topology, its whole scenario, in virtual time.

import type { Argv } from 'yargs';
import { unreachable } from '../../base/assert.ts';
import { EgressLabError } from '../../base/errors.ts';
import { shellWord } from '../../base/shell-word.ts';
import type { RunReport } from '../../scenario/report.ts';
import type { RunOptions } from '../../scenario/run-options.ts';
import type { Diagnostic } from '../../schema/diagnostic.ts';
import type { Topology } from '../../topology/topology.ts';
import { createBreather } from '../breather.ts';
import { CaptureTarget } from '../capture-target.ts';
import { ExitCode, exitCodeOfFault } from '../exit-code.ts';
import type { HtmlReport } from '../html-report.ts';
import type { Io, StopSignal } from '../io.ts';
import { Progress } from '../progress.ts';
import { createStyle, wantsColor } from '../render/style.ts';
import { formatBytes } from '../render/text.ts';
import { HumanRunPrinter, JsonRunPrinter, type RunPrinter } from '../run-printer.ts';
import { StopSignals } from '../stop-signals.ts';
import { reportDiagnostics, reportWarnings, toJsonProblem } from '../topology-problems.ts';
import { captureDirectoryOf, outputOf } from './capture-arguments.ts';
import {
  type Action,
  type Command,
  flagOption,
  JSON_OPTION,
  type Session,
  word,
  wordOption,
} from './command.ts';
import {
  RUN_OPTIONS,
  type RunArguments,
  readRunArguments,
  settings,
  TOPOLOGY_OPERAND,
} from './run-arguments.ts';
import { MATRIX_OPTIONS, readMatrix, runMatrix } from './run-matrix.ts';

const OPTIONS = {
  ...RUN_OPTIONS,
  ...MATRIX_OPTIONS,
  ...JSON_OPTION,
  html: wordOption('html', 'Write the run as a page that opens in any browser, without a network'),
  quiet: flagOption('Print only failed expectations and the summary', 'q'),
};

/** `egresslab run`: plays a scenario in virtual time. */
export const runCommand: Command = {
  name: 'run',
  optionNames: Object.keys(OPTIONS),
  exitCodes: [
    ExitCode.ExpectationFailed,
    ExitCode.Environment,
    ExitCode.Interrupted,
    ExitCode.Terminated,
  ],
  operand: 'topology',
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'run <topology>',
      'Play the scenario of a topology and report what happened',
      (command) =>
        command
          .positional('topology', TOPOLOGY_OPERAND)
          .options(OPTIONS)
          .example('$0 run topologies/automatic.yaml', 'an egress IP moves when its node dies')
          .example(
            '$0 run duplicate-ip --seed 7 --capture-dir /some/dir',
            'another roll of the dice',
          )
          .example('$0 run duplicate-ip --html report.html', 'to look at, frame by frame')
          .example('$0 run automatic --seeds 1..5', 'what chance changes')
          .example('$0 run automatic --json | jq .flows', 'the same facts for a program'),
      (typed) => {
        const args = readRunArguments(typed);
        const html = word(typed.html);
        const matrix = readMatrix(typed);
        if (matrix !== null && args.captureTo !== null) throw forOneRun();
        choose((session) =>
          matrix === null ? execute(args, html, session) : runMatrix(args, matrix, session),
        );
      },
    );
  },
};

async function execute(
  args: RunArguments,
  html: string | null,
  session: Session,
): Promise<ExitCode> {
  const { io } = session;
  const { loadTopology } = await import('../load-topology.ts');
  const { topology, diagnostics, text } = loadTopology(
    args.topology,
    io.workingDirectory,
    args.set,
  );
  if (topology === null) {
    reportDiagnostics(args.topology, diagnostics, args, io);
    return ExitCode.Input;
  }
  reportWarnings(args.topology, diagnostics, args.noColor, io);

  const page = html === null ? null : await pageOf(html, io);
  const seed = args.seed ?? topology.seed;
  session.reproduce = `egresslab run ${shellWord(args.topology)}${settings(args)} --seed ${seed}`;
  const progress = new Progress(io.stderr, topology.scenario.duration);
  const target = args.captureTo === null ? null : await CaptureTarget.open(args.captureTo, io);
  const printer = choosePrinter(args, session, progress, diagnostics);
  printer.begin(topology, seed);
  const watch = { printer, progress, page, target };
  const { isRead, report, stoppedBy } = await runWatched(topology, seed, args, session, watch);
  printer.end(report);
  await target?.finished();
  const octets = page?.write(report, text);
  if (octets !== undefined && !args.json && !args.quiet) {
    outputOf(args, io).write(`page     ${html}, ${formatBytes(octets)}\n`);
  }
  return isRead ? exitCodeOf(report, stoppedBy) : ExitCode.OutputClosed;
}

function forOneRun(): EgressLabError {
  return new EgressLabError('EGL_USAGE', '--capture-to is for one run', {
    hint: 'Variants are played without captures: leave out --capture-to, or --matrix and --seeds.',
  });
}

async function pageOf(file: string, io: Io): Promise<HtmlReport> {
  const { HtmlReport } = await import('../html-report.ts');
  return new HtmlReport(file, io.workingDirectory);
}

function choosePrinter(
  args: RunArguments,
  session: Session,
  progress: Progress,
  warnings: readonly Diagnostic[],
): RunPrinter {
  const { io } = session;
  if (args.json) return new JsonRunPrinter(io.stdout, warnings.map(toJsonProblem));
  const output = outputOf(args, io);
  const color = wantsColor(args.noColor, output.isTerminal, io.environment);
  return new HumanRunPrinter(output, { style: createStyle(color), quiet: args.quiet, progress });
}

/** Who looks on. */
interface Watch {
  readonly printer: RunPrinter;
  readonly progress: Progress;
  readonly page: HtmlReport | null;
  readonly target: CaptureTarget | null;
}

/** What came of it. */
interface Watched {
  readonly report: RunReport;
  readonly stoppedBy: StopSignal | null;
  /** False: who read the capture went away before its end. */
  readonly isRead: boolean;
}

/** Runs with captures open and signals heard; both are cleaned up, whatever happens. */
async function runWatched(
  topology: Topology,
  seed: number,
  args: RunArguments,
  session: Session,
  { page, progress, printer, target }: Watch,
): Promise<Watched> {
  const { io } = session;
  const abort = new AbortController();
  let stoppedBy: StopSignal | null = null;
  const signals = new StopSignals(io, (signal) => {
    stoppedBy = signal;
    progress.clear();
    io.stderr.write('Stopping: closing the captures. Press Ctrl-C again to quit at once.\n');
    abort.abort();
  });
  let isRead = true;
  target?.onGone(() => {
    isRead = false;
    if (args.onCaptureFailure === 'stop') abort.abort();
    io.stderr.write('note: nobody reads the capture any more\n');
  });
  const breathe = createBreather((now) => progress.update(now));
  const directory = captureDirectoryOf(args, io);
  const options: RunOptions = {
    seed,
    onStart: (before) => printer.before(before),
    onTimeline: (entry) => printer.entry(entry),
    // Virtual time can wait for a slow reader: nothing is left out.
    breathe: (now) => target?.drained(abort.signal) ?? breathe(now),
    signal: abort.signal,
    capture: target === null ? args.capture : { ...args.capture, format: target.format },
    onCaptureFailure: args.onCaptureFailure,
    ...(page === null ? {} : { recorder: page.recorder }),
    onBuilt: () => signals.listen(),
    ...(directory === null ? {} : { openCapture: (request) => directory.open(request) }),
    ...(target === null ? {} : { openCapture: () => target.destination('waits') }),
  };
  try {
    const report = await session.runScenario(topology, options);
    return { report, stoppedBy, isRead };
  } finally {
    progress.clear();
    directory?.close();
    signals.ignore();
  }
}

function exitCodeOf(report: RunReport, stoppedBy: StopSignal | null): ExitCode {
  const [problem] = report.problems;
  if (problem !== undefined) return exitCodeOfFault(problem.fault);
  switch (report.outcome) {
    case 'passed':
      return ExitCode.Success;
    case 'failed':
      return ExitCode.ExpectationFailed;
    case 'interrupted':
      return stoppedBy === 'SIGTERM' ? ExitCode.Terminated : ExitCode.Interrupted;
    case 'stopped':
      return ExitCode.Input;
    default:
      return unreachable(report.outcome);
  }
}
