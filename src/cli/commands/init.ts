// egresslab init: a topology to begin with. Asks nothing, and never writes over a file.

import type { Argv } from 'yargs';
import { shellWord } from '../../base/shell-word.ts';
import { writeNewFile } from '../../platform/new-file.ts';
import { ExitCode } from '../exit-code.ts';
import { STARTER_TOPOLOGY } from '../starter-topology.ts';
import { type Action, type Command, operand, type Session } from './command.ts';

const DEFAULT_FILE = 'lab.yaml';

/** `egresslab init [file]`. */
export const initCommand: Command = {
  name: 'init',
  optionNames: [],
  exitCodes: [ExitCode.Environment],
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'init [file]',
      'Write a commented topology to begin with',
      (command) =>
        command
          .positional('file', {
            describe: 'A file that does not exist yet',
            type: 'string',
            default: DEFAULT_FILE,
          })
          .example('$0 init', 'then: egresslab run lab.yaml'),
      ({ file }) => choose((session) => execute(operand(file), session)),
    );
  },
};

async function execute(file: string, { io }: Session): Promise<ExitCode> {
  const text = STARTER_TOPOLOGY.replaceAll(DEFAULT_FILE, shellWord(file));
  writeNewFile(file, io.workingDirectory, text);
  io.stdout.write(`Wrote ${shellWord(file)}. Play it:  egresslab run ${shellWord(file)}\n`);
  return ExitCode.Success;
}
