// What captures say of a packet on its way: the policy that chose the next hop, then the row that
// translated it. Notes are made once per row, not per packet.

import type { Note } from '../../../wire/frame.ts';
import type { ExternalIds } from '../northbound.ts';

/** One text behind another: 'policy … ; SNAT row …'. */
export class StepNote implements Note {
  readonly before: Note | null;
  readonly #step: string;
  #text: string | null = null;

  constructor(before: Note | null, step: string) {
    this.before = before;
    this.#step = step;
  }

  get text(): string {
    this.#text ??= this.before === null ? this.#step : `${this.before.text}; ${this.#step}`;
    return this.#text;
  }
}

/** Makes the notes of one step, and keeps the latest: most packets come the way the one before came. */
export class StepNotes {
  readonly #step: string;
  #latest: StepNote | null = null;

  constructor(step: string) {
    this.#step = step;
  }

  /** What is said of a packet of which `before` was said. */
  after(before: Note | null): Note {
    if (this.#latest?.before === before) return this.#latest;
    this.#latest = new StepNote(before, this.#step);
    return this.#latest;
  }
}

/** Whose row it is, in the words of its external_ids: the object and the pod; '' for rows of nobody. */
export function ownerOf(ids: ExternalIds): string {
  return ids['k8s.ovn.org/name'] ?? '';
}
