// The options with which `egresslab up` serves the API and takes commands.

import { EgressLabError } from '../base/errors.ts';
import type { LabService } from '../platform/lab-service.ts';
import type { Topology } from '../topology/model.ts';
import { once, type Session } from './commands/command.ts';
import type { UpService } from './up-services.ts';

const OPTIONS = {
  port: {
    describe: 'Where the API is served on 127.0.0.1; a free port when left out',
    type: 'string',
    requiresArg: true,
    coerce: once('port'),
  },
  kubeconfig: {
    describe: 'Where the kubeconfig of the run is written',
    type: 'string',
    requiresArg: true,
    coerce: once('kubeconfig'),
  },
  lab: {
    describe:
      'What commands call this lab; the name of its topology (or name-2, ...) when left out',
    type: 'string',
    requiresArg: true,
    coerce: once('lab'),
  },
  'no-server': {
    describe: 'Serve no API and take no commands',
    type: 'boolean',
    default: false,
  },
} as const;

type Typed = Readonly<Record<string, unknown>>;

export const labServerService: UpService = {
  options: OPTIONS,
  async create(typed: Typed, topology: Topology, session: Session): Promise<LabService | null> {
    if (typed['no-server'] === true) return null;
    const { LabServer } = await import('../platform/lab-server.ts');
    return new LabServer({
      name: typed.lab === undefined ? topology.name : String(typed.lab),
      anyName: typed.lab === undefined,
      port: typed.port === undefined ? 0 : parsePort(String(typed.port)),
      kubeconfig: typed.kubeconfig === undefined ? null : String(typed.kubeconfig),
      workingDirectory: session.io.workingDirectory,
      environment: session.io.environment,
      stop: () => process.kill(process.pid, 'SIGINT'),
    });
  },
};

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new EgressLabError('EGL_USAGE', `--port ${text} is not a port`, {
    hint: 'A port is a whole number from 1 to 65535; leave --port out for a free one.',
  });
}
