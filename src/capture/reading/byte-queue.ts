// Octets that arrive in chunks, as one stretch: what was not used yet stands before what is new.

/** A stretch of octets that is used from the front and grows at the end. */
export class ByteQueue {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  /** Where what is left begins. */
  at = 0;
  #before = 0;

  /** Octets that are left. */
  get length(): number {
    return this.bytes.length - this.at;
  }

  /** How far into the file `at` is. */
  get position(): number {
    return this.#before + this.at;
  }

  push(chunk: Uint8Array): void {
    const rest = this.length;
    this.#before += this.at;
    if (rest === 0) {
      this.bytes = chunk;
    } else {
      const joined = new Uint8Array(rest + chunk.length);
      joined.set(this.bytes.subarray(this.at), 0);
      joined.set(chunk, rest);
      this.bytes = joined;
    }
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
    this.at = 0;
  }
}
