// What an application gives to a connection or a listener. Everything is called from within the
// scheduler's order; one object may serve many connections, so each call says which one it is about.

import type { Frame } from '../../wire/frame.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import type { Errno } from '../socket/errno.ts';
import type { TcpSocket } from './socket.ts';

/** The application behind a connection; leave out what does not matter to it. */
export interface TcpHandlers {
  /** The handshake of an active open is complete. (For a passive one `accept` says so.) */
  onConnected?(connection: TcpSocket): void;
  /** The next `length` octets of the stream: at the absolute `offset` of `frame`, which nobody writes to any more. */
  onData?(connection: TcpSocket, frame: Frame, offset: number, length: number): void;
  /** The peer has sent everything (FIN). Unless the application calls `close` or `end`, its own half stays open. */
  onEnd?(connection: TcpSocket): void;
  /** `write` has room again after it took less than it was given. */
  onWritable?(connection: TcpSocket): void;
  /** The last call, exactly once: null after an orderly close, else why the connection broke. */
  onClosed?(connection: TcpSocket, error: Errno | null): void;
}

/** The application behind a listening port. */
export interface TcpAcceptor {
  /** A handshake is complete; who serves the connection? */
  accept(connection: TcpSocket): TcpHandlers;
}

/** What `Tcp.connect` is given. */
export interface ConnectOptions {
  readonly address: Ipv4Address;
  readonly port: number;
  /** Default: the route chooses. */
  readonly localAddress?: Ipv4Address;
  /** Default: an ephemeral one. */
  readonly localPort?: number;
  /** Nanos after which a connection attempt ends silently with ETIMEDOUT, as a Go dialer's does. Default: Linux's 131 s. */
  readonly timeout?: number;
  /** Nagle's algorithm, RFC 896. Default false: the lab's applications set TCP_NODELAY. */
  readonly nagle?: boolean;
  /** SO_KEEPALIVE with the tcp_keepalive_* sysctls. Default false. */
  readonly keepAlive?: boolean;
}

/** What `Tcp.listen` is given. */
export interface ListenOptions {
  /** Default: all addresses of the host. */
  readonly address?: Ipv4Address;
  readonly port: number;
  /** Half-open connections at most; default 4096 (somaxconn). A SYN beyond is a named drop. */
  readonly backlog?: number;
}
