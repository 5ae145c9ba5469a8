// A TCP connect as a health check makes it, and how it ended.

import type { Nanos } from '../sim/time.ts';
import type { NetworkStack } from '../stack/stack.ts';
import type { TcpSocket } from '../stack/tcp/socket.ts';
import type { Ipv4Address } from '../wire/ipv4-address.ts';
import { DialOutcome } from './dialer.ts';

const OUTCOMES: Readonly<Record<string, DialOutcome>> = {
  ECONNREFUSED: DialOutcome.Refused,
  ECONNRESET: DialOutcome.Refused,
  ETIMEDOUT: DialOutcome.Timeout,
  EHOSTUNREACH: DialOutcome.HostUnreachable,
  ENETUNREACH: DialOutcome.NetworkUnreachable,
};

/** Opens and closes one connection; `done` is called once, never before this returns. */
export function dial(
  stack: NetworkStack,
  address: Ipv4Address,
  port: number,
  timeout: Nanos,
  done: (outcome: DialOutcome) => void,
): void {
  if (!stack.powered) {
    // A process on a dead host waits for nothing; its timer is gone with it.
    return;
  }
  let finished = false;
  const finish = (outcome: DialOutcome): void => {
    if (finished) return;
    finished = true;
    stack.scheduler.post(done, outcome, null);
  };
  stack.tcp.connect(
    { address, port, timeout },
    {
      onConnected: (connection: TcpSocket) => {
        finish(DialOutcome.Connected);
        connection.close();
      },
      onClosed: (_connection, error) => {
        finish(error === null ? DialOutcome.Connected : (OUTCOMES[error] ?? DialOutcome.Failed));
      },
    },
  );
}
