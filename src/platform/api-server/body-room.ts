// The memory that request bodies take while they arrive, all clients together.

/** Counts the octets of bodies that are not complete yet. */
export class BodyRoom {
  readonly #limit: number;
  #taken = 0;

  constructor(limitOctets: number) {
    this.#limit = limitOctets;
  }

  /** False, and nothing is taken, when there is no room. */
  take(octets: number): boolean {
    if (this.#taken + octets > this.#limit) return false;
    this.#taken += octets;
    return true;
  }

  /** What was taken and is not needed any more. */
  give(octets: number): void {
    this.#taken -= octets;
  }
}
