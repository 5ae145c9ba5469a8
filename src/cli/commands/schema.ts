// egresslab schema: the JSON Schema of topology files, for editors.

import type { Argv } from 'yargs';
import { topologyJsonSchema } from '../../topology/json-schema.ts';
import { ExitCode } from '../exit-code.ts';
import type { Action, Command, Session } from './command.ts';

export const schemaCommand: Command = {
  name: 'schema',
  optionNames: [],
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'schema',
      'Print the JSON Schema of topology files',
      (command) =>
        command.example(
          '$0 schema > topology.schema.json',
          'then begin a topology with:\n# yaml-language-server: $schema=./topology.schema.json',
        ),
      () => choose(execute),
    );
  },
};

async function execute({ io }: Session): Promise<ExitCode> {
  io.stdout.write(`${JSON.stringify(topologyJsonSchema(), null, 2)}\n`);
  return ExitCode.Success;
}
