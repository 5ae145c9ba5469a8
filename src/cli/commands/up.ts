// egresslab up: a topology in real time, connected to the kernel where it says so, until Ctrl-C. The steps
// of its scenario happen at their times; flows without an end go on as long as the lab does.

import type { Argv } from 'yargs';
import { shellWord } from '../../base/shell-word.ts';
import { LAG_POLICIES, type LagPolicy } from '../../platform/realtime-driver.ts';
import { captureName } from '../../scenario/capture-name.ts';
import type { RunReport } from '../../scenario/report.ts';
import type { Diagnostic } from '../../schema/diagnostic.ts';
import type { Topology } from '../../topology/topology.ts';
import { ExitCode, exitCodeOfFault } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { createLabServer, LAB_SERVER_OPTIONS, type LabServerArguments } from '../lab-server.ts';
import type { LabService } from '../live-lab.ts';
import { loadTopology } from '../load-topology.ts';
import { Progress } from '../progress.ts';
import { createStyle, wantsColor } from '../render/style.ts';
import { printable } from '../render/text.ts';
import { HumanRunPrinter, JsonRunPrinter, type RunPrinter } from '../run-printer.ts';
import { StopSignals } from '../stop-signals.ts';
import { reportDiagnostics, reportWarnings, toJsonProblem } from '../topology-problems.ts';
import {
  type Action,
  type Command,
  flagOption,
  type Session,
  word,
  wordOption,
} from './command.ts';
import {
  captureDirectoryOf,
  RUN_OPTIONS,
  type RunArguments,
  readRunArguments,
  settings,
  TOPOLOGY_OPERAND,
} from './run-arguments.ts';

const OPTIONS = {
  ...RUN_OPTIONS,
  'no-scenario': flagOption('Leave out the flows and steps of the scenario'),
  lag: {
    ...wordOption(
      'lag',
      'When the machine is too slow: report it and go on, or stop',
      'best-effort',
    ),
    choices: LAG_POLICIES,
  },
  user: wordOption('user', 'Switch to this user once the kernel devices are open'),
  json: flagOption('Print one JSON document at the end and nothing else'),
  quiet: flagOption('Print no timeline', 'q'),
  ...LAB_SERVER_OPTIONS,
};

interface UpArguments extends RunArguments {
  readonly withScenario: boolean;
  readonly lagPolicy: LagPolicy;
  readonly user: string | null;
  readonly server: LabServerArguments;
}

/** `egresslab up`: runs a lab in real time, to be talked to. */
export const upCommand: Command = {
  name: 'up',
  optionNames: Object.keys(OPTIONS),
  operand: 'topology',
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'up <topology>',
      'Run a topology in real time until Ctrl-C, connected to the kernel where it says so',
      (command) =>
        command
          .positional('topology', TOPOLOGY_OPERAND)
          .options(OPTIONS)
          .example('$0 up topologies/tap.yaml', 'a TAP device on the lab (as root)')
          .example('$0 up automatic --no-scenario', 'a cluster that waits for you'),
      (typed) => {
        const args: UpArguments = {
          ...readRunArguments(typed),
          withScenario: !typed['no-scenario'],
          lagPolicy: typed.lag === 'strict' ? 'strict' : 'best-effort',
          user: word(typed.user),
          server: typed,
        };
        choose((session) => execute(args, session));
      },
    );
  },
};

async function execute(args: UpArguments, session: Session): Promise<ExitCode> {
  const { io } = session;
  const { topology, diagnostics } = loadTopology(args.topology, io.workingDirectory, args.set);
  if (topology === null) {
    reportDiagnostics(args.topology, diagnostics, args, io);
    return ExitCode.Input;
  }
  reportWarnings(args.topology, diagnostics, args.noColor, io);
  const seed = args.seed ?? topology.seed;
  session.reproduce = `egresslab up ${shellWord(args.topology)}${settings(args)} --seed ${seed}`;
  const printer = choosePrinter(args, io, diagnostics);
  const server = await createLabServer(args.server, topology, io);
  printer.begin(topology, seed);
  const report = await runUntilStopped(
    topology,
    seed,
    args,
    io,
    printer,
    server === null ? [] : [server],
  );
  printer.end(report);
  const [problem] = report.problems;
  if (problem !== undefined) return exitCodeOfFault(problem.fault);
  const failed = report.expectations.some(({ verdict }) => verdict === 'failed');
  return failed ? ExitCode.ExpectationFailed : ExitCode.Success;
}

/** Ctrl-C and SIGTERM are how such a lab ends: not a failure. */
async function runUntilStopped(
  topology: Topology,
  seed: number,
  args: UpArguments,
  io: Io,
  printer: RunPrinter,
  services: readonly LabService[],
): Promise<RunReport> {
  const { runLive } = await import('../live-lab.ts');
  const abort = new AbortController();
  const signals = new StopSignals(io, () => {
    if (!args.json) io.stderr.write('Stopping: putting everything away.\n');
    abort.abort();
  });
  // Devices and namespaces of this machine come first, and are to be put away whenever it ends.
  if (topology.attachments.length > 0) signals.listen();
  const { lagPolicy, user, withScenario } = args;
  const directory = captureDirectoryOf(args, io);
  try {
    return await runLive(
      topology,
      {
        seed,
        lagPolicy,
        user,
        withScenario,
        openEnded: true,
        captureName: captureName(labName(args, topology), topology.seed, seed),
        capture: args.capture,
        onCaptureFailure: args.onCaptureFailure,
        services,
        say: (line) => (args.json ? io.stderr : io.stdout).write(`${printable(line)}\n`),
        onBuilt: () => signals.listen(),
        onStart: (before) => printer.before(before),
        onTimeline: (entry) => printer.entry(entry),
        ...(directory === null ? {} : { openCapture: (request) => directory.open(request) }),
      },
      abort.signal,
    );
  } finally {
    directory?.close();
    signals.ignore();
  }
}

/** As commands call it, too, where there are any. */
function labName({ server }: UpArguments, topology: Topology): string {
  return (server['no-server'] ? null : word(server.lab)) ?? topology.name;
}

function choosePrinter(args: UpArguments, io: Io, warnings: readonly Diagnostic[]): RunPrinter {
  if (args.json) return new JsonRunPrinter(io.stdout, warnings.map(toJsonProblem));
  const color = wantsColor(args.noColor, io.stdout.isTerminal, io.environment);
  const progress = new Progress(io.stderr, 0);
  const { quiet } = args;
  return new HumanRunPrinter(io, { style: createStyle(color), quiet, progress, live: true });
}
