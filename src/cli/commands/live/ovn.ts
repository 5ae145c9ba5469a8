// egresslab ovn lr-policy-list ROUTER, lr-nat-list ROUTER: logical routers of a running lab, as ovn-nbctl
// prints them.

import type { Argv } from 'yargs';
import { NBCTL_LISTS, routerListsSchema } from '../../../view/nbctl.ts';
import { printable } from '../../render/text.ts';
import { jsonDocument } from '../../topology-problems.ts';
import {
  type Action,
  type Command,
  JSON_OPTION,
  type Session,
  word,
  wordOption,
} from '../command.ts';
import { ask, LAB_OPTION, LIVE_EXIT_CODES } from './ask.ts';

const NODE_OPTION = {
  node: wordOption('node', 'The node whose database is read; all that have the router'),
} as const;

/** `egresslab ovn`. */
export const ovnCommand: Command = {
  name: 'ovn',
  optionNames: ['lab', 'node', 'json'],
  exitCodes: LIVE_EXIT_CODES,
  operand: 'machine',
  operands: `a list and a router, such as: egresslab ovn ${NBCTL_LISTS[0]} ovn_cluster_router`,
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'ovn <list> <router>',
      'Logical routers, as `ovn-nbctl` prints them',
      (command) =>
        command
          .positional('list', { describe: NBCTL_LISTS.join(' or '), type: 'string' })
          .positional('router', { describe: 'ovn_cluster_router, GR_<node>', type: 'string' })
          .options({ ...NODE_OPTION, ...LAB_OPTION, ...JSON_OPTION })
          .example('$0 ovn lr-policy-list ovn_cluster_router', 'which pod is rerouted where')
          .example('$0 ovn lr-nat-list GR_worker01', 'who leaves worker01 as which address'),
      (typed: Readonly<Record<string, unknown>>) => {
        const { json, lab, list, node, router } = typed;
        const words = [String(list), String(router)];
        choose((session) => execute(words, word(node), word(lab), json === true, session));
      },
    );
  },
};

async function execute(
  words: readonly string[],
  node: string | null,
  lab: string | null,
  json: boolean,
  session: Session,
): Promise<number> {
  const { stdout } = session.io;
  const code = await ask(lab, { verb: 'nbctl', of: node, words }, session, (data) => {
    const lists = routerListsSchema.parse(data);
    if (json) {
      const given = lists.map(({ database, rows }) => ({ database, rows }));
      stdout.write(jsonDocument({ lists: given }));
      return;
    }
    const isTitled = lists.length > 1;
    for (const { database, lines } of lists) {
      if (isTitled) stdout.write(`${printable(database)}\n`);
      for (const line of lines) stdout.write(`${isTitled ? '  ' : ''}${printable(line)}\n`);
    }
  });
  return code;
}
