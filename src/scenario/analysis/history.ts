// What the log says about how a state came about: since when, and by what.

import type { LabEvent, LabEvents } from '../../lab/events.ts';
import type { EventOf } from '../../sim/event-log.ts';
import { formatSeconds } from '../../sim/time.ts';
import {
  cidrContains,
  formatIpv4,
  type Ipv4Address,
  parseCidr,
  withoutPrefix,
} from '../../wire/ipv4-address.ts';

/** Answers questions about the past of a lab from its log. */
export class History {
  readonly #events: readonly LabEvent[];

  constructor(events: readonly LabEvent[]) {
    this.#events = events;
  }

  /** ' since 10.200', or nothing where it was so from the start. */
  since(source: string, ...kinds: readonly LabEvent['kind'][]): string {
    const event = this.#events.findLast(
      (each) => each.source === source && kinds.includes(each.kind),
    );
    return event === undefined ? '' : ` since ${formatSeconds(event.at)}`;
  }

  /** How an address was lost: '10.1.0.100 went with the primary address …'; null when it never was there. */
  loss(address: Ipv4Address, machine: string | null = null): string | null {
    const text = formatIpv4(address);
    const index = this.#events.findLastIndex(
      (each) =>
        each.kind === 'address-removed' &&
        (machine === null || each.source === machine) &&
        withoutPrefix(each.fields.address) === text,
    );
    const event = this.#events[index];
    if (event?.kind !== 'address-removed') return null;
    const when = formatSeconds(event.at);
    const primary = this.#primaryOf(event, index, address);
    if (primary === null) return `${event.source} gave up ${text} at ${when}`;
    return `${text} went with ${primary}, the primary address of ${event.source}/${event.fields.interface}, at ${when} (promote_secondaries is 0)`;
  }

  /** The address that was removed just before, of the same subnet: secondaries go with their primary. */
  #primaryOf(
    { at, fields, source }: EventOf<LabEvents, 'address-removed'>,
    index: number,
    address: Ipv4Address,
  ): string | null {
    for (let before = index - 1; before >= 0; before--) {
      const other = this.#events[before];
      if (other === undefined || other.at !== at) return null;
      if (other.kind !== 'address-removed' || other.source !== source) continue;
      const cidr = parseCidr(other.fields.address);
      const isPrimary =
        cidr !== null &&
        other.fields.interface === fields.interface &&
        other.fields.address.split('/')[1] === fields.address.split('/')[1] &&
        cidrContains(cidr, address);
      if (isPrimary) return withoutPrefix(other.fields.address);
    }
    return null;
  }
}
