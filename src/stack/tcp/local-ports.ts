// The local port of an active open, as connect(2) chooses it, TIME-WAIT included.

import { type Nanos, seconds } from '../../sim/time.ts';
import { type Ipv4Address, isLoopback } from '../../wire/ipv4-address.ts';
import { EphemeralPorts } from '../socket/ephemeral-ports.ts';
import type { SocketHost } from '../socket/host.ts';
import type { TcpConnection } from './connection.ts';
import type { ConnectOptions } from './handlers.ts';
import type { ListenerTable } from './listener-table.ts';
import { TcpState } from './state.ts';
import { hashEndpoints, type TcpTable } from './table.ts';

/** tcp_tw_reuse_delay. */
const REUSE_DELAY: Nanos = seconds(1);

/** Chooses among the ports that neither a listener nor a connection to the same place has. */
export class LocalPorts {
  readonly #host: SocketHost;
  readonly #table: TcpTable;
  readonly #listeners: ListenerTable;
  readonly #ephemeral: EphemeralPorts;

  constructor(host: SocketHost, table: TcpTable, listeners: ListenerTable) {
    this.#host = host;
    this.#table = table;
    this.#listeners = listeners;
    this.#ephemeral = new EphemeralPorts(host.random.fork('tcp-ports'));
  }

  /** The port that was asked for, else one of the ephemeral ones; null: none is free. */
  choose(local: Ipv4Address, options: ConnectOptions): number | null {
    const { address, port, localPort } = options;
    const isFree = (candidate: number, isBound: boolean): boolean => {
      if (this.#listeners.has(candidate)) return false;
      const other = this.#table.find(local, candidate, address, port);
      return other === null || this.#mayReuse(other, isBound);
    };
    if (localPort !== undefined && localPort !== 0) {
      return isFree(localPort, true) ? localPort : null;
    }
    return this.#ephemeral.forConnection(hashEndpoints(local, 0, address, port), (candidate) =>
      isFree(candidate, false),
    );
  }

  /**
   * tcp_twsk_unique: a new connection may take the place of one in TIME-WAIT where timestamps tell the
   * two apart: always from a port that was asked for, else as tcp_tw_reuse says and after a second.
   */
  #mayReuse(other: TcpConnection, isBound: boolean): boolean {
    if (other.state !== TcpState.TimeWait || !other.timestamps.enabled) return false;
    if (isBound) return true;
    const { scheduler, sysctl } = this.#host;
    const { tcp_tw_reuse: reuse } = sysctl.host;
    const isAllowed = reuse === 1 || (reuse === 2 && isLoopback(other.remoteAddress));
    return isAllowed && scheduler.now - other.lingersSince > REUSE_DELAY;
  }
}
