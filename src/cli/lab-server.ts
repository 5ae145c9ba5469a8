// The options with which `egresslab up` serves the API and takes commands.

import type { Options } from 'yargs';
import { EgressLabError } from '../base/errors.ts';
import type { LabServer } from '../platform/lab-server.ts';
import type { Topology } from '../topology/topology.ts';
import { once } from './commands/command.ts';
import type { Io } from './io.ts';

type Coerce = ReturnType<typeof once>;

/** Of `egresslab up`, by long name. */
export const LAB_SERVER_OPTIONS: Readonly<Record<string, Options>> = {
  port: {
    describe: 'Port of the API on 127.0.0.1; a free one when left out',
    type: 'string',
    requiresArg: true,
    coerce: once('port') as Coerce,
  },
  kubeconfig: {
    describe: 'File for the kubeconfig of the run',
    type: 'string',
    requiresArg: true,
    coerce: once('kubeconfig') as Coerce,
  },
  lab: {
    describe: 'Name of this lab for commands; that of its topology (or name-2, ...) when left out',
    type: 'string',
    requiresArg: true,
    coerce: once('lab') as Coerce,
  },
  'no-server': {
    describe: 'Serve no API and accept no commands',
    type: 'boolean',
    default: false,
  },
};

/** What yargs makes of LAB_SERVER_OPTIONS. */
export interface LabServerArguments {
  readonly port?: unknown;
  readonly kubeconfig?: unknown;
  readonly lab?: unknown;
  readonly 'no-server'?: unknown;
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
  if (typed['no-server'] === true) return null;
  const { LabServer } = await import('../platform/lab-server.ts');
  return new LabServer({
    name: typed.lab === undefined ? topology.name : String(typed.lab),
    anyName: typed.lab === undefined,
    port: typed.port === undefined ? 0 : parsePort(String(typed.port)),
    kubeconfig: typed.kubeconfig === undefined ? null : String(typed.kubeconfig),
    workingDirectory: io.workingDirectory,
    environment: io.environment,
    stop: () => process.kill(process.pid, 'SIGINT'),
  });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new EgressLabError('EGL_USAGE', `--port ${text} is not a port`, {
    hint: 'A port is a whole number from 1 to 65535; leave --port out for a free one.',
  });
}
