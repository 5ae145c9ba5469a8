// egresslab explore: many variants of one topology, until a property breaks; then small, and as a file.

import type { Argv } from 'yargs';
import { ExitCode } from '../../exit-code.ts';
import { EXPLORE_OPTIONS } from '../../explore/options.ts';
import { type Action, type Command, operand } from '../command.ts';

/** `egresslab explore`, and `egresslab explore merge`. */
export const exploreCommand: Command = {
  name: 'explore',
  optionNames: Object.keys(EXPLORE_OPTIONS),
  operand: 'topology',
  exitCodes: [ExitCode.ExpectationFailed, ExitCode.Environment, ExitCode.Interrupted],
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'explore <topology> [folders..]',
      'Vary faults, times and seeds of a topology until a property breaks',
      (command) =>
        command
          .positional('topology', {
            describe: 'A topology file or an included lab; or merge, and the folders of slices',
            type: 'string',
            demandOption: true,
          })
          .positional('folders', {
            describe: 'Of merge: folders of campaigns',
            type: 'string',
            array: true,
          })
          .options(EXPLORE_OPTIONS)
          .example('$0 explore automatic --minutes 5', 'built-in properties, all cores')
          .example(
            '$0 explore my.yaml --properties "never-two-answer,outage<45s" --faults power,agent,api',
            'some of them',
          )
          .example(
            '$0 explore my.yaml --systematic --grid 5s --up-to 2',
            'every pair of faults on a grid',
          )
          .example('$0 explore merge part-1 part-2 --out all', 'slices that ran elsewhere'),
      (typed) => {
        const words = { ...typed, topology: operand(String(typed.topology)) };
        choose(async (session) => {
          const { executeExplore } = await import('../../explore/execute.ts');
          return executeExplore(words, session);
        });
      },
    );
  },
};
