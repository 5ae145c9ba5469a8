// egresslab events: the timeline of a running lab, from a second terminal.

import type { Argv } from 'yargs';
import { z } from 'zod';
import { timelineEntrySchema } from '../../../scenario/report-schema.ts';
import { createStyle, wantsColor } from '../../render/style.ts';
import { plural } from '../../render/text.ts';
import { renderTimelineEntry, sourceWidth } from '../../render/timeline.ts';
import { type Action, type Command, flagOption, type Session, word } from '../command.ts';
import { ask, LAB_OPTION, LIVE_EXIT_CODES } from './ask.ts';

const OPTIONS = {
  ...LAB_OPTION,
  follow: flagOption('Go on until Ctrl-C or until the lab ends', 'f'),
  json: flagOption('One JSON document a line, as in the report'),
};

const answerSchema = z.object({ omitted: z.int(), entries: z.array(timelineEntrySchema) });

/** `egresslab events`. */
export const eventsCommand: Command = {
  name: 'events',
  optionNames: Object.keys(OPTIONS),
  exitCodes: LIVE_EXIT_CODES,
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'events',
      'The timeline of a running lab: what happened so far, and what happens',
      (command) =>
        command
          .options(OPTIONS)
          .example('$0 events --follow', 'while you break things in another terminal')
          .example('$0 events -f --json | jq .kind', 'for a program'),
      (typed: Readonly<Record<string, unknown>>) => {
        const { follow, json, lab } = typed;
        const noColor = typed['no-color'] === true;
        const wish = { follow: follow === true, json: json === true, noColor };
        choose((session) => execute(word(lab), wish, session));
      },
    );
  },
};

interface Wish {
  readonly follow: boolean;
  readonly json: boolean;
  readonly noColor: boolean;
}

function execute(
  lab: string | null,
  { follow, json, noColor }: Wish,
  session: Session,
): Promise<number> {
  const { environment, stderr, stdout } = session.io;
  const style = createStyle(wantsColor(noColor, stdout.isTerminal, environment));
  // Names that come later may be longer: then the column grows, and stays so.
  let width = 0;
  return ask(lab, { verb: 'events', follow }, session, (data) => {
    const { entries, omitted } = answerSchema.parse(data);
    if (omitted > 0) stderr.write(`note: ${plural(omitted, 'earlier line')} left out\n`);
    width = Math.max(width, sourceWidth(entries.map(({ source }) => source)));
    for (const entry of entries) {
      const line = json ? JSON.stringify(entry) : renderTimelineEntry(entry, width, style);
      stdout.write(`${line}\n`);
    }
  });
}
