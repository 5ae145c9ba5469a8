// `ping` and `arping` as calls: the step of that name is performed, and time passes until it is done.

import type { Duration } from '../sim/duration.ts';
import { nanosOf } from '../sim/duration.ts';
import type { Nanos } from '../sim/time.ts';
import { formatIpv4 } from '../wire/ipv4-address.ts';
import type { Inside } from './inside.ts';

/** How to ping. */
export interface PingOptions {
  /** Requests; 1 when left out. */
  readonly count?: number;
  /** Between two requests; 1s when left out. */
  readonly interval?: Duration;
  /** How long the last request is waited for; 1s when left out. */
  readonly timeout?: Duration;
  /** Payload octets; 56 when left out. */
  readonly size?: number;
  /** The source address; the route chooses when left out. */
  readonly source?: string;
}

/** One answer to a ping. */
export interface PingReply {
  readonly sequence: number;
  /** Who answered, as an address. */
  readonly from: string;
  readonly roundTrip: Nanos;
}

/** What became of a ping. */
export interface PingResult {
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
  /** In the order in which they came. */
  readonly replies: readonly PingReply[];
}

/** How to arping. */
export interface ArpingOptions {
  /** The interface; the machine's first one when left out. */
  readonly interface?: string;
  /**
   * '-U' announces by requests, '-A' by replies, '-D' looks for a duplicate (RFC 5227 2.1.1); left out it asks
   * who has the address.
   */
  readonly mode?: '-U' | '-A' | '-D';
  /** Frames; 1 when left out. */
  readonly count?: number;
  /** Between two frames; 1s when left out. */
  readonly interval?: Duration;
}

/** What arping found. */
export interface ArpingResult {
  /** As iputils' arping exits. */
  readonly exitCode: number;
  /** MAC addresses of those who answered, in the order of their first answer. */
  readonly answeredBy: readonly string[];
}

const SECOND: Nanos = 1e9;

/** Sends echo requests and lets time pass until the last is answered or given up. */
export function ping(inside: Inside, from: string, to: string, options: PingOptions): PingResult {
  const { count, interval, timeout, size, source } = options;
  const replies: PingReply[] = [];
  const { lab } = inside;
  let sent = 0;
  const stopListening = lab.events.subscribe((event) => {
    if (event.source !== from) return;
    if (event.kind === 'ping-reply' && event.fields.name === name) {
      const { sequence, from: by, roundTrip } = event.fields;
      replies.push({ sequence, from: by, roundTrip });
    }
    if (event.kind === 'ping-done' && event.fields.name === name) sent = event.fields.sent;
  });
  let name: string | null = null;
  try {
    const step = inside.read({
      ping: formatIpv4(inside.address(to)),
      from,
      ...(count === undefined ? {} : { count }),
      ...(interval === undefined ? {} : { interval: text(interval) }),
      ...(timeout === undefined ? {} : { timeout: text(timeout) }),
      ...(size === undefined ? {} : { size }),
      ...(source === undefined ? {} : { source }),
    });
    if (step.kind !== 'ping') throw new Error('a ping is read as a ping');
    name = step.name;
    inside.session.perform(step);
    lab.advanceUntil(() => sent > 0, (step.count - 1) * step.interval + step.timeout);
    // A program that died with its host says nothing of what it had sent.
    if (sent === 0) sent = step.count;
  } finally {
    stopListening();
  }
  return { sent, answered: replies.length, lost: sent - replies.length, replies };
}

/** Runs iputils' arping and lets time pass until it exits. */
export function arping(
  inside: Inside,
  on: string,
  address: string,
  options: ArpingOptions,
): ArpingResult {
  const { mode, count, interval } = options;
  const { lab } = inside;
  let result: ArpingResult | null = null;
  let name: string | null = null;
  const stopListening = lab.events.subscribe((event) => {
    if (event.kind !== 'arping-done' || event.fields.name !== name) return;
    const { exitCode, answeredBy } = event.fields;
    result = { exitCode, answeredBy };
  });
  try {
    const step = inside.read({
      arping: address,
      from: on,
      ...(mode === undefined ? {} : { mode }),
      ...(count === undefined ? {} : { count }),
      ...(interval === undefined ? {} : { interval: text(interval) }),
    });
    if (step.kind !== 'arping') throw new Error('an arping is read as an arping');
    name = step.name;
    inside.session.perform(step);
    lab.advanceUntil(() => result !== null, step.count * (step.interval + SECOND) + SECOND);
  } finally {
    stopListening();
  }
  return result ?? { exitCode: 1, answeredBy: [] };
}

/** As the schema of steps reads it. @throws EgressLabError EGL_BAD_DURATION */
function text(duration: Duration): string {
  return `${nanosOf(duration)}ns`;
}
