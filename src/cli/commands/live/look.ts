// egresslab arp, fdb, conntrack: the tables of a running lab, as Linux's own tools print them.

import type { Argv } from 'yargs';
import { z } from 'zod';
import { ExitCode } from '../../exit-code.ts';
import { printable } from '../../render/text.ts';
import { jsonDocument } from '../../topology-problems.ts';
import type { Action, Command, Session } from '../command.ts';
import { ask, JSON_OPTION, LAB_OPTION } from './ask.ts';

interface Table {
  readonly name: string;
  readonly describe: string;
  /** Of what. */
  readonly what: string;
  readonly example: readonly [string, string];
}

const TABLES: readonly Table[] = [
  {
    name: 'arp',
    describe: 'Neighbor tables, as `ip neigh` prints them',
    what: 'machine',
    example: ['db', 'whom the database believes'],
  },
  {
    name: 'fdb',
    describe: 'Forwarding tables, as `bridge fdb` prints them',
    what: 'segment',
    example: ['lan', 'behind which port the switch believes a MAC address'],
  },
  {
    name: 'conntrack',
    describe: 'Tracked connections, as `conntrack -L` prints them',
    what: 'machine',
    example: ['worker01', 'what the node translates'],
  },
];

const listingsSchema = z.array(z.object({ device: z.string(), lines: z.array(z.string()) }));

export const lookCommands: readonly Command[] = TABLES.map(commandOf);

function commandOf({ describe, example, name, what }: Table): Command {
  return {
    name,
    optionNames: ['lab', 'json'],
    register(parser: Argv, choose: (action: Action) => void): Argv {
      return parser.command(
        `${name} [${what}]`,
        describe,
        (command) =>
          command
            .positional(what, { describe: 'All of them when left out', type: 'string' })
            .options(LAB_OPTION)
            .options(JSON_OPTION)
            .example(`$0 ${name} ${example[0]}`, example[1]),
        (typed: Readonly<Record<string, unknown>>) => {
          const lab = typed.lab === undefined ? null : String(typed.lab);
          const of = typed[what] === undefined ? null : String(typed[what]);
          const json = typed.json === true;
          choose((session) => look(name, of, lab, json, session));
        },
      );
    },
  };
}

async function look(
  what: string,
  name: string | null,
  lab: string | null,
  json: boolean,
  session: Session,
): Promise<ExitCode> {
  const { stdout } = session.io;
  const code = await ask(lab, { verb: 'inspect', what, name }, session, (data) => {
    const listings = listingsSchema.parse(data);
    if (json) stdout.write(jsonDocument({ [what]: listings }));
    else stdout.write(listings.map((each) => text(each, name === null)).join(''));
  });
  return code === 0 ? ExitCode.Success : ExitCode.Input;
}

function text(listing: { device: string; lines: string[] }, titled: boolean): string {
  const indent = titled ? '  ' : '';
  const lines = listing.lines.map((line) => `${indent}${printable(line)}\n`).join('');
  return titled ? `${printable(listing.device)}\n${lines}` : lines;
}
