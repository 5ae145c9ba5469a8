// A program that runs on a host of the lab, in virtual time: it takes a moment to start, prints, says
// things to the application log, and ends.

import type { Scheduler } from '../../src/sim/scheduler.ts';
import { type Nanos, seconds } from '../../src/sim/time.ts';

export class Process {
  readonly #scheduler: Scheduler;
  readonly #onStop: (() => void)[] = [];
  readonly #lines: string[] = [];
  #exitCode: number | null = null;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  get done(): boolean {
    return this.#exitCode !== null;
  }

  /** Null while it runs. */
  get exitCode(): number | null {
    return this.#exitCode;
  }

  get output(): string {
    return this.#lines.join('\n');
  }

  print(line: string): void {
    this.#lines.push(line);
  }

  /** Seconds of lab time. */
  get now(): number {
    return this.#scheduler.now / 1e9;
  }

  /** Runs `action` after so many seconds, unless the program has ended by then. */
  after(delay: number, action: () => void): void {
    const run: Nanos = seconds(delay);
    this.#scheduler.after(Math.round(run), act, this, action);
  }

  /** Called when the program ends, however. */
  onEnd(action: () => void): void {
    this.#onStop.push(action);
  }

  exit(code = 0): void {
    if (this.done) return;
    this.#exitCode = code;
    for (const action of this.#onStop) action();
  }

  /** kill -TERM. */
  stop(): void {
    this.exit(143);
  }
}

function act(process: Process, action: () => void): void {
  if (!process.done) action();
}
