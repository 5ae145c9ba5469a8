// The retransmission timeout, RFC 6298 with Linux's differences (tcp_rtt_estimator, tcp_set_rto): the
// variance term never falls below 200 ms, shrinks at most once per round trip, and a round trip much
// shorter than expected hardly moves it. So RTO = SRTT + max(4 * RTTVAR, 200 ms) in whole ticks, at most 120 s.

import { millis, type Nanos, seconds } from '../../sim/time.ts';
import { JIFFY } from '../neighbor/timer-wheel.ts';
import { after } from './sequence.ts';

/** TCP_TIMEOUT_INIT; also of SYN and SYN-ACK. */
export const INITIAL_RTO: Nanos = seconds(1);
/** TCP_RTO_MIN: the least variance term. */
export const MINIMUM_RTO: Nanos = millis(200);
/** TCP_RTO_MAX. */
export const MAXIMUM_RTO: Nanos = seconds(120);
/** TCP_TIMEOUT_FALLBACK: RFC 6298 5.7, when the handshake gave no sample. */
const FALLBACK_RTO: Nanos = seconds(3);

/** The round-trip time of one connection, and the timeout that follows from it. */
export class RttEstimator {
  /** Smoothed round-trip time; 0 before the first sample. */
  srtt: Nanos = 0;
  /** How often the timeout has been doubled since the last sample. */
  backoff = 0;
  #base: Nanos = INITIAL_RTO;
  /** Four times the mean deviation, as Linux keeps it. */
  #deviation: Nanos = 0;
  #deviationPeak: Nanos = 0;
  #variance: Nanos = 0;
  /** When this is acknowledged a round trip is over. */
  #roundEnd = 0;

  /** The timeout without the doublings. */
  get base(): Nanos {
    return this.#base;
  }

  get rto(): Nanos {
    return Math.min(this.#base * 2 ** this.backoff, MAXIMUM_RTO);
  }

  /** One measured round trip. `una` and `next` are SND.UNA and SND.NXT after the acknowledgment. */
  sample(roundTrip: Nanos, una: number, next: number): void {
    const measured = Math.max(roundTrip, 1);
    this.backoff = 0;
    if (this.srtt === 0) {
      this.srtt = measured;
      this.#deviation = measured * 2;
      this.#variance = Math.max(this.#deviation, MINIMUM_RTO);
      this.#deviationPeak = this.#variance;
      this.#roundEnd = next;
    } else {
      this.#smooth(measured, una, next);
    }
    const ticks = Math.ceil(Math.round(this.srtt + this.#variance) / JIFFY);
    this.#base = Math.min(ticks * JIFFY, MAXIMUM_RTO);
  }

  /** The handshake had to be repeated and said nothing about the round trip. */
  fallBack(): void {
    this.#base = FALLBACK_RTO;
    this.#variance = FALLBACK_RTO;
    this.#deviation = FALLBACK_RTO;
    this.#deviationPeak = FALLBACK_RTO;
    this.backoff = 0;
  }

  #smooth(measured: Nanos, una: number, next: number): void {
    const error = measured - this.srtt;
    this.srtt += error / 8;
    let change = Math.abs(error) - this.#deviation / 4;
    // Linux: a falling round trip must not raise the deviation much (Eifel).
    if (error < 0 && change > 0) change /= 8;
    this.#deviation += change;
    if (this.#deviation > this.#deviationPeak) {
      this.#deviationPeak = this.#deviation;
      this.#variance = Math.max(this.#variance, this.#deviationPeak);
    }
    if (!after(una, this.#roundEnd)) return;
    if (this.#deviationPeak < this.#variance) {
      this.#variance -= (this.#variance - this.#deviationPeak) / 4;
    }
    this.#roundEnd = next;
    this.#deviationPeak = MINIMUM_RTO;
  }
}
