// Signals from the moment on at which there is something to put away. A lab is built in one go, and
// Node.js delivers no signal meanwhile; before that, a signal ends the process as it ends any other.

import type { Io, StopSignal } from './io.ts';

/** Hears of SIGINT and SIGTERM once it listens. */
export class StopSignals {
  readonly #io: Io;
  readonly #onSignal: (signal: StopSignal) => void;
  #stop: (() => void) | null = null;

  constructor(io: Io, onSignal: (signal: StopSignal) => void) {
    this.#io = io;
    this.#onSignal = onSignal;
  }

  /** From now on; a second call changes nothing. */
  listen(): void {
    this.#stop ??= this.#io.onStopSignal(this.#onSignal);
  }

  /** Not any more. */
  ignore(): void {
    this.#stop?.();
    this.#stop = null;
  }
}
