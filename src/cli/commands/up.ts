// egresslab up: a topology in real time, connected to the kernel where it says so, until Ctrl-C. The steps
// of its scenario happen at their times; flows without an end go on as long as the lab does.

import { shellWord } from '../../base/shell-word.ts';
import { LAG_POLICIES, type LagPolicy } from '../../platform/realtime-driver.ts';
import { captureName } from '../../scenario/capture-name.ts';
import type { RunReport } from '../../scenario/report.ts';
import type { Diagnostic } from '../../schema/diagnostic.ts';
import type { Topology } from '../../topology/topology.ts';
import { CaptureTarget } from '../capture-target.ts';
import { ExitCode, exitCodeOfFault } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { createLabServer, LAB_SERVER_OPTIONS, type LabServerArguments } from '../lab-server.ts';
import type { LabService } from '../live-lab.ts';
import {
  createLivePage,
  LIVE_PAGE_OPTIONS,
  type LivePageArguments,
  livePageArguments,
} from '../live-page.ts';
import { Progress } from '../progress.ts';
import { createStyle, wantsColor } from '../render/style.ts';
import { printable } from '../render/text.ts';
import { HumanRunPrinter, JsonRunPrinter, type RunPrinter } from '../run-printer.ts';
import { StopSignals } from '../stop-signals.ts';
import { reportDiagnostics, reportWarnings, toJsonProblem } from '../topology-problems.ts';
import { captureDirectoryOf, outputOf } from './capture-arguments.ts';
import { type Command, flagOption, type Session, word, wordOption } from './command.ts';
import {
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
  ...LIVE_PAGE_OPTIONS,
};

interface UpArguments extends RunArguments {
  readonly withScenario: boolean;
  readonly lagPolicy: LagPolicy;
  readonly user: string | null;
  readonly server: LabServerArguments;
  readonly page: LivePageArguments;
}

/** `egresslab up`: runs a lab in real time, to be talked to; its page takes `commands`. */
export function upCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'up',
    optionNames: Object.keys(OPTIONS),
    exitCodes: [ExitCode.ExpectationFailed, ExitCode.Environment],
    operand: 'topology',
    register: (parser, choose) =>
      parser.command(
        'up <topology>',
        'Run a topology in real time until Ctrl-C, connected to the kernel where it says so',
        (command) =>
          command
            .positional('topology', TOPOLOGY_OPERAND)
            .options(OPTIONS)
            .example('$0 up topologies/tap.yaml', 'a TAP device on the lab (as root)')
            .example('$0 up automatic --no-scenario', 'a cluster that waits for you')
            .example('$0 up automatic --web', 'to look at in a browser, and to take part')
            .example(
              '$0 up automatic --capture-to - | wireshark -k -i -',
              'its frames as they come',
            ),
        (typed) => {
          const args: UpArguments = {
            ...readRunArguments(typed),
            withScenario: !typed['no-scenario'],
            lagPolicy: typed.lag === 'strict' ? 'strict' : 'best-effort',
            user: word(typed.user),
            server: typed,
            page: livePageArguments(typed),
          };
          choose((session) => execute(args, commands(), session));
        },
      ),
  };
}

async function execute(
  args: UpArguments,
  commands: readonly Command[],
  session: Session,
): Promise<ExitCode> {
  const { io } = session;
  const { loadTopology } = await import('../load-topology.ts');
  const { topology, diagnostics } = loadTopology(args.topology, io.workingDirectory, args.set);
  if (topology === null) {
    reportDiagnostics(args.topology, diagnostics, args, io);
    return ExitCode.Input;
  }
  reportWarnings(args.topology, diagnostics, args.noColor, io);
  const seed = args.seed ?? topology.seed;
  session.reproduce = `egresslab up ${shellWord(args.topology)}${settings(args)} --seed ${seed}`;
  const target = args.captureTo === null ? null : await CaptureTarget.open(args.captureTo, io);
  const printer = choosePrinter(args, io, diagnostics);
  const server = await createLabServer(args.server, topology, io);
  const page = server === null ? null : await createLivePage(args.page, server, commands, io);
  printer.begin(topology, seed);
  const report = await runUntilStopped(
    topology,
    seed,
    args,
    io,
    printer,
    [server, page].filter((service) => service !== null),
    target,
  );
  printer.end(report);
  await target?.finished();
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
  target: CaptureTarget | null,
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
  target?.onGone(() => {
    if (args.onCaptureFailure === 'stop') abort.abort();
    io.stderr.write('note: nobody reads the capture any more\n');
  });
  const capture = target === null ? args.capture : { ...args.capture, format: target.format };
  const words = args.json ? io.stderr : outputOf(args, io);
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
        capture,
        onCaptureFailure: args.onCaptureFailure,
        services,
        isReadAlong: target !== null,
        say: (line) => words.write(`${printable(line)}\n`),
        onBuilt: () => signals.listen(),
        onStart: (before) => printer.before(before),
        onTimeline: (entry) => printer.entry(entry),
        ...(directory === null ? {} : { openCapture: (request) => directory.open(request) }),
        ...(target === null ? {} : { openCapture: () => target.destination('goes-on') }),
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
  const output = outputOf(args, io);
  const color = wantsColor(args.noColor, output.isTerminal, io.environment);
  const progress = new Progress(io.stderr, 0);
  const { quiet } = args;
  return new HumanRunPrinter(output, { style: createStyle(color), quiet, progress, live: true });
}
