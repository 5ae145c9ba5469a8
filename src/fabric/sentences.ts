// The sentences of all cluster networks, one line each.

import type { Sentences } from '../sim/sentence.ts';
import type { FabricEvents } from './events.ts';
import { openshiftSdnSentences } from './openshift-sdn/sentences.ts';

/** A line of a timeline for each kind of event of any cluster network. */
export const fabricSentences: Sentences<FabricEvents> = {
  ...openshiftSdnSentences,
};
