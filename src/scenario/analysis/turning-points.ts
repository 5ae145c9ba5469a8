// When a diagnosis can change: what is known of addresses, and the events that are about none.

import type { LabEvent } from '../../lab/events.ts';
import type { Nanos } from '../../sim/time.ts';
import type { AddressState } from './diagnosis.ts';

/** The moments at which a diagnosis can change, within (from, to); `turns` are `turningEvents`. */
export function turningPoints(
  from: Nanos,
  to: Nanos,
  states: readonly AddressState[],
  turns: readonly LabEvent[],
): Nanos[] {
  const times = new Set<Nanos>();
  const add = (at: Nanos | null): void => {
    if (at !== null && at > from && at < to) times.add(at);
  };
  for (const { announcements, beliefs, holdings } of states) {
    for (const { at } of announcements) add(at);
    for (const span of [...holdings, ...beliefs.flatMap(({ spans }) => spans)]) {
      add(span.from);
      add(span.to);
    }
  }
  for (let i = firstFrom(turns, from); i < turns.length; i++) {
    const at = turns[i]?.at ?? to;
    if (at >= to) break;
    add(at);
  }
  return [...times].sort((a, b) => a - b);
}

/** The events that can change a diagnosis and are about no address. */
export function turningEvents(events: readonly LabEvent[]): LabEvent[] {
  return events.filter(({ kind }) => TURNING.has(kind));
}

/** The index of the first item that is not before `at`, in items ordered by time. */
export function firstFrom(items: readonly { readonly at: Nanos }[], at: Nanos): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((items[middle]?.at ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

const TURNING: ReadonlySet<LabEvent['kind']> = new Set([
  'namespace-egress',
  'node-offline',
  'node-online',
  'powered-off',
  'powered-on',
  'unplugged',
  'plugged-in',
  'link-down',
  'link-up',
  'impaired',
  'repaired',
  'partitioned',
  'healed',
  'interface-changed',
  'address-removed',
  'address-added',
  'sysctl-changed',
  'route-added',
  'route-removed',
  'mac-set',
  'mtu-set',
  'firewall-changed',
  'snat-changed',
  'connections-deleted',
]);
