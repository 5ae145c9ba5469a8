// What answers have been written and not been read, all clients together. Each reader has a bound of
// its own; a thousand of them that do not read would still be gigabytes.

import type { Writable } from 'node:stream';

/** Counting is cheap and not free: so many times until the bound is reached. */
const CHECKS = 16;

/** The unread octets of one listener. */
export class Backlog {
  readonly #limit: number;
  readonly #answers = new Set<Writable>();
  #unchecked = 0;
  /** Answers that were cut. */
  cut = 0;

  constructor(limitOctets: number) {
    this.#limit = limitOctets;
  }

  /** So much was written to an answer; those that leave the most unread are cut when all together leave too much. */
  wrote(answer: Writable, octets: number): void {
    if (!this.#answers.has(answer)) {
      this.#answers.add(answer);
      answer.once('close', () => this.#answers.delete(answer));
    }
    this.#unchecked += octets;
    if (this.#unchecked * CHECKS < this.#limit) return;
    this.#unchecked = 0;
    this.#check();
  }

  #check(): void {
    const unread = [...this.#answers].map((answer) => ({ answer, octets: answer.writableLength }));
    let total = unread.reduce((sum, { octets }) => sum + octets, 0);
    if (total <= this.#limit) return;
    unread.sort((a, b) => b.octets - a.octets);
    for (const { answer, octets } of unread) {
      if (total <= this.#limit) return;
      this.cut++;
      this.#answers.delete(answer);
      answer.destroy();
      total -= octets;
    }
  }
}
