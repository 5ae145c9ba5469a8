// SO_KEEPALIVE: after tcp_keepalive_time without a word from the peer, an empty segment every
// tcp_keepalive_intvl that it must answer; after tcp_keepalive_probes of them the connection is dead.

import { type Nanos, seconds } from '../../sim/time.ts';
import type { Host } from '../host.ts';
import { JIFFY } from '../neighbor/timer-wheel.ts';
import { noteDead, noteKeepAlive } from './notes.ts';
import { LazyTimer } from './timer.ts';
import type { Transmitter } from './transmitter.ts';

/** What keepalive needs of its connection. */
interface KeptConnection {
  readonly host: Host;
  readonly transmitter: Transmitter;
  /** Octets in flight and octets that wait: while there are any, retransmission looks after the peer. */
  readonly sender: { readonly outstanding: number; readonly unsent: number };
  /** The peer is dead. */
  timedOut(): void;
}

/** Asks a peer that says nothing whether it is still there. */
export class KeepAlive {
  readonly #connection: KeptConnection;
  readonly #timer: LazyTimer;
  #heardAt: Nanos = 0;
  #probes = 0;

  constructor(connection: KeptConnection) {
    this.#connection = connection;
    const { scheduler } = connection.host;
    this.#timer = new LazyTimer(scheduler, () => this.#expired(), true);
  }

  /** The connection is established. */
  start(): void {
    this.heard();
    this.#timer.arm(seconds(this.#connection.host.sysctl.host.tcp_keepalive_time));
  }

  /** A segment of the peer has come. */
  heard(): void {
    this.#heardAt = this.#connection.host.scheduler.now;
    this.#probes = 0;
  }

  stop(): void {
    this.#timer.cancel();
  }

  /** tcp_keepalive_timer. */
  #expired(): void {
    const { scheduler, sysctl } = this.#connection.host;
    const idle = seconds(sysctl.host.tcp_keepalive_time);
    const elapsed = tickOf(scheduler.now) - tickOf(this.#heardAt);
    const { sender } = this.#connection;
    if (elapsed < idle || sender.outstanding > 0 || sender.unsent > 0) {
      this.#timer.arm(elapsed < idle ? idle - elapsed : idle);
    } else if (this.#probes >= sysctl.host.tcp_keepalive_probes) {
      this.#connection.transmitter.reset(noteDead);
      this.#connection.timedOut();
    } else {
      this.#probes++;
      this.#connection.transmitter.probe(noteKeepAlive);
      this.#timer.arm(seconds(sysctl.host.tcp_keepalive_intvl));
    }
  }
}

/** keepalive_time_elapsed counts jiffies. */
function tickOf(now: Nanos): Nanos {
  return Math.floor(now / JIFFY) * JIFFY;
}
