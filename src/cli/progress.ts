// One line at the bottom of a terminal that says how far a long run has come. It appears after two
// seconds, and gives way before anything else is written.

import type { Nanos } from '../sim/time.ts';
import type { TextOutput } from './io.ts';
import { formatLabTime } from './render/text.ts';

const PATIENCE_MILLISECONDS = 2000;
const REFRESH_MILLISECONDS = 200;
const ERASE_LINE = '\r\x1b[2K';

/** The line at the bottom of a terminal; it shows itself after two seconds. */
export class Progress {
  readonly #output: TextOutput;
  readonly #duration: Nanos;
  readonly #started = performance.now();
  #refreshed = Number.NEGATIVE_INFINITY;
  #visible = false;

  /** Draws on `output` only when it is a terminal. */
  constructor(output: TextOutput, duration: Nanos) {
    this.#output = output;
    this.#duration = duration;
  }

  /** Real time since the run began, in seconds. */
  get wallSeconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  update(now: Nanos): void {
    const elapsed = this.wallSeconds * 1000;
    if (!this.#output.isTerminal || elapsed < PATIENCE_MILLISECONDS) return;
    if (elapsed - this.#refreshed < REFRESH_MILLISECONDS) return;
    this.#refreshed = elapsed;
    this.#visible = true;
    const share = Math.floor((100 * now) / Math.max(this.#duration, 1));
    this.#output.write(
      `${ERASE_LINE}${formatLabTime(now)} of ${formatLabTime(this.#duration)} of lab time, ${share} %, ${(elapsed / 1000).toFixed(0)} s`,
    );
  }

  /** To be called before other output on the same terminal, and at the end. */
  clear(): void {
    if (!this.#visible) return;
    this.#visible = false;
    this.#refreshed = Number.NEGATIVE_INFINITY;
    this.#output.write(ERASE_LINE);
  }
}
