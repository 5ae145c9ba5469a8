// egresslab list: the labs that come with egresslab, and what each of them shows.

import type { Argv } from 'yargs';
import { present } from '../../base/assert.ts';
import { shippedTopologies } from '../../platform/shipped-topologies.ts';
import { ExitCode } from '../exit-code.ts';
import { renderTable } from '../render/table.ts';
import { jsonDocument } from '../topology-problems.ts';
import { type Action, type Command, JSON_OPTION, type Session } from './command.ts';

/** `egresslab list`: the included topologies. */
export const listCommand: Command = {
  name: 'list',
  optionNames: Object.keys(JSON_OPTION),
  exitCodes: [],
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'list',
      'List the included labs',
      (command) => command.options(JSON_OPTION).example('$0 list', 'then: egresslab run <name>'),
      (typed) => choose((session) => execute(typed.json, session)),
    );
  },
};

async function execute(json: boolean, { io }: Session): Promise<ExitCode> {
  const { loadTopology } = await import('../load-topology.ts');
  const labs = shippedTopologies().map(({ name, file }) => {
    const { topology } = loadTopology(file, io.workingDirectory);
    const { description } = present(topology, 'the labs that come with egresslab are valid');
    return { name, description };
  });
  if (json) {
    io.stdout.write(jsonDocument({ labs }));
    return ExitCode.Success;
  }
  const rows = labs.map(({ name, description }) => [name, description]);
  const lines = renderTable(
    [{ title: 'NAME' }, { title: 'WHAT IT SHOWS' }],
    rows,
    io.stdout.columns,
  );
  io.stdout.write(`${lines.join('\n')}\n`);
  return ExitCode.Success;
}
