// Data that arrived before what precedes it. The frames are kept by reference, nothing is copied. Pieces
// may overlap, as in Linux's queue (tcp_data_queue_ofo): one that lies within another is dropped, one
// that covers others takes their place, so both ends of the pieces rise. Bounded by count as well as by
// the window, for tiny segments hold whole frames.

import type { Frame } from '../../wire/frame.ts';
import { add, after, before, distance } from './sequence.ts';
import { type SocketMemory, tailRoom, trueSize } from './socket-memory.ts';

/** More pieces than this are not kept. */
const PIECE_LIMIT = 1024;

/** A stretch of the stream inside a frame. */
export interface Piece {
  readonly sequence: number;
  readonly length: number;
  readonly frame: Frame;
  /** Absolute offset of the first octet in the frame. */
  readonly offset: number;
  /** What the frame takes from the receive buffer; 0 if it lies in the buffer of the one before. */
  readonly memory: number;
  /** What still fits into the buffer. */
  readonly room: number;
  /** Its beginning was known already. */
  readonly cut: boolean;
  /** A FIN stands behind it. */
  readonly fin: boolean;
}

/** The pieces of one stream that wait for what precedes them. */
export class OutOfOrderQueue {
  /** In order. */
  readonly #pieces: Piece[] = [];
  readonly #memory: SocketMemory;

  constructor(memory: SocketMemory) {
    this.#memory = memory;
  }

  get size(): number {
    return this.#pieces.length;
  }

  /** Keeps a segment. False if there is no room for it. */
  insert(sequence: number, length: number, frame: Frame, offset: number, fin: boolean): boolean {
    const pieces = this.#pieces;
    if (pieces.length >= PIECE_LIMIT) return false;
    const end = add(sequence, fin ? length + 1 : length);
    let at = pieces.length;
    while (at > 0 && before(sequence, pieces[at - 1]?.sequence ?? sequence)) at--;
    const previous = pieces[at - 1];
    if (previous !== undefined && !after(end, endOf(previous))) return true;
    if (previous?.sequence === sequence) this.#remove(--at);
    while (at < pieces.length && !before(end, endOf(pieces[at]))) this.#remove(at);
    const joins = previous !== undefined && endOf(previous) === sequence && length <= previous.room;
    const cost = trueSize(frame.length);
    this.#memory.prepare(cost);
    const memory = joins ? 0 : cost;
    const room = joins
      ? previous.room - length
      : tailRoom(frame.length, offset + length - frame.start);
    pieces.splice(at, 0, { sequence, length, frame, offset, memory, room, cut: false, fin });
    this.#memory.charge(memory);
    return true;
  }

  /** Takes out the piece that continues the stream at `next`, or null. Pieces wholly before it are dropped. */
  take(next: number): Piece | null {
    for (;;) {
      const piece = this.#pieces[0];
      if (piece === undefined || after(piece.sequence, next)) return null;
      this.#remove(0);
      const old = distance(piece.sequence, next);
      if (!before(next, endOf(piece))) continue;
      if (old === 0) return piece;
      const offset = piece.offset + old;
      return { ...piece, sequence: next, length: piece.length - old, offset, cut: true };
    }
  }

  clear(): void {
    for (const { memory } of this.#pieces) this.#memory.release(memory);
    this.#pieces.length = 0;
  }

  #remove(at: number): void {
    this.#memory.release(this.#pieces[at]?.memory ?? 0);
    this.#pieces.splice(at, 1);
  }
}

function endOf(piece: Piece | undefined): number {
  if (piece === undefined) return 0;
  return add(piece.sequence, piece.fin ? piece.length + 1 : piece.length);
}
