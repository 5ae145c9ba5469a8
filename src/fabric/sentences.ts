// The sentences of all cluster networks; one that has kinds of events of its own adds a line.

import type { Sentences } from '../sim/sentence.ts';
import { egressSentences } from './egress-sentences.ts';
import type { FabricEvents } from './events.ts';

/** A line of a timeline for each kind of event of any cluster network. */
export const fabricSentences: Sentences<FabricEvents> = {
  ...egressSentences,
};
