// How long bad states last, by what they are about: one that goes on for the allowance is a breach, once.

import type { Nanos } from '../../sim/time.ts';
import type { Breach, Subject } from './breach.ts';

interface Stretch {
  readonly subject: Subject;
  readonly since: Nanos;
  readonly saw: string;
  told: boolean;
  /** Of the look that saw it last. */
  round: number;
}

/** More breaches of one property in one run say nothing new. */
const LIMIT = 100;

/** The bad states of one property. */
export class Stretches {
  readonly breaches: Breach[] = [];
  readonly #allowance: Nanos;
  readonly #open = new Map<string, Stretch>();
  #round = 0;

  constructor(allowance: Nanos) {
    this.#allowance = allowance;
  }

  /** What is bad right now, and nothing else: what is not named any more has ended. */
  look(
    now: Nanos,
    find: (found: (subject: Subject, saw: string, since?: Nanos) => void) => void,
  ): void {
    const round = ++this.#round;
    find((subject, saw, since = now) => {
      const key = keyOf(subject);
      const known = this.#open.get(key);
      if (known !== undefined) known.round = round;
      else this.#open.set(key, { subject, since: Math.min(since, now), saw, told: false, round });
    });
    for (const [key, stretch] of this.#open) {
      this.#judge(stretch, now);
      if (stretch.round !== round) this.#open.delete(key);
    }
  }

  /** It is bad from `at` on. */
  begin(subject: Subject, at: Nanos, saw: string): void {
    const key = keyOf(subject);
    if (this.#open.has(key)) return;
    const stretch = { subject, since: at, saw, told: false, round: 0 };
    this.#open.set(key, stretch);
    this.#judge(stretch, at);
  }

  /** It is well again from `at` on. */
  end(subject: Subject, at: Nanos): void {
    const key = keyOf(subject);
    const stretch = this.#open.get(key);
    if (stretch === undefined) return;
    this.#judge(stretch, at);
    this.#open.delete(key);
  }

  /** Judges what is still bad. */
  age(now: Nanos): void {
    for (const stretch of this.#open.values()) this.#judge(stretch, now);
  }

  #judge(stretch: Stretch, now: Nanos): void {
    const { saw, since, subject, told } = stretch;
    if (told || now - since < this.#allowance || this.breaches.length >= LIMIT) return;
    stretch.told = true;
    this.breaches.push({ subject, since, at: since + this.#allowance, saw });
  }
}

function keyOf({ kind, name }: Subject): string {
  return `${kind} ${name}`;
}
