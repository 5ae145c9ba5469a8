// The options with which `egresslab up` serves the API and takes commands.

import { EgressLabError } from '../base/errors.ts';
import type { LabServer } from '../platform/lab-server.ts';
import type { Topology } from '../topology/topology.ts';
import {
  type FlagOption,
  flagOption,
  type TextOption,
  word,
  wordOption,
} from './commands/command.ts';
import type { Io } from './io.ts';

/** Of `egresslab up`, by long name. */
export const LAB_SERVER_OPTIONS: {
  readonly port: TextOption;
  readonly kubeconfig: TextOption;
  readonly lab: TextOption;
  readonly 'no-server': FlagOption;
} = {
  port: wordOption('port', 'Port of the API on 127.0.0.1; a free one when left out'),
  kubeconfig: wordOption('kubeconfig', 'File for the kubeconfig of the run'),
  lab: wordOption(
    'lab',
    'Name of this lab for commands; that of its topology (or name-2, ...) when left out',
  ),
  'no-server': flagOption('Serve no API and accept no commands'),
};

/** What yargs makes of LAB_SERVER_OPTIONS. */
export interface LabServerArguments {
  readonly port?: unknown;
  readonly kubeconfig?: unknown;
  readonly lab?: unknown;
  readonly 'no-server': boolean;
}

/**
 * The server that these options ask for, not started yet; null under `--no-server`. Loads `platform`'s
 * server only when there is one.
 * @throws EgressLabError EGL_USAGE for a port that is none, EGL_LAB_NAME
 */
export async function createLabServer(
  typed: LabServerArguments,
  topology: Topology,
  io: Io,
): Promise<LabServer | null> {
  if (typed['no-server']) return null;
  if (typed.kubeconfig === '-') {
    throw new EgressLabError('EGL_USAGE', '--kubeconfig - is not a file', {
      hint: 'A kubeconfig with its token is not printed: name a file, or leave --kubeconfig out.',
    });
  }
  const { LabServer } = await import('../platform/lab-server.ts');
  return new LabServer({
    name: word(typed.lab) ?? topology.name,
    anyName: typed.lab === undefined,
    port: typed.port === undefined ? 0 : parsePort('port', String(typed.port)),
    kubeconfig: word(typed.kubeconfig),
    workingDirectory: io.workingDirectory,
    environment: io.environment,
    stop: () => process.kill(process.pid, 'SIGINT'),
  });
}

/** The port of an option. @throws EgressLabError EGL_USAGE */
export function parsePort(option: string, text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new EgressLabError('EGL_USAGE', `--${option} ${text} is not a port`, {
    hint: 'A port is a whole number from 1 to 65535; leave it out for a free one.',
  });
}
