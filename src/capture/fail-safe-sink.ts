// Keeps the failures of a file away from those who send frames: whoever sent the frame that met a full
// disk has done nothing wrong, and the lab must not end in the middle of it.

import { EgressLabError } from '../base/errors.ts';
import type { ByteSink } from './sink.ts';

/** Passes octets on until that fails for the first time; then it closes the other sink and takes no more. */
export class FailSafeSink implements ByteSink {
  readonly #out: ByteSink;
  readonly #onFailure: (error: EgressLabError) => void;
  #open = true;

  /** `onFailure` is called at most once. */
  constructor(out: ByteSink, onFailure: (error: EgressLabError) => void) {
    this.#out = out;
    this.#onFailure = onFailure;
  }

  /** Whether octets still arrive. */
  get open(): boolean {
    return this.#open;
  }

  write(chunk: Uint8Array): void {
    if (!this.#open) return;
    this.#attempt(() => this.#out.write(chunk));
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#attempt(() => this.#out.close());
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof EgressLabError)) throw error;
      const wasOpen = this.#open;
      this.#open = false;
      if (wasOpen) this.#closeAfterFailure();
      this.#onFailure(error);
    }
  }

  /** The first failure is the one to tell. */
  #closeAfterFailure(): void {
    try {
      this.#out.close();
    } catch (error) {
      if (!(error instanceof EgressLabError)) throw error;
    }
  }
}
