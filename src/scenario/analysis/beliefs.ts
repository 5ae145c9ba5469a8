// What each machine took for the MAC address of an IP address, by the changes of its neighbor table.

import type { LabEvent } from '../../lab/events.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Machines } from './machines.ts';
import type { Belief, BelievedMac } from './model.ts';

interface Draft {
  from: Nanos;
  to: Nanos | null;
  readonly mac: string;
  readonly machine: string | null;
  readonly cause: string;
  permanent: boolean;
}

/** `events`: those about this address, oldest first, and power failures. */
export function beliefsOf(events: readonly LabEvent[], machines: Machines): Belief[] {
  const spans = new Map<string, Draft[]>();
  for (const event of events) {
    const { at, source } = event;
    if (event.kind === 'powered-off') {
      for (const [key, drafts] of spans) if (key.startsWith(`${source}/`)) close(drafts, at);
    } else if (event.kind === 'neighbor-changed') {
      const { cause, interface: iface, mac, state } = event.fields;
      const permanent = state === 'PERMANENT';
      const key = `${source}/${iface}`;
      const drafts = spans.get(key) ?? [];
      const last = drafts.at(-1);
      if (last?.to === null && last.mac === mac) {
        last.permanent = permanent;
        continue;
      }
      close(drafts, at);
      if (mac === null) continue;
      const machine = machines.owner(mac);
      drafts.push({ from: at, to: null, mac, machine, cause, permanent });
      spans.set(key, drafts);
    }
  }
  return [...spans]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, drafts]) => {
      const [observer = '', iface = ''] = key.split('/');
      return { observer, interface: iface, spans: drafts.filter(({ from, to }) => from !== to) };
    });
}

/** What an observer believed just after `at`; null when it had no entry. */
export function beliefAt({ spans }: Belief, at: Nanos): BelievedMac | null {
  return spans.findLast(({ from, to }) => from <= at && (to === null || at < to)) ?? null;
}

function close(drafts: readonly Draft[], at: Nanos): void {
  const last = drafts.at(-1);
  if (last?.to === null) last.to = at;
}
