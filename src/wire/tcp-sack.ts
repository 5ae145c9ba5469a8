// Selective acknowledgments, RFC 2018: TCP option 5, blocks of two sequence numbers each.
//
//   | kind 5 | length | left edge (32) | right edge (32) | left edge | ...

import type { Frame } from './frame.ts';
import * as tcp from './tcp.ts';

const KIND = 5;
const END = 0;
const NO_OP = 1;
const HEADER = 2;
const BLOCK = 8;
const RIGHT_EDGE = 4;
/** Two no-ops and timestamps, as nearly every segment has them: nothing to look for. */
const TIMESTAMPS_ONLY = 0x0101_080a;
const TIMESTAMPS_LENGTH = 12;

/**
 * The highest right edge of the SACK blocks of a segment that passed `tcp.check`, or `acknowledgment`
 * if that is higher or there are none. Sequence numbers are signed 32-bit here, compared modulo 2^32.
 */
export function highestAcknowledged(frame: Frame, at: number, acknowledgment: number): number {
  const { view } = frame;
  const end = at + tcp.dataOffset(frame, at);
  let here = at + tcp.HEADER_LENGTH;
  if (end - here === TIMESTAMPS_LENGTH && view.getUint32(here) === TIMESTAMPS_ONLY) {
    return acknowledgment;
  }
  while (here < end) {
    const kind = view.getUint8(here);
    if (kind === END) break;
    if (kind === NO_OP) {
      here++;
      continue;
    }
    if (here + HEADER > end) break;
    const length = view.getUint8(here + 1);
    if (length < HEADER || here + length > end) break;
    const blocks = length - HEADER;
    if (kind === KIND && blocks > 0 && blocks % BLOCK === 0) {
      let highest = acknowledgment;
      for (let block = here + HEADER; block < here + length; block += BLOCK) {
        const edge = view.getInt32(block + RIGHT_EDGE);
        if (((edge - highest) | 0) > 0) highest = edge;
      }
      return highest;
    }
    here += length;
  }
  return acknowledgment;
}
