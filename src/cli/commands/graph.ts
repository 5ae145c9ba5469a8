// egresslab graph: a topology as a picture, in the languages of Mermaid and Graphviz.

import type { Argv } from 'yargs';
import type { TopologyGraph } from '../../view/graph.ts';
import { ExitCode } from '../exit-code.ts';
import { reportDiagnostics, reportWarnings } from '../topology-problems.ts';
import {
  type Action,
  type Command,
  operand,
  SET_OPTION,
  type Session,
  variablesOf,
  wordOption,
} from './command.ts';
import { TOPOLOGY_OPERAND } from './run-arguments.ts';

const FORMATS = ['mermaid', 'dot'] as const;
type Format = (typeof FORMATS)[number];

/** Loaded when one of them is wanted. */
const WRITERS: Readonly<Record<Format, () => Promise<(graph: TopologyGraph) => string>>> = {
  mermaid: async () => (await import('../../view/mermaid.ts')).mermaid,
  dot: async () => (await import('../../view/dot.ts')).dot,
};

const OPTIONS = {
  format: { ...wordOption('format', 'Language of the picture', 'mermaid'), choices: FORMATS },
  ...SET_OPTION,
};

/** `egresslab graph TOPOLOGY`. */
export const graphCommand: Command = {
  name: 'graph',
  optionNames: Object.keys(OPTIONS),
  exitCodes: [ExitCode.Environment],
  operand: 'topology',
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'graph <topology>',
      'Print a topology as a picture, for Markdown or Graphviz',
      (command) =>
        command
          .positional('topology', TOPOLOGY_OPERAND)
          .options(OPTIONS)
          .example('$0 graph automatic', 'for a Mermaid block in Markdown')
          .example('$0 graph lab.yaml --format dot | dot -Tsvg > lab.svg', 'a picture'),
      ({ format, set, topology }) => {
        const language = FORMATS.find((known) => known === format) ?? 'mermaid';
        const variables = variablesOf(set);
        choose((session) => execute(operand(topology), variables, language, session));
      },
    );
  },
};

async function execute(
  file: string,
  set: Readonly<Record<string, string>>,
  format: Format,
  { io }: Session,
): Promise<ExitCode> {
  const { loadTopology } = await import('../load-topology.ts');
  const { topology, diagnostics } = loadTopology(file, io.workingDirectory, set);
  if (topology === null) {
    reportDiagnostics(file, diagnostics, { json: false, noColor: false }, io);
    return ExitCode.Input;
  }
  reportWarnings(file, diagnostics, false, io);
  const { topologyGraph } = await import('../../view/graph.ts');
  const write = await WRITERS[format]();
  io.stdout.write(write(topologyGraph(topology)));
  return ExitCode.Success;
}
