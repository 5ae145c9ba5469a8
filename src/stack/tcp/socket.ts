// What an application may do with a TCP connection, and what it may ask of it. The parts of the protocol
// see more: connection.ts.

import type { Nanos } from '../../sim/time.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import type { Host } from '../host.ts';
import type { TcpState } from './state.ts';

/** One connection in the eyes of its application. `TcpConnection` is one. */
export interface TcpSocket {
  /** Where the application runs. */
  readonly host: Pick<Host, 'name' | 'scheduler'>;
  readonly localAddress: Ipv4Address;
  readonly localPort: number;
  readonly remoteAddress: Ipv4Address;
  readonly remotePort: number;
  readonly state: TcpState;
  /** The application still listens: it has neither closed the connection nor been notified of its end. */
  readonly isOpen: boolean;
  /** Octets that `write` would take now. */
  readonly room: number;
  /** Smoothed round-trip time; 0 before the first sample. */
  readonly srtt: Nanos;
  /** Segments that were sent again, SYNs included. */
  readonly retransmissions: number;
  /** Octets of data received in order. */
  readonly rxOctets: number;
  /**
   * Queues octets for the peer, copied; returns how many. Fewer than given when the send buffer is full:
   * `onWritable` says when there is room again. 0 after `end` or once the connection is gone.
   */
  write(octets: Uint8Array): number;
  /** shutdown(SHUT_WR): FIN after what is queued; data may still come. */
  end(): void;
  /**
   * close(2): like `end`, but the application reads no more: what still comes is answered with RST, and data
   * that waits unread makes it a RST at once. `onClosed` is the only call that still follows.
   */
  close(): void;
  /** RST to the peer, or silence while connecting; then gone. No call follows. */
  abort(): void;
  /** Stops `onData`: octets wait in the receive window, which closes. */
  pause(): void;
  /** Goes on with `onData`, at once for what waits. */
  resume(): void;
}
