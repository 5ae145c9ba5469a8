// Counts the frames that a `frame` expectation describes, as they cross the ports it names.

import { observePort } from '../capture/observation.ts';
import { selectPorts } from '../capture/port-selector.ts';
import type { Lab } from '../lab/lab.ts';
import type { Direction } from '../link/port.ts';
import type { FrameExpectation } from '../topology/expectations/frame.ts';
import type { Frame } from '../wire/frame.ts';
import { matchesFrame } from './frame-match.ts';

/** Counts from its making on. */
export class FrameWatch {
  readonly #expectation: FrameExpectation;
  readonly #detach: (() => void)[] = [];
  #count = 0;

  constructor(lab: Lab, expectation: FrameExpectation, defaultSelectors: readonly string[]) {
    this.#expectation = expectation;
    const selectors = expectation.on === null ? defaultSelectors : [expectation.on.text];
    const { ports } = selectPorts(selectors, lab.ports());
    const { scheduler } = lab;
    for (const port of ports) {
      this.#detach.push(
        observePort(port, (_port, frame, direction) =>
          this.#observe(frame, direction, scheduler.now),
        ),
      );
    }
  }

  /** Matching frames so far. */
  get count(): number {
    return this.#count;
  }

  /** Looks no longer. */
  dispose(): void {
    for (const detach of this.#detach) detach();
    this.#detach.length = 0;
  }

  #observe(frame: Frame, direction: Direction, now: number): void {
    const { window, match } = this.#expectation;
    if (window !== null && (now < window.from || now >= window.to)) return;
    if (matchesFrame(frame, direction, match)) this.#count++;
  }
}
