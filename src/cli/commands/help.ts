// egresslab help: what `--help` prints, for those who type it the other way round.

import type { Argv } from 'yargs';
import type { Command } from './command.ts';

/** `egresslab help [command]`; the parser turns it into `egresslab [command] --help`. */
export const helpCommand: Command = {
  name: 'help',
  optionNames: [],
  exitCodes: [],
  operand: 'command',
  register(parser: Argv): Argv {
    return parser.command('help [command]', 'Explain a command', (command) =>
      command
        .positional('command', { describe: 'All of them when left out', type: 'string' })
        .example('$0 help run', 'the same as egresslab run --help'),
    );
  },
};
