// A flow of a topology's scenario, started and stopped by hand.

import type { FlowReport } from '../scenario/report.ts';
import type { Inside } from './inside.ts';

/**
 * Requests that go from a machine to another and are counted. A {@link Lab} has those of its topology's
 * scenario, and starts none by itself.
 */
export class Flow {
  /** Its name in the topology. */
  readonly name: string;
  readonly #inside: Inside;

  private constructor(inside: Inside, name: string) {
    this.#inside = inside;
    this.name = name;
  }

  /** @internal */
  static of(inside: Inside, name: string): Flow {
    return new Flow(inside, name);
  }

  /** Begins to ask. */
  start(): void {
    this.#inside.perform({ start: this.name });
  }

  /** Asks no more. */
  stop(): void {
    this.#inside.perform({ stop: this.name });
  }

  /** How it fared so far. */
  report(): FlowReport {
    return this.#inside.flow(this.name).report(this.#inside.lab.now);
  }
}
