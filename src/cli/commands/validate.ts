// egresslab validate: every problem of every file, and one line of judgment for each. Runs nothing.

import type { Argv } from 'yargs';
import { EgressLabError, type Fault } from '../../base/errors.ts';
import type { Topology } from '../../topology/topology.ts';
import { ExitCode, exitCodeOfFault } from '../exit-code.ts';
import type { LoadedTopology } from '../load-topology.ts';
import { renderProblem } from '../render/problem.ts';
import { createStyle, type Style, wantsColor } from '../render/style.ts';
import { plural, printable } from '../render/text.ts';
import { STANDARD_INPUT } from '../standard-input.ts';
import {
  type JsonProblem,
  jsonDocument,
  renderDiagnostics,
  toJsonProblem,
} from '../topology-problems.ts';
import {
  type Action,
  type Command,
  JSON_OPTION,
  operand,
  SET_OPTION,
  type Session,
  variablesOf,
} from './command.ts';

interface ValidateArguments {
  readonly files: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  readonly json: boolean;
  readonly noColor: boolean;
}

/** One file's judgment. */
interface Judgment {
  readonly file: string;
  readonly topology: Topology | null;
  readonly problems: readonly JsonProblem[];
  /** For people; empty when the file is right. */
  readonly text: string;
  readonly fault: Fault | null;
}

const OPTIONS = { ...JSON_OPTION, ...SET_OPTION };

/** `egresslab validate`: reports all that is wrong with topologies, without running them. */
export const validateCommand: Command = {
  name: 'validate',
  optionNames: Object.keys(OPTIONS),
  exitCodes: [ExitCode.Environment],
  operand: 'topology',
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'validate <topologies..>',
      'Check topology files and report every problem in them',
      (command) =>
        command
          .positional('topologies', {
            describe: 'Topology files; - is standard input',
            type: 'string',
            array: true,
            demandOption: true,
          })
          .options(OPTIONS)
          .example('$0 validate topologies/*.yaml', 'all problems of all files at once')
          .example('$0 validate --json lab.yaml', 'for an editor or a CI step'),
      (typed) => {
        const { topologies, json } = typed;
        const files = topologies.map(operand);
        const args = { files, json, set: variablesOf(typed.set), noColor: typed.noColor === true };
        choose((session) => execute(args, session));
      },
    );
  },
};

async function execute(args: ValidateArguments, { io }: Session): Promise<ExitCode> {
  if (args.files.length === 0) {
    throw new EgressLabError('EGL_USAGE', 'validate has no file to judge', {
      hint: 'Such as: egresslab validate lab.yaml, or "-" for standard input.',
    });
  }
  if (args.files.filter((file) => file === STANDARD_INPUT).length > 1) {
    throw new EgressLabError('EGL_USAGE', 'standard input ("-") was given twice', {
      hint: 'It can be read once: name the other as a file.',
    });
  }
  const style = createStyle(wantsColor(args.noColor, io.stdout.isTerminal, io.environment));
  const { loadTopology } = await import('../load-topology.ts');
  const load = (file: string): LoadedTopology => loadTopology(file, io.workingDirectory, args.set);
  const judgments = args.files.map((file) => judge(file, load, style));
  if (args.json) {
    const files = judgments.map(({ file, topology, problems }) => {
      return { file, valid: topology !== null, problems };
    });
    io.stdout.write(jsonDocument({ files }));
  } else {
    const details = judgments.filter(({ text }) => text !== '').map(({ text }) => `${text}\n`);
    const summary = judgments.map((judgment) => `${renderJudgment(judgment, style)}\n`);
    io.stdout.write([...details, ...summary].join(''));
  }
  const faults = judgments.map(({ fault }) => fault).filter((fault) => fault !== null);
  if (faults.length === 0) return ExitCode.Success;
  return exitCodeOfFault(faults.includes('input') ? 'input' : 'environment');
}

function judge(file: string, load: (file: string) => LoadedTopology, style: Style): Judgment {
  try {
    const { topology, diagnostics } = load(file);
    return {
      file,
      topology,
      problems: diagnostics.map(toJsonProblem),
      text: diagnostics.length === 0 ? '' : renderDiagnostics(file, diagnostics, style),
      fault: topology === null ? 'input' : null,
    };
  } catch (error) {
    if (!(error instanceof EgressLabError)) throw error;
    const { code, message, hint, fault } = error;
    const severity = 'error' as const;
    const problem = { code, severity, message, hint, file, line: null, column: null, path: null };
    const text = `${renderProblem(error, style).join('\n')}\n`;
    return { file, topology: null, problems: [problem], text, fault };
  }
}

function renderJudgment({ file, topology, problems }: Judgment, style: Style): string {
  if (topology === null) {
    const errors = problems.filter(({ severity }) => severity === 'error').length;
    return `${style.red('bad')}   ${printable(file)}   ${plural(errors, 'problem')}`;
  }
  const warnings = problems.length === 0 ? [] : [plural(problems.length, 'warning')];
  const { hosts, cluster, scenario } = topology;
  const checks = scenario.steps.filter((step) => step.kind === 'expect');
  const facts = [
    plural(hosts.length + (cluster?.nodes.length ?? 0), 'machine'),
    plural(scenario.flows.length, 'flow'),
    plural(scenario.steps.length - checks.length, 'step'),
    plural(checks.flatMap((step) => step.expectations).length, 'expectation'),
  ];
  return `${style.green('ok')}    ${printable(file)}   ${[...facts, ...warnings].join(', ')}`;
}
