// The SYN or SYN-ACK and its repetitions. A SYN is repeated after 1, 2, 3, 4, 5, 7, 11, 19, 35, 67 s
// and given up at 131 s (tcp_syn_linear_timeouts 4, then tcp_syn_retries 6 doublings); a SYN-ACK after
// 1, 3, 7, 15, 31 s and forgotten at 63 s (tcp_synack_retries 5); all of it and 3 % more, for the timers
// end on the kernel's wheel.

import { millis, type Nanos } from '../../sim/time.ts';
import type { Frame } from '../../wire/frame.ts';
import { Flag } from '../../wire/tcp.ts';
import type { Host } from '../host.ts';
import type { Errno } from '../socket/errno.ts';
import { noteHandshakeAgain } from './notes.ts';
import { INITIAL_RTO, MAXIMUM_RTO } from './rto.ts';
import { LazyTimer } from './timer.ts';
import type { Transmitter } from './transmitter.ts';

/** TCP_TIMEOUT_MIN: two ticks at HZ=250. */
const HURRY: Nanos = millis(8);

/** What the handshake needs of its connection. */
interface HandshakeConnection {
  readonly host: Host;
  readonly transmitter: Transmitter;
  /** The attempt has failed. */
  finish(error: Errno): void;
  /** SYNs remained without answer. */
  timedOut(): void;
}

/** One side's SYN. */
export class Handshake {
  /** SYNs or SYN-ACKs that were repeated. */
  retransmissions = 0;
  readonly #connection: HandshakeConnection;
  readonly #timer: LazyTimer;
  #patience: LazyTimer | null = null;
  #flags = 0;
  #frame: Frame | null = null;
  #sentAt: Nanos = 0;
  #timeout: Nanos = INITIAL_RTO;

  constructor(connection: HandshakeConnection) {
    this.#connection = connection;
    this.#timer = new LazyTimer(connection.host.scheduler, () => this.#expired());
  }

  /** Sends SYN, or SYN and ACK. */
  start(flags: number): void {
    this.#flags = flags;
    this.#sentAt = this.#connection.host.scheduler.now;
    this.#timeout = INITIAL_RTO;
    this.retransmissions = 0;
    this.#timer.arm(this.#timeout);
    this.#frame = this.#connection.transmitter.syn(flags);
  }

  /** A dialer's patience: after this long it gives up without telling the peer. */
  limit(patience: Nanos): void {
    this.#patience = new LazyTimer(this.#connection.host.scheduler, () => {
      this.#connection.finish('ETIMEDOUT');
    });
    this.#patience.armExactly(patience);
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
    return this.#connection.host.scheduler.now - this.#sentAt;
  }

  stop(): void {
    this.#timer.cancel();
    this.#patience?.cancel();
  }

  #expired(): void {
    const { host } = this.#connection.host.sysctl;
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
