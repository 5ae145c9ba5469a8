// Waits for many descriptors at once without blocking the process: one ppoll(2) in a thread of koffi's,
// with the time of the next deadline as its limit to the nanosecond. An eventfd ends the wait early.
// Level triggered: a descriptor that was not read empty makes the next wait return at once.

import { type Nanos, NEVER } from '../../sim/time.ts';
import { Flags, type Libc, libc } from './libc.ts';
import { LITTLE_ENDIAN, NativeMemory } from './native-memory.ts';

/** poll(2). */
export const PollEvent = { In: 1, Out: 4, Error: 8, HangUp: 16, Invalid: 32 } as const;
/** sizeof(struct pollfd): int fd, short events, short revents. */
const ENTRY_LENGTH = 8;
const MAXIMUM_DESCRIPTORS = 256;
/** prctl(2): how late a sleep may end, in nanoseconds. */
const PR_SET_TIMERSLACK = 29;
const NANOS_PER_SECOND = 1e9;

/** Somebody with a descriptor. */
export interface Polled {
  readonly descriptor: number;
  /** What the latest wait found, a combination of PollEvent; 0 for nothing. */
  ready: number;
}

/** ppoll(2) on a set of descriptors, with waits of less than a millisecond. */
export class Poller {
  readonly #libc: Libc = libc();
  readonly #entries = new NativeMemory((MAXIMUM_DESCRIPTORS + 1) * ENTRY_LENGTH);
  /** struct timespec. */
  readonly #timeout = new NativeMemory(16);
  readonly #counter = new NativeMemory(8);
  readonly #bell: number;
  #polled: Polled[] = [];
  /** While the other thread has the entries, nothing here touches them. */
  #waiting = false;
  #rung = false;

  constructor() {
    this.#bell = this.#libc.eventfd(0, Flags.NonBlocking | Flags.CloseOnExec);
    // 50 µs, the default, is as long as a pause.
    this.#libc.prctl(PR_SET_TIMERSLACK, 1);
  }

  add(polled: Polled): void {
    this.#polled = [...this.#polled, polled];
    this.ring();
  }

  remove(polled: Polled): void {
    this.#polled = this.#polled.filter((each) => each !== polled);
    this.ring();
  }

  /** Resolves when a descriptor is readable or broken, after `atMost`, or after `ring`. */
  async wait(atMost: Nanos): Promise<void> {
    const watched = this.#polled;
    this.#fill(watched);
    this.#setTimeout(atMost);
    this.#waiting = true;
    await new Promise<void>((resolve) => {
      const timeout = atMost === NEVER ? 0 : this.#timeout.address;
      this.#libc.ppoll(this.#entries.address, watched.length + 1, timeout, () => resolve());
    });
    this.#waiting = false;
    this.#read(watched);
  }

  /** The same, while the process waits. True if it ended before the time was over. */
  waitHere(atMost: Nanos): boolean {
    const watched = this.#polled;
    this.#fill(watched);
    this.#setTimeout(atMost);
    const { address } = this.#entries;
    const found = this.#libc.ppollNow(address, watched.length + 1, this.#timeout.address);
    this.#read(watched);
    return found > 0;
  }

  /** Sleeps, no matter what arrives meanwhile. The process sleeps with it: a matter of microseconds. */
  pause(nanos: Nanos): void {
    this.#setTimeout(nanos);
    this.#libc.ppollNow(this.#entries.address, 0, this.#timeout.address);
  }

  /** Ends the wait that is under way, or the next one. */
  ring(): void {
    if (this.#rung) return;
    this.#rung = true;
    this.#counter.setLong(0, 1);
    this.#libc.write(this.#bell, this.#counter.address, 8);
  }

  /** Nobody may be waiting any more. */
  close(): void {
    if (!this.#waiting) this.#libc.close(this.#bell);
  }

  #fill(watched: readonly Polled[]): void {
    const { view } = this.#entries;
    for (let i = 0; i <= watched.length; i++) {
      const at = i * ENTRY_LENGTH;
      view.setInt32(at, watched[i]?.descriptor ?? this.#bell, LITTLE_ENDIAN);
      view.setInt16(at + 4, PollEvent.In, LITTLE_ENDIAN);
      view.setInt16(at + 6, 0, LITTLE_ENDIAN);
    }
  }

  #setTimeout(nanos: Nanos): void {
    if (nanos === NEVER) return;
    const whole = Math.max(0, Math.ceil(nanos));
    this.#timeout.setLong(0, Math.floor(whole / NANOS_PER_SECOND));
    this.#timeout.setLong(8, whole % NANOS_PER_SECOND);
  }

  #read(watched: readonly Polled[]): void {
    const { view } = this.#entries;
    for (const [index, polled] of watched.entries()) {
      polled.ready = view.getInt16(index * ENTRY_LENGTH + 6, LITTLE_ENDIAN);
    }
    const rung = view.getInt16(watched.length * ENTRY_LENGTH + 6, LITTLE_ENDIAN);
    if (rung !== 0) {
      this.#libc.read(this.#bell, this.#counter.address, 8);
      this.#rung = false;
    }
  }
}
