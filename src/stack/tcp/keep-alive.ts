// SO_KEEPALIVE: after tcp_keepalive_time without a word from the peer, an empty segment every
// tcp_keepalive_intvl that it must answer; after tcp_keepalive_probes of them the connection is dead.

import { type Nanos, seconds } from '../../sim/time.ts';
import type { TcpConnection } from './connection.ts';
import { noteDead, noteKeepAlive } from './notes.ts';
import { LazyTimer } from './timer.ts';

export class KeepAlive {
  readonly #connection: TcpConnection;
  readonly #timer: LazyTimer;
  #heardAt: Nanos = 0;
  #probes = 0;

  constructor(connection: TcpConnection) {
    this.#connection = connection;
    const { scheduler } = connection.stack;
    this.#timer = new LazyTimer(scheduler, () => this.#expired(), true);
  }

  /** The connection is established. */
  start(): void {
    this.heard();
    this.#timer.arm(seconds(this.#connection.stack.sysctl.host.tcp_keepalive_time));
  }

  /** A segment of the peer has come. */
  heard(): void {
    this.#heardAt = this.#connection.stack.scheduler.now;
    this.#probes = 0;
  }

  stop(): void {
    this.#timer.cancel();
  }

  /** tcp_keepalive_timer. */
  #expired(): void {
    const { scheduler, sysctl } = this.#connection.stack;
    const idle = seconds(sysctl.host.tcp_keepalive_time);
    const elapsed = scheduler.now - this.#heardAt;
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
