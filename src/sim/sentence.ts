// How an event is said to people, in one line of a timeline. A room or a fabric that brings kinds of
// events brings their sentences, too.

import type { EventOf } from './event-log.ts';

/** What a sentence may ask about the lab as it is when something happens. */
export interface Scene {
  /**
   * Whether neighbor entries for an address are news: egress IPs and whatever several machines hold.
   * Without a prefix length: '192.168.50.120'.
   */
  isNews(address: string): boolean;
  /** The machines that have a MAC address, as text; empty when no machine does. */
  ownersOf(mac: string): readonly string[];
}

/**
 * What an event says: without time and source, without a trailing period. Null when this very event is
 * not worth a line.
 */
export type Sentence<E> = (event: E, scene: Scene) => string | null;

/** One for each kind of an event map; null for a kind that stays in the log and out of the timeline. */
export type Sentences<M> = {
  readonly [K in keyof M]: Sentence<EventOf<M, K>> | null;
};
