// An application on a port of a host. It survives a power failure as a process under an init system
// does: it is gone with the power and listens again after the boot.

import type { NetworkStack } from '../stack/stack.ts';
import { ANY_ADDRESS, type Ipv4Address } from '../wire/ipv4-address.ts';
import { type ApplicationFactory, ServiceStatistics } from './application.ts';
import { Chargen } from './chargen.ts';
import { Discard } from './discard.ts';
import { Echo } from './echo.ts';
import { Sink } from './sink.ts';
import { Whoami } from './whoami.ts';

/** What topologies may start. */
export type ApplicationName = 'whoami' | 'echo' | 'discard' | 'sink' | 'chargen';

/**
 * The source of UDP answers of a service on all addresses: the one that the route chooses, as plain
 * servers do, or the one that was asked, as those with IP_PKTINFO do.
 */
export type AnswerSource = 'route' | 'asked';

/** All applications: one line each. */
export const applications: Readonly<Record<ApplicationName, ApplicationFactory>> = {
  whoami: (stack, statistics) => new Whoami(stack, statistics),
  echo: (stack, statistics) => new Echo(stack, statistics),
  discard: (_stack, statistics) => new Discard(statistics),
  sink: (stack, statistics) => new Sink(stack, statistics),
  chargen: (stack, statistics) => new Chargen(stack, statistics),
};

/** Which application listens where. */
export interface ServiceOptions {
  readonly app: ApplicationName;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** Null: all addresses of the host. */
  readonly address: Ipv4Address | null;
  /** Over UDP on all addresses: from where it answers; 'route' when left out. */
  readonly answerFrom?: AnswerSource;
}

/** A running service. */
export interface Service extends ServiceOptions {
  readonly statistics: ServiceStatistics;
  /** Closes the port for good. */
  stop(): void;
}

/** Starts a service. @throws EgressLabError EGL_ADDRESS_IN_USE */
export function startService(stack: NetworkStack, options: ServiceOptions): Service {
  const statistics = new ServiceStatistics();
  const application = applications[options.app](stack, statistics);
  const binding = { port: options.port, address: options.address ?? ANY_ADDRESS };
  const open = (): { close(): void } => {
    if (options.protocol === 'tcp') return stack.tcp.listen(binding, application);
    const socket = stack.udp.bind(binding, application);
    socket.packetInfo = options.answerFrom === 'asked';
    return socket;
  };
  let socket = stack.powered ? open() : null;
  let stopped = false;
  stack.onPower((on) => {
    if (stopped) return;
    socket = on ? open() : null;
  });
  return {
    ...options,
    statistics,
    stop: () => {
      stopped = true;
      socket?.close();
      socket = null;
    },
  };
}
