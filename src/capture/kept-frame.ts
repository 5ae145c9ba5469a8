// A frame that is kept beyond the moment in which it was seen.

import { Frame } from '../wire/frame.ts';

/** The frame itself where nobody writes to it any more and its memory lasts, else a sealed copy. */
export function keptFrame(frame: Frame): Frame {
  if (frame.sealed && !frame.onLoan) return frame;
  const bytes = frame.toBytes();
  const copy = new Frame(bytes, new DataView(bytes.buffer), 0, bytes.length, frame.packetId);
  copy.note = frame.note;
  copy.hops = frame.hops;
  copy.sealed = true;
  return copy;
}
