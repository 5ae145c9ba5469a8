// egresslab arp, fdb, conntrack: the tables of a running lab, as Linux's own tools print them.

import type { Argv } from 'yargs';
import { z } from 'zod';
import type { Nanos } from '../../../sim/time.ts';
import type { TableName } from '../../../view/tables.ts';
import { printable } from '../../render/text.ts';
import { jsonDocument } from '../../topology-problems.ts';
import { type Action, type Command, JSON_OPTION, type Session, word } from '../command.ts';
import { ask, LAB_OPTION, LIVE_EXIT_CODES } from './ask.ts';
import { type Show, WATCH_OPTION, watch } from './watch.ts';

/** The first version had printed lines instead of rows. */
const SCHEMA_VERSION = 2;

/** A line of output, and the machine or segment that it is about. */
interface Printed {
  readonly of: string;
  readonly line: string;
}

interface ViewCommand {
  readonly name: string;
  readonly describe: string;
  /** What the table can be narrowed to. */
  readonly of: 'machine' | 'segment';
  readonly example: readonly [string, string];
  readonly table: TableName;
  /** Loads what lays out the rows of an answer of lab time `at`, and throws ZodError for an answer that is none. */
  printer(): Promise<(rows: unknown, at: Nanos) => Printed[]>;
}

const COMMANDS: readonly ViewCommand[] = [
  {
    name: 'arp',
    describe: 'Neighbor tables, as `ip neigh` prints them',
    of: 'machine',
    example: ['db', 'what the database believes'],
    table: 'neighbors',
    printer: async () => {
      const { neighborLine, neighborRowSchema } = await import('../../../view/neighbors.ts');
      const schema = z.array(neighborRowSchema);
      return (rows) =>
        schema.parse(rows).map((row) => ({ of: row.machine, line: neighborLine(row) }));
    },
  },
  {
    name: 'fdb',
    describe: 'Forwarding tables, as `bridge fdb` prints them',
    of: 'segment',
    example: ['lan', 'the port on which the switch expects each MAC address'],
    table: 'fdb',
    printer: async () => {
      const { fdbLine, fdbRowSchema } = await import('../../../view/fdb.ts');
      const schema = z.array(fdbRowSchema);
      return (rows) => schema.parse(rows).map((row) => ({ of: row.segment, line: fdbLine(row) }));
    },
  },
  {
    name: 'conntrack',
    describe: 'Tracked connections, as `conntrack -L` prints them',
    of: 'machine',
    example: ['worker01', 'what the node translates'],
    table: 'conntrack',
    printer: async () => {
      const { conntrackLine, conntrackRowSchema } = await import('../../../view/conntrack.ts');
      const schema = z.array(conntrackRowSchema);
      return (rows, at) =>
        schema.parse(rows).map((row) => ({ of: row.machine, line: conntrackLine(row, at) }));
    },
  },
];

const answerSchema = z.object({ at: z.number(), rows: z.array(z.unknown()) });

/** `egresslab arp`, `routes`, `fdb` and the other tables of a running lab. */
export const viewCommands: readonly Command[] = COMMANDS.map(commandOf);

function commandOf(view: ViewCommand): Command {
  const { describe, example, name, of } = view;
  return {
    name,
    optionNames: ['lab', 'json', 'watch'],
    exitCodes: LIVE_EXIT_CODES,
    operand: of,
    register(parser: Argv, choose: (action: Action) => void): Argv {
      return parser.command(
        `${name} [${of}]`,
        describe,
        (command) =>
          command
            .positional(of, { describe: 'All of them when left out', type: 'string' })
            .options(LAB_OPTION)
            .options(JSON_OPTION)
            .options(WATCH_OPTION)
            .example(`$0 ${name} ${example[0]}`, example[1]),
        (typed: Readonly<Record<string, unknown>>) => {
          const lab = word(typed.lab);
          const narrowed = typed[of] === undefined ? null : String(typed[of]);
          const json = typed.json === true;
          const look = (session: Session, show: Show): Promise<number> =>
            execute(view, narrowed, lab, json, session, show);
          choose((session) =>
            typed.watch === true
              ? watch(session, (show) => look(session, show))
              : look(session, (shown) => session.io.stdout.write(shown)),
          );
        },
      );
    },
  };
}

async function execute(
  view: ViewCommand,
  of: string | null,
  lab: string | null,
  json: boolean,
  session: Session,
  show: Show,
): Promise<number> {
  const print = await view.printer();
  return ask(lab, { verb: 'view', table: view.table, of }, session, (data) => {
    const { at, rows } = answerSchema.parse(data);
    const about = JSON.stringify(rows);
    if (json) show(jsonDocument({ at, [view.name]: rows }, SCHEMA_VERSION), about);
    else show(text(print(rows, at), of === null), about);
  });
}

/** With a title above the lines of each machine or segment, or without. */
function text(printed: readonly Printed[], titled: boolean): string {
  let lines = '';
  let title: string | null = null;
  for (const { line, of } of printed) {
    if (titled && of !== title) lines += `${printable(of)}\n`;
    title = of;
    lines += `${titled ? '  ' : ''}${printable(line)}\n`;
  }
  return lines;
}
