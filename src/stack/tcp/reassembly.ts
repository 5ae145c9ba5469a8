// Data that arrived before what precedes it. The frames are kept by reference, nothing is copied; what
// overlaps is kept once, the octets that came first (RFC 9293 3.10.7.4). Bounded by count as well as
// by the window, for tiny segments hold whole frames.

import type { Frame } from '../../wire/frame.ts';
import { add, after, before, distance } from './sequence.ts';
import { trueSize } from './socket-memory.ts';

/** More pieces than this are not kept. */
const PIECE_LIMIT = 1024;

/** A stretch of the stream inside a frame. */
export interface Piece {
  readonly sequence: number;
  readonly length: number;
  readonly frame: Frame;
  /** Absolute offset of the first octet in the frame. */
  readonly offset: number;
  /** What the frame takes from the receive buffer; 0 if an earlier piece of it counts. */
  readonly memory: number;
}

export class Reassembly {
  /** In order, without overlap. */
  readonly #pieces: Piece[] = [];
  #memory = 0;

  get size(): number {
    return this.#pieces.length;
  }

  /** What the frames take from the receive buffer. */
  get memory(): number {
    return this.#memory;
  }

  /** Keeps what is new of a segment. False if there is no room for it. */
  insert(sequence: number, length: number, frame: Frame, offset: number): boolean {
    if (this.#pieces.length >= PIECE_LIMIT) return false;
    const end = add(sequence, length);
    let at = sequence;
    let memory = trueSize(frame.length);
    let index = this.#pieces.findIndex((piece) => after(add(piece.sequence, piece.length), at));
    if (index < 0) index = this.#pieces.length;
    while (before(at, end)) {
      const next = this.#pieces[index];
      const gapEnd = next === undefined || after(next.sequence, end) ? end : next.sequence;
      if (before(at, gapEnd)) {
        const from = offset + distance(sequence, at);
        this.#pieces.splice(index, 0, {
          sequence: at,
          length: distance(at, gapEnd),
          frame,
          offset: from,
          memory,
        });
        this.#memory += memory;
        memory = 0;
        index++;
      }
      if (next === undefined) break;
      at = add(next.sequence, next.length);
      index++;
    }
    return true;
  }

  /** Takes out the piece that continues the stream at `next`, or null. Pieces wholly before it are dropped. */
  take(next: number): Piece | null {
    for (;;) {
      const piece = this.#pieces[0];
      if (piece === undefined || after(piece.sequence, next)) return null;
      this.#pieces.shift();
      this.#memory -= piece.memory;
      const old = distance(piece.sequence, next);
      if (old >= piece.length) continue;
      if (old === 0) return piece;
      return {
        sequence: next,
        length: piece.length - old,
        frame: piece.frame,
        offset: piece.offset + old,
        memory: piece.memory,
      };
    }
  }

  clear(): void {
    this.#pieces.length = 0;
    this.#memory = 0;
  }
}
