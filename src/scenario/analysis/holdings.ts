// Who had an address when: on an interface, of a machine with power. A power failure ends a holding; what
// was configured comes back with the power, what an sdn pod had claimed does not.

import type { LabEvent } from '../../sim/event-log.ts';
import type { Nanos } from '../../sim/time.ts';
import type { HeardArp } from './facts.ts';
import type { Machines } from './machines.ts';
import type { Holding } from './model.ts';

interface Draft {
  readonly machine: string;
  readonly interface: string;
  from: Nanos;
  to: Nanos | null;
  how: Holding['how'];
  end: Holding['end'];
}

/** `events` of all kinds, oldest first; `heard` about this address. */
export function holdingsOf(
  address: string,
  events: readonly LabEvent[],
  heard: readonly HeardArp[],
  machines: Machines,
): Holding[] {
  const drafts: Draft[] = [];
  const open = new Map<string, Draft>();
  const asleep = new Map<string, Draft>();
  for (const event of events) {
    const { at, source, kind } = event;
    if (isAbout(event, address)) {
      const key = `${source}/${String(event.fields.interface)}`;
      const held = open.get(key);
      if (kind === 'address-added' && held === undefined) {
        const how = at === 0 ? 'configured' : 'added';
        const iface = String(event.fields.interface);
        const draft: Draft = {
          machine: source,
          interface: iface,
          from: at,
          to: null,
          how,
          end: null,
        };
        drafts.push(draft);
        open.set(key, draft);
      } else if (kind === 'address-removed') {
        if (held !== undefined) close(held, at, 'removed');
        open.delete(key);
        asleep.delete(key);
      } else if (kind === 'egress-ip-claimed' && held !== undefined) {
        held.how = 'claimed';
      } else if (kind === 'egress-ip-released' || kind === 'stale-egress-ip-removed') {
        const last = drafts.findLast((draft) => draft.machine === source);
        if (last?.to === at) last.end = 'released';
      }
    } else if (kind === 'powered-off') {
      for (const [key, draft] of open) {
        if (draft.machine !== source) continue;
        close(draft, at, 'power-off');
        open.delete(key);
        if (draft.how !== 'claimed') asleep.set(key, draft);
      }
    } else if (kind === 'powered-on') {
      for (const [key, draft] of asleep) {
        if (draft.machine !== source) continue;
        asleep.delete(key);
        const again: Draft = { ...draft, from: at, to: null, end: null };
        drafts.push(again);
        open.set(key, again);
      }
    }
  }
  return drafts
    .filter(({ from, to }) => from !== to)
    .map((draft) => ({
      ...draft,
      mac: machines.mac(draft.machine, draft.interface),
      overstayed: overstay(draft, drafts, heard, machines),
    }));
}

/** The span in which a holding covers `at`. */
export function holdsAt({ from, to }: Holding, at: Nanos): boolean {
  return from <= at && (to === null || at < to);
}

function isAbout({ fields }: LabEvent, address: string): boolean {
  const text = fields.address ?? fields.ip;
  return typeof text === 'string' && (text === address || text.startsWith(`${address}/`));
}

function close(draft: Draft, at: Nanos, end: Holding['end']): void {
  draft.to = at;
  draft.end = end;
}

/** Two nodes hear of one change not at the very same moment. */
const GRACE: Nanos = 1e9;

function overstay(
  draft: Draft,
  drafts: readonly Draft[],
  heard: readonly HeardArp[],
  machines: Machines,
): Holding['overstayed'] {
  if (draft.how !== 'claimed') return null;
  const successor = drafts.find(
    (other) =>
      other.how === 'claimed' && other.machine !== draft.machine && other.from > draft.from,
  );
  if (successor === undefined) return null;
  const { from } = successor;
  if (draft.to !== null && draft.to - from < GRACE) return null;
  const answers = heard.filter(
    ({ at, form, announces, mac }) =>
      at >= from && form === 'reply' && !announces && machines.owner(mac) === draft.machine,
  );
  return { from, answers: answers.length };
}
