// A port in LISTEN: bounds its half-open connections and asks the application who serves a new one.

import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import type { TcpAcceptor, TcpHandlers } from './handlers.ts';
import type { TcpSocket } from './socket.ts';

/** net.core.somaxconn and tcp_max_syn_backlog. */
export const DEFAULT_BACKLOG = 4096;

/** Receives the closing of listeners: `Tcp`. */
interface ListenerOwner {
  release(listener: TcpListener): void;
}

/** Open from `Tcp.listen` until `close` or a power failure. */
export class TcpListener {
  /** 0: all addresses of the host. */
  readonly address: Ipv4Address;
  readonly port: number;
  readonly backlog: number;
  /** Connections that were accepted so far. */
  accepted = 0;
  readonly #owner: ListenerOwner;
  readonly #acceptor: TcpAcceptor;
  #halfOpen = 0;
  #open = true;

  /** Use `Tcp.listen`. */
  constructor(
    owner: ListenerOwner,
    address: Ipv4Address,
    port: number,
    backlog: number,
    acceptor: TcpAcceptor,
  ) {
    this.#owner = owner;
    this.address = address;
    this.port = port;
    this.backlog = backlog;
    this.#acceptor = acceptor;
  }

  /** False after `close` or a power failure. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** Handshakes under way. */
  get halfOpen(): number {
    return this.#halfOpen;
  }

  /** Half-open connections are forgotten silently; accepted ones live on. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#owner.release(this);
  }

  /** Called by Tcp: a handshake begins; false when there are too many. */
  admit(): boolean {
    if (this.#halfOpen >= this.backlog) return false;
    this.#halfOpen++;
    return true;
  }

  /** Called by Tcp: a handshake has ended, one way or the other. */
  dismiss(): void {
    this.#halfOpen--;
  }

  /** Called when a handshake is complete. */
  accept(connection: TcpSocket): TcpHandlers {
    this.accepted++;
    return this.#acceptor.accept(connection);
  }

  /** Called by Tcp when the host lost its power. */
  abandon(): void {
    this.#open = false;
  }
}
