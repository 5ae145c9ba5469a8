// Cuts a stream of octets into lines, wherever the segments end. The text of a line is kept only as
// long as it is wanted, and up to a bound.

import type { Frame } from '../wire/frame.ts';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Of a longer line the rest is counted, not kept. */
const LONGEST_TEXT = 8192;

/** Cuts a stream into lines. */
export class LineReader {
  /** Octets of the unfinished line. */
  pending = 0;
  #text = '';

  /** Calls `onLine` with the octets (newline included) and the text of each line that ends here. */
  read(
    frame: Frame,
    offset: number,
    length: number,
    onLine: (octets: number, text: string) => void,
  ): void {
    for (let at = offset; at < offset + length; at++) {
      const octet = frame.view.getUint8(at);
      this.pending++;
      if (octet === NEWLINE) {
        const octets = this.pending;
        const text = this.#text;
        this.pending = 0;
        this.#text = '';
        onLine(octets, text);
      } else if (octet !== CARRIAGE_RETURN && this.#text.length < LONGEST_TEXT) {
        this.#text += String.fromCharCode(octet);
      }
    }
  }
}
