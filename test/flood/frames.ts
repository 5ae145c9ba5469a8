// Frames of every kind that a lab on a TAP may be sent: random octets, and frames of a real capture with octets
// changed, cut, lengthened and put together wrongly. Seeded.

import { Random } from '../../src/sim/random.ts';
import { parseMac } from '../../src/wire/mac-address.ts';

const SHORTEST = 14;
const LONGEST = 1514;

/** An endless supply. `templates` are whole frames; `macs` are those of machines of the lab, as text. */
export class Flood {
  readonly #random: Random;
  readonly #templates: readonly Uint8Array[];
  readonly #macs: readonly Uint8Array[];

  constructor(seed: number, templates: readonly Uint8Array[], macs: readonly string[]) {
    this.#random = new Random(seed);
    this.#templates = templates;
    this.#macs = macs.map(octetsOf);
  }

  /** A tenth is pure chance, a tenth as it was recorded, the rest is spoiled. */
  next(): Uint8Array {
    const random = this.#random;
    const kind = random.integer(0, 9);
    const frame = kind === 0 ? this.#anything() : random.pick(this.#templates).slice();
    const addressed = random.chance(0.9) ? random.pick(this.#macs) : BROADCAST;
    frame.set(addressed.subarray(0, Math.min(6, frame.length)));
    return kind <= 1 ? frame : this.#spoiled(frame);
  }

  #anything(): Uint8Array {
    const frame = new Uint8Array(this.#random.integer(SHORTEST, LONGEST));
    for (let at = 0; at < frame.length; at++) frame[at] = this.#random.uint32() & 0xff;
    return frame;
  }

  #spoiled(frame: Uint8Array): Uint8Array {
    const random = this.#random;
    for (let changes = random.integer(1, 6); changes > 0; changes--) {
      const at = random.integer(6, frame.length - 1);
      const bit = 1 << random.integer(0, 7);
      frame[at] = random.chance(0.5) ? (frame[at] ?? 0) ^ bit : random.uint32() & 0xff;
    }
    if (random.chance(0.2)) return frame.slice(0, random.integer(SHORTEST, frame.length));
    if (!random.chance(0.1)) return frame;
    const longer = new Uint8Array(random.integer(frame.length, LONGEST));
    longer.set(frame);
    return longer;
  }
}

const BROADCAST = new Uint8Array(6).fill(0xff);

function octetsOf(text: string): Uint8Array {
  if (parseMac(text) === null) throw new Error(`${text} is no MAC address`);
  return Uint8Array.from(text.split(':').map((octet) => Number.parseInt(octet, 16)));
}
