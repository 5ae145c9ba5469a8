// Who answered for an address when: a kernel that has it on an interface or publishes it, or a logical
// router, on a machine with power. A power failure ends a holding; what was configured comes back with the
// power, what the agent of a cluster network had claimed does not.

import type { LabEvent, LabEvents } from '../../lab/events.ts';
import type { EventOf } from '../../sim/event-log.ts';
import { type Nanos, seconds } from '../../sim/time.ts';
import { addressOf } from '../event-address.ts';
import type { ArpSighting } from './facts.ts';
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
  heard: readonly ArpSighting[],
  machines: Machines,
): Holding[] {
  const drafts: Draft[] = [];
  const open = new Map<string, Draft>();
  const asleep = new Map<string, Draft>();
  const take = (machine: string, iface: string, from: Nanos, how: Holding['how']): void => {
    const draft: Draft = { machine, interface: iface, from, to: null, how, end: null };
    drafts.push(draft);
    open.set(`${machine}/${iface}`, draft);
  };
  for (const event of events) {
    const { at, source } = event;
    switch (event.kind) {
      case 'address-added': {
        if (addressOf(event) !== address) break;
        const { interface: iface } = event.fields;
        if (!open.has(`${source}/${iface}`))
          take(source, iface, at, at === 0 ? 'configured' : 'added');
        break;
      }
      case 'claim-added': {
        if (addressOf(event) !== address) break;
        const { holder, interface: iface } = event.fields;
        // What routers have is put there by agents, what kernels publish by people.
        const how = holder !== source ? 'claimed' : at === 0 ? 'configured' : 'added';
        if (!open.has(`${source}/${iface}`)) take(source, iface, at, how);
        break;
      }
      case 'address-removed':
      case 'claim-removed': {
        if (addressOf(event) !== address) break;
        const key = `${source}/${event.fields.interface}`;
        const held = open.get(key);
        if (held !== undefined) close(held, at, endOf(event));
        open.delete(key);
        asleep.delete(key);
        break;
      }
      case 'egress-ip-claimed': {
        const held = open.get(`${source}/${event.fields.interface}`);
        if (held !== undefined && addressOf(event) === address) held.how = 'claimed';
        break;
      }
      case 'egress-ip-released':
      case 'stale-egress-ip-removed': {
        if (addressOf(event) !== address) break;
        const last = drafts.findLast((draft) => draft.machine === source);
        if (last?.to === at) last.end = 'released';
        break;
      }
      case 'powered-off':
        for (const [key, draft] of open) {
          if (draft.machine !== source) continue;
          close(draft, at, 'power-off');
          open.delete(key);
          if (draft.how !== 'claimed') asleep.set(key, draft);
        }
        break;
      case 'powered-on':
        for (const [key, draft] of asleep) {
          if (draft.machine !== source) continue;
          asleep.delete(key);
          take(source, draft.interface, at, draft.how);
        }
        break;
      default:
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

/** A router releases what its agent takes away; of an address, the agent says so by itself. */
function endOf({
  kind,
  fields,
  source,
}: EventOf<LabEvents, 'address-removed' | 'claim-removed'>): Holding['end'] {
  return kind === 'claim-removed' && fields.holder !== source ? 'released' : 'removed';
}

function close(draft: Draft, at: Nanos, end: Holding['end']): void {
  draft.to = at;
  draft.end = end;
}

/** Two nodes hear of one change not at the very same moment. */
const GRACE: Nanos = seconds(1);

function overstay(
  draft: Draft,
  drafts: readonly Draft[],
  heard: readonly ArpSighting[],
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
