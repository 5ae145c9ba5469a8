// Comments for frames: what is found of each, by the number of the frame.

import type { Explanation } from './model.ts';
import { addressSentences, otherSentences, outageSentences } from './sentences.ts';

const COMMENTS_PER_FRAME = 16;

/** The comments of each frame that shows something. */
export function annotationsOf(found: Explanation): Map<number, string[]> {
  const comments = new Map<number, string[]>();
  const all = [...addressSentences(found), ...outageSentences(found), ...otherSentences(found)];
  for (const { address, frames, text } of all) {
    const about = address === null || text.includes(address) ? '' : `${address}: `;
    for (const frame of new Set(frames)) {
      const own = comments.get(frame) ?? [];
      if (own.length < COMMENTS_PER_FRAME) own.push(`${about}${text}`);
      comments.set(frame, own);
    }
  }
  return comments;
}
