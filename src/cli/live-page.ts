// The options with which `egresslab up` shows its lab in a browser.

import { EgressLabError } from '../base/errors.ts';
import type { LabServer } from '../platform/lab-server.ts';
import type { LivePage } from '../platform/live-page/live-page.ts';
import { openInBrowser } from '../platform/open-browser.ts';
import {
  type Command,
  type FlagOption,
  flagOption,
  type TextOption,
  word,
  wordOption,
} from './commands/command.ts';
import type { Io } from './io.ts';
import { parsePort } from './lab-server.ts';
import { runPageCommand } from './page-commands.ts';

/** Of `egresslab up`, by long name. */
export const LIVE_PAGE_OPTIONS: {
  readonly web: FlagOption;
  readonly 'web-port': TextOption;
  readonly 'no-open': FlagOption;
} = {
  web: flagOption('Show the lab in a browser, which can take part'),
  'web-port': wordOption('web-port', 'Port of that page on 127.0.0.1; a free one when left out'),
  'no-open': flagOption('Print the link of the page, and do not open a browser'),
};

/** What was asked for. */
export interface LivePageArguments {
  readonly isWanted: boolean;
  /** 0: any free port. */
  readonly port: number;
  readonly isOpened: boolean;
}

/** Reads the options. @throws EgressLabError EGL_USAGE */
export function livePageArguments(typed: Readonly<Record<string, unknown>>): LivePageArguments {
  const port = word(typed['web-port']);
  const isWanted = typed.web === true || port !== null;
  if (isWanted && typed['no-server'] === true) {
    throw new EgressLabError('EGL_USAGE', '--web and --no-server cannot be combined', {
      hint: 'The page talks to the lab as commands do: leave --no-server out.',
    });
  }
  return {
    isWanted,
    port: port === null ? 0 : parsePort('web-port', port),
    isOpened: typed['no-open'] !== true,
  };
}

/** The page that is asked for, not started yet. @throws EgressLabError EGL_FILE_NOT_FOUND without a build */
export async function createLivePage(
  { isOpened, isWanted, port }: LivePageArguments,
  server: LabServer,
  commands: readonly Command[],
  io: Io,
): Promise<LivePage | null> {
  if (!isWanted) return null;
  const page = await import('../platform/live-page/live-page.ts');
  return new page.LivePage({
    port,
    lab: () => server.name,
    command: (command) => runPageCommand(command, server.name, commands, io),
    onLink: (link) => {
      if (isOpened && io.stdout.isTerminal) openInBrowser(link);
    },
  });
}
