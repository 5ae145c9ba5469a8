// What is found while a capture grows, as it happens: each conflict, move and attack once.

import type { Explainer } from '../../explain/explainer.ts';
import type { Explanation } from '../../explain/model.ts';
import {
  addressSentences,
  frameFilter,
  otherSentences,
  type Statement,
} from '../../explain/sentences.ts';
import { formatSeconds } from '../../sim/time.ts';
import { printable } from '../render/text.ts';

const URGENT: ReadonlySet<Statement['kind']> = new Set([
  'conflict',
  'move',
  'contested',
  'scan',
  'storm',
  'spoofing',
  'probe',
  'master',
]);
/** At least so long between two looks, and many times as long as a look takes. */
const PERIOD_MS = 400;
const LOOK_RATIO = 10;

/** Looks at what an explainer has seen so far, now and then. */
export class LiveFindings {
  readonly #explainer: Explainer;
  readonly #write: (text: string) => void;
  readonly #told = new Set<string>();
  #frames = 0;
  #next = 0;

  constructor(explainer: Explainer, write: (text: string) => void) {
    this.#explainer = explainer;
    this.#write = write;
  }

  /** Tells what is new; `now` in milliseconds of any clock. */
  look(now: () => number): void {
    const begin = now();
    if (begin < this.#next || this.#explainer.frames === this.#frames) return;
    this.#frames = this.#explainer.frames;
    this.#tell(this.#explainer.conclude());
    const end = now();
    this.#next = end + Math.max(PERIOD_MS, (end - begin) * LOOK_RATIO);
  }

  #tell(found: Explanation): void {
    for (const statement of [...addressSentences(found), ...otherSentences(found)]) {
      const { address, at, frames, kind, text } = statement;
      // What comes after a comma or a semicolon may grow: until when, how often.
      const key = `${kind} ${address} ${text.split(/[,;]/, 1)[0]}`;
      if (!URGENT.has(kind) || this.#told.has(key)) continue;
      this.#told.add(key);
      const about = address === null || text.includes(address) ? '' : `${address}: `;
      const filter = frameFilter(frames);
      const where = filter === '' ? '' : ` (${filter})`;
      this.#write(`${formatSeconds(at).padStart(8)}  ${printable(`${about}${text}${where}`)}\n`);
    }
  }
}
