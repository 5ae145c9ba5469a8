// Octets that come at one end and go at the other, always in one piece.

/** A queue of octets. */
export class OctetStore {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1 << 16);
  #start = 0;
  #end = 0;

  /** Adds octets at the end. Views that were given out before may change. */
  append(octets: Uint8Array): void {
    if (this.#end + octets.length > this.#bytes.length) this.#makeRoom(octets.length);
    this.#bytes.set(octets, this.#end);
    this.#end += octets.length;
  }

  /** Forgets octets at the beginning. */
  drop(length: number): void {
    this.#start = Math.min(this.#start + length, this.#end);
  }

  /** All of them, without a copy; good until the next `append`. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  #makeRoom(length: number): void {
    const kept = this.#end - this.#start;
    const isLarge = kept + length > this.#bytes.length / 2;
    const target = isLarge ? new Uint8Array(2 * (kept + length)) : this.#bytes;
    if (isLarge) target.set(this.view());
    else target.copyWithin(0, this.#start, this.#end);
    this.#bytes = target;
    this.#start = 0;
    this.#end = kept;
  }
}
