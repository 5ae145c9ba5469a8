// Lab time as time of day. Nanoseconds since 1970 exceed 2^53, so they never exist as one number:
// seconds and nanoseconds stay apart for pcap, and pcapng gets two 32-bit halves, all without a
// BigInt per frame.

import { assert } from '../base/assert.ts';
import type { Epoch } from '../sim/epoch.ts';
import type { Nanos } from '../sim/time.ts';

const NANOS_PER_SECOND = 1_000_000_000;
const TWO_32 = 0x1_0000_0000;

/** Turns one lab's times into stamps. Call `set`, then read the fields: no object per frame. */
export class Stamper {
  /** Of the last `set`: whole seconds since 1970. */
  seconds = 0;
  /** Of the last `set`: the rest in nanoseconds. */
  nanos = 0;
  /** Of the last `set`: the upper 32 bits of the nanoseconds since 1970. */
  high = 0;
  /** Of the last `set`: the lower 32 bits of the nanoseconds since 1970. */
  low = 0;
  readonly #epoch: Epoch;
  readonly #baseHigh: number;
  readonly #baseLow: number;

  constructor(epoch: Epoch) {
    assert(Number.isSafeInteger(epoch.seconds), 'an epoch has whole seconds');
    assert(epoch.nanos >= 0 && epoch.nanos < NANOS_PER_SECOND, 'nanos are below a second');
    this.#epoch = epoch;
    const total = BigInt(epoch.seconds) * BigInt(NANOS_PER_SECOND) + BigInt(epoch.nanos);
    this.#baseHigh = Number(BigInt.asUintN(32, total >> 32n));
    this.#baseLow = Number(BigInt.asUintN(32, total));
  }

  /** `at` in nanoseconds since the lab started. No remainder of doubles here: each costs 20 ns. */
  set(at: Nanos): void {
    const low = this.#baseLow + (at >>> 0);
    const carry = low >= TWO_32 ? 1 : 0;
    this.low = low - carry * TWO_32;
    this.high = (this.#baseHigh + Math.floor(at / TWO_32) + carry) >>> 0;
    const wholeSeconds = Math.floor(at / NANOS_PER_SECOND);
    const nanos = this.#epoch.nanos + (at - wholeSeconds * NANOS_PER_SECOND);
    const second = nanos >= NANOS_PER_SECOND ? 1 : 0;
    this.nanos = nanos - second * NANOS_PER_SECOND;
    this.seconds = this.#epoch.seconds + wholeSeconds + second;
  }
}
