// The SYN or SYN-ACK and its repetitions. A SYN is repeated after 1, 2, 3, 4, 5, 7, 11, 19, 35, 67 s
// and given up at 131 s (tcp_syn_linear_timeouts 4, then tcp_syn_retries 6 doublings); a SYN-ACK after
// 1, 3, 7, 15, 31 s and forgotten at 63 s (tcp_synack_retries 5).

import { millis, type Nanos } from '../../sim/time.ts';
import type { Frame } from '../../wire/frame.ts';
import { Flag } from '../../wire/tcp.ts';
import type { TcpConnection } from './connection.ts';
import { noteHandshakeAgain } from './notes.ts';
import { INITIAL_RTO, MAXIMUM_RTO } from './rto.ts';
import { LazyTimer } from './timer.ts';

/** TCP_TIMEOUT_MIN: two ticks at HZ=250. */
const HURRY: Nanos = millis(8);

export class Handshake {
  /** SYNs or SYN-ACKs that were repeated. */
  retransmissions = 0;
  readonly #connection: TcpConnection;
  readonly #timer: LazyTimer;
  #patience: LazyTimer | null = null;
  #flags = 0;
  #frame: Frame | null = null;
  #sentAt: Nanos = 0;
  #timeout: Nanos = INITIAL_RTO;

  constructor(connection: TcpConnection) {
    this.#connection = connection;
    this.#timer = new LazyTimer(connection.stack.scheduler, () => this.#expired());
  }

  /** Sends SYN, or SYN and ACK. */
  start(flags: number): void {
    this.#flags = flags;
    this.#sentAt = this.#connection.stack.scheduler.now;
    this.#timeout = INITIAL_RTO;
    this.retransmissions = 0;
    this.#timer.arm(this.#timeout);
    this.#frame = this.#connection.transmitter.syn(flags);
  }

  /** A dialer's patience: after so long it gives up without a word to the peer. */
  limit(patience: Nanos): void {
    this.#patience = new LazyTimer(this.#connection.stack.scheduler, () => {
      this.#connection.finish('ETIMEDOUT');
    });
    this.#patience.arm(patience);
  }

  /** The same once more, outside the series. */
  repeat(): void {
    this.#connection.transmitter.syn(this.#flags, noteHandshakeAgain);
  }

  /** A stale connection answered and was reset: try again at once (tcp_rcv_synsent_state_process). */
  hurry(): void {
    if (this.retransmissions === 0) this.#timer.arm(HURRY);
  }

  /** The round trip it took; -1 if a repetition makes that uncertain. */
  finish(): Nanos {
    this.stop();
    if (this.retransmissions > 0) return -1;
    return this.#connection.stack.scheduler.now - this.#sentAt;
  }

  stop(): void {
    this.#timer.cancel();
    this.#patience?.cancel();
  }

  #expired(): void {
    const { host } = this.#connection.stack.sysctl;
    const isAnswer = (this.#flags & Flag.Ack) !== 0;
    const linear = isAnswer ? 0 : host.tcp_syn_linear_timeouts;
    const limit = isAnswer ? host.tcp_synack_retries : host.tcp_syn_retries + linear;
    if (this.retransmissions >= limit) {
      this.#connection.timedOut();
      return;
    }
    this.retransmissions++;
    if (isAnswer || this.retransmissions > linear) {
      this.#timeout = Math.min(this.#timeout * 2, MAXIMUM_RTO);
    }
    this.#timer.arm(this.#timeout);
    if (!isAnswer && this.#connection.transmitter.holds(this.#frame)) return;
    this.#frame = this.#connection.transmitter.syn(this.#flags, noteHandshakeAgain);
  }
}
