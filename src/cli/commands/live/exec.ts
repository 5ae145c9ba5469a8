// egresslab exec MACHINE -- ip neigh: what Linux's own tools print on a machine of a running lab.

import type { Argv } from 'yargs';
import type { Action, Command } from '../command.ts';
import { ask, LAB_OPTION, LIVE_EXIT_CODES, takeLab } from './ask.ts';

/** `egresslab exec`. */
export const execCommand: Command = {
  name: 'exec',
  optionNames: ['lab'],
  exitCodes: LIVE_EXIT_CODES,
  endsAsInLab: true,
  operand: 'machine',
  operands: 'a machine and a command, such as: egresslab exec db -- ip neigh',
  register(parser: Argv): Argv {
    return parser.command(
      'exec <machine> <command..>',
      'Look at a machine with a tool of Linux: ip, ss, conntrack, bridge',
      (command) =>
        command
          .positional('machine', { describe: 'bridge fdb: a segment', type: 'string' })
          .positional('command', { describe: 'ip addr, ip route, ss, ...', type: 'string' })
          .options(LAB_OPTION)
          .example('$0 exec db -- ip neigh', 'what the database believes')
          .example('$0 exec worker01 -- conntrack -L -p tcp', 'what the node translates')
          .example('$0 exec db -- ss -tan', 'its TCP sockets')
          .example('$0 exec lan -- bridge -j fdb', 'where the switch expects whom, as rows'),
    );
  },
  actionOf(words: readonly string[]): Action | null {
    const { args, lab } = takeLab(words);
    const [machine, ...rest] = args;
    const command = rest[0] === '--' ? rest.slice(1) : rest;
    if (machine === undefined || machine.startsWith('-') || command.length === 0) return null;
    return (session) => ask(lab, { verb: 'exec', machine, words: command }, session);
  },
};
