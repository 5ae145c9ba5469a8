// egresslab schema: the JSON Schema of topology files, for editors, and that of run reports.

import type { Argv } from 'yargs';
import { ExitCode } from '../exit-code.ts';
import type { Action, Command, Session } from './command.ts';

/** Loaded when one of them is wanted. */
const SCHEMAS = {
  topology: async () => (await import('../../topology/json-schema.ts')).topologyJsonSchema(),
  report: async () => (await import('../../scenario/report-schema.ts')).reportJsonSchema(),
};

const NAMES = Object.keys(SCHEMAS) as (keyof typeof SCHEMAS)[];

/** `egresslab schema`: the JSON Schema of topologies or reports. */
export const schemaCommand: Command = {
  name: 'schema',
  optionNames: [],
  exitCodes: [],
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'schema [of]',
      'Print the JSON Schema of topology files, or of run reports',
      (command) =>
        command
          .positional('of', { describe: 'Which schema', choices: NAMES, default: 'topology' })
          .example(
            '$0 schema > topology.schema.json',
            'then begin a topology with:\n# yaml-language-server: $schema=./topology.schema.json',
          )
          .example('$0 schema report', 'of what run --json prints'),
      ({ of }) => {
        const name = NAMES.find((known) => known === of) ?? 'topology';
        choose((session) => execute(name, session));
      },
    );
  },
};

async function execute(of: keyof typeof SCHEMAS, { io }: Session): Promise<ExitCode> {
  io.stdout.write(`${JSON.stringify(await SCHEMAS[of](), null, 2)}\n`);
  return ExitCode.Success;
}
