// egresslab up: a topology in real time, connected to the kernel where it says so, until Ctrl-C. The steps
// of its scenario happen at their times; flows without an end go on as long as the lab does.

import type { Argv } from 'yargs';
import { shellWord } from '../../base/shell-word.ts';
import { CaptureDirectory } from '../../platform/capture-directory.ts';
import { LAG_POLICIES, type LagPolicy } from '../../platform/realtime-driver.ts';
import type { RunReport } from '../../scenario/report.ts';
import type { Topology } from '../../topology/topology.ts';
import { ExitCode, exitCodeOfFault } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { createLabServer, LAB_SERVER_OPTIONS, type LabServerArguments } from '../lab-server.ts';
import type { LabService } from '../live-lab.ts';
import { loadTopology } from '../load-topology.ts';
import { Progress } from '../progress.ts';
import { createStyle, wantsColor } from '../render/style.ts';
import { printable } from '../render/text.ts';
import { HumanRunView, JsonRunView, type RunView } from '../run-view.ts';
import { reportDiagnostics } from '../topology-problems.ts';
import { type Action, type Command, once, type Session } from './command.ts';
import { directoryName, parseSeed } from './run.ts';

const OPTIONS = {
  seed: {
    describe: "Seed of all chance, instead of the topology's (0 to 4294967295)",
    type: 'string',
    requiresArg: true,
    coerce: once('seed'),
  },
  'no-scenario': {
    describe: 'Leave out the flows and steps of the scenario',
    type: 'boolean',
    default: false,
  },
  lag: {
    describe: 'When the machine is too slow: report it and go on, or stop',
    choices: LAG_POLICIES,
    requiresArg: true,
    default: 'best-effort',
    coerce: once('lag'),
  },
  user: {
    describe: 'Switch to this user once the kernel devices are open',
    type: 'string',
    requiresArg: true,
    coerce: once('user'),
  },
  'capture-dir': {
    describe: 'Directory for captures; created if it does not exist',
    type: 'string',
    requiresArg: true,
    default: 'captures',
    coerce: once('capture-dir'),
  },
  'no-capture': { describe: 'Write no captures', type: 'boolean', default: false },
  json: {
    describe: 'Print one JSON document at the end and nothing else',
    type: 'boolean',
    default: false,
  },
  quiet: { alias: 'q', describe: 'Print no timeline', type: 'boolean', default: false },
} as const;

interface UpArguments {
  readonly topology: string;
  readonly seed: number | null;
  readonly withScenario: boolean;
  readonly lagPolicy: LagPolicy;
  readonly user: string | null;
  /** Null: no captures. */
  readonly captureDirectory: string | null;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noColor: boolean;
  readonly server: LabServerArguments;
}

export const upCommand: Command = {
  name: 'up',
  optionNames: [...Object.keys(OPTIONS), ...Object.keys(LAB_SERVER_OPTIONS)],
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'up <topology>',
      'Run a topology in real time until Ctrl-C, connected to the kernel where it says so',
      (command) =>
        command
          .positional('topology', {
            describe: 'A topology file, or a name from `egresslab list`',
            type: 'string',
            demandOption: true,
          })
          .options(OPTIONS)
          .example('$0 up topologies/tap.yaml', 'a TAP device on the lab (as root)')
          .example('$0 up automatic --no-scenario', 'a cluster that waits for you')
          .options(LAB_SERVER_OPTIONS),
      (typed) => {
        const args: UpArguments = {
          topology: typed.topology,
          seed: typed.seed === undefined ? null : parseSeed(String(typed.seed)),
          withScenario: !typed['no-scenario'],
          lagPolicy: typed.lag === 'strict' ? 'strict' : 'best-effort',
          user: typed.user === undefined ? null : String(typed.user),
          captureDirectory: typed['no-capture']
            ? null
            : directoryName(String(typed['capture-dir'])),
          json: typed.json,
          quiet: typed.quiet,
          noColor: typed.noColor === true,
          server: typed,
        };
        choose((session) => execute(args, session));
      },
    );
  },
};

async function execute(args: UpArguments, session: Session): Promise<ExitCode> {
  const { io } = session;
  const { topology, diagnostics } = loadTopology(args.topology, io.workingDirectory);
  if (topology === null) {
    reportDiagnostics(args.topology, diagnostics, args, io);
    return ExitCode.Input;
  }
  const seed = args.seed ?? topology.seed;
  session.reproduce = `egresslab up ${shellWord(args.topology)} --seed ${seed}`;
  const view = chooseView(args, io);
  const server = await createLabServer(args.server, topology, io);
  view.begin(topology, seed);
  const report = await runUntilStopped(
    topology,
    seed,
    args,
    io,
    view,
    server === null ? [] : [server],
  );
  view.end(report);
  const { outcome, problems } = report;
  if (outcome === 'stopped') return exitCodeOfFault(problems[0]?.fault ?? 'input');
  const failed = report.expectations.some(({ verdict }) => verdict === 'failed');
  return failed ? ExitCode.ExpectationFailed : ExitCode.Success;
}

/** Ctrl-C and SIGTERM are how such a lab ends: not a failure. */
async function runUntilStopped(
  topology: Topology,
  seed: number,
  args: UpArguments,
  io: Io,
  view: RunView,
  services: readonly LabService[],
): Promise<RunReport> {
  const { runLive } = await import('../live-lab.ts');
  const abort = new AbortController();
  const stopListening = io.onStopSignal(() => {
    if (!args.json) io.stderr.write('Stopping: putting everything away.\n');
    abort.abort();
  });
  const { captureDirectory, lagPolicy, user, withScenario } = args;
  const directory =
    captureDirectory === null ? null : new CaptureDirectory(captureDirectory, io.workingDirectory);
  try {
    return await runLive(
      topology,
      {
        seed,
        lagPolicy,
        user,
        withScenario,
        openEnded: true,
        services,
        say: (line) => (args.json ? io.stderr : io.stdout).write(`${printable(line)}\n`),
        onStart: (before) => view.before(before),
        onTimeline: (entry) => view.entry(entry),
        ...(directory === null ? {} : { openCapture: (request) => directory.open(request) }),
      },
      abort.signal,
    );
  } finally {
    directory?.close();
    stopListening();
  }
}

function chooseView(args: UpArguments, io: Io): RunView {
  if (args.json) return new JsonRunView(io.stdout);
  const color = wantsColor(args.noColor, io.stdout.isTerminal, io.environment);
  const progress = new Progress(io.stderr, 0);
  const { quiet } = args;
  return new HumanRunView(io, { style: createStyle(color), quiet, progress, live: true });
}
