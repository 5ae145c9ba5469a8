// egresslab web: the playground, for a browser of this machine.

import { basename } from 'node:path';
import type { Argv } from 'yargs';
import { EgressLabError } from '../../base/errors.ts';
import { openInBrowser } from '../../platform/open-browser.ts';
import { WebServer } from '../../platform/web-server.ts';
import { ExitCode } from '../exit-code.ts';
import {
  type Action,
  type Command,
  flagOption,
  type Session,
  word,
  wordOption,
} from './command.ts';

const OPTIONS = {
  port: wordOption('port', 'Port of 127.0.0.1; any free one when left out'),
  'no-open': flagOption('Do not open a browser'),
};

/** `egresslab web [TOPOLOGY]`. */
export const webCommand: Command = {
  name: 'web',
  optionNames: Object.keys(OPTIONS),
  exitCodes: [ExitCode.Environment],
  operand: 'topology',
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'web [topology]',
      'Serve the playground: edit, run and look at labs in a browser',
      (command) =>
        command
          .positional('topology', {
            describe: 'A topology file or the name of a lab, to begin with',
            type: 'string',
          })
          .options(OPTIONS)
          .example('$0 web', 'the included labs')
          .example('$0 web lab.yaml --port 8080 --no-open', 'a file of yours, at a known address'),
      (typed) => {
        const port = portOf(word(typed.port));
        const file = word(typed.topology);
        const isOpened = typed['no-open'] !== true;
        choose((session) => execute(file, port, isOpened, session));
      },
    );
  },
};

async function execute(
  file: string | null,
  port: number,
  isOpened: boolean,
  { io }: Session,
): Promise<ExitCode> {
  const { loadTopology } = await import('../load-topology.ts');
  // What is wrong in it the page shows; what cannot be read is said here.
  const first =
    file === null
      ? null
      : {
          name: basename(file).replace(/\.ya?ml$/, ''),
          text: loadTopology(file, io.workingDirectory).text,
        };
  const server = new WebServer(first);
  const address = await server.start(port);
  const stopped = new Promise<void>((resolve) => {
    io.onStopSignal(() => resolve());
  });
  io.stdout.write(`The playground is at ${address} until you press Ctrl-C.\n`);
  if (isOpened && io.stdout.isTerminal) openInBrowser(address);
  await stopped;
  await server.stop();
  return ExitCode.Success;
}

/** @throws EgressLabError EGL_USAGE */
function portOf(text: string | null): number {
  if (text === null) return 0;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 0xffff) return port;
  throw new EgressLabError('EGL_USAGE', `--port ${text} is not a port`, {
    hint: 'A port is a whole number from 0 to 65535, such as --port 8080.',
  });
}
