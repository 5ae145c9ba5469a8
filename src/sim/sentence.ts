// How an event is said to people, in one line of a timeline. A room or a fabric that brings kinds of
// events brings their sentences, too.

import type { EventOf } from './event-log.ts';

/** Addresses whose neighbor entries are news: egress IPs and whatever several machines hold. */
export interface Watchlist {
  /** `address` without a prefix length: '192.168.50.120'. */
  has(address: string): boolean;
}

/**
 * What an event says: without time and source, without a trailing period. Null when this very event is
 * not worth a line.
 */
export type Sentence<E> = (event: E, watch: Watchlist) => string | null;

/** One for each kind of an event map; null for a kind that stays in the log and out of the timeline. */
export type Sentences<M> = {
  readonly [K in keyof M]: Sentence<EventOf<M, K>> | null;
};
