// The time stamps of a pcapng interface: 64 bits in units that the interface chooses, since 1970. A stamp in
// nanoseconds exceeds what a double holds exactly, so stamps are taken relative to the first second of the interface.

const TWO_32 = 0x1_0000_0000;

/** Turns the stamps of one interface into seconds and nanoseconds. */
export class StampReader {
  seconds = 0;
  nanos = 0;
  /** Units in a second; a power of ten or of two. */
  readonly #units: number;
  readonly #offset: number;
  /** What the stamps are relative to: set by the first. */
  #high = Number.NaN;
  #low = 0;
  #base = 0;

  /** `resolution` is the octet of if_tsresol; `offset` the seconds of if_tsoffset. */
  constructor(resolution: number, offset: number) {
    const exponent = resolution & 0x7f;
    this.#units = (resolution & 0x80) === 0 ? 10 ** exponent : 2 ** exponent;
    this.#offset = offset;
  }

  read(high: number, low: number): void {
    if (Number.isNaN(this.#high)) this.#begin(high, low);
    const delta = (high - this.#high) * TWO_32 + (low - this.#low);
    const whole = Math.floor(delta / this.#units);
    const rest = delta - whole * this.#units;
    this.seconds = this.#base + whole;
    this.nanos = Math.min(999_999_999, Math.max(0, Math.floor(scaled(rest, this.#units))));
  }

  #begin(high: number, low: number): void {
    const stamp = (BigInt(high) << 32n) | BigInt(low);
    const units = BigInt(this.#units);
    const seconds = stamp / units;
    const first = seconds * units;
    this.#high = Number(first >> 32n);
    this.#low = Number(first & 0xffff_ffffn);
    this.#base = Number(seconds) + this.#offset;
  }
}

function scaled(rest: number, units: number): number {
  if (units <= 1e9)
    return Number.isInteger(1e9 / units) ? rest * (1e9 / units) : (rest * 1e9) / units;
  return rest / (units / 1e9);
}
