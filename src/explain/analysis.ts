// What captures tell, in the rows in which the analysis of a run tells it from inside: the same addresses, holdings,
// announcements, beliefs, duplicates, moves and outages, with the same causes. A machine is known by the name or the
// address that it sends as, or by its MAC address.

import type {
  AddressAnalysis,
  Analysis,
  Announcement,
  Belief,
  BelievedMac,
  BlackHole,
  DuplicateWindow,
  FlowAnalysis,
  Holding,
  Move,
} from '../scenario/analysis/model.ts';
import type { Nanos } from '../sim/time.ts';
import type { Explanation, FlowRow, OutageRow } from './model.ts';

/** Null when no address moved or was contested, and every flow was answered. Times are those of the explanation. */
export function analysisOf(found: Explanation): Analysis | null {
  const addresses = eventfulAddresses(found);
  const flows = found.flows.filter(({ outages }) => outages.length > 0);
  if (addresses.length === 0 && flows.length === 0) return null;
  const nameOf = namesOfMachines(found);
  return {
    addresses: addresses.map((address) => addressOf(found, address, nameOf)),
    omitted: 0,
    flows: flows.map((flow) => flowOf(flow, found.duration)),
  };
}

/** Addresses that moved, that several MAC addresses claimed, or about which hosts changed their minds. */
export function eventfulAddresses(found: Explanation): string[] {
  const { conflicts, contested, flips, moves } = found;
  return [
    ...new Set([...conflicts, ...contested, ...moves, ...flips].map(({ address }) => address)),
  ];
}

/** 'db to web, tcp 5432'. */
export function nameOfFlow({ client, port, protocol, server }: FlowRow): string {
  return `${client} to ${server}, ${protocol}${port === null ? '' : ` ${port}`}`;
}

/** By an address that no other machine sends as. */
export function namesOfMachines({
  beliefs,
  names,
  nextHops,
}: Explanation): (mac: string) => string {
  const owners = new Map<string, Set<string>>();
  for (const { observer } of [...beliefs, ...nextHops]) {
    for (const address of observer.addresses) {
      owners.set(address, (owners.get(address) ?? new Set()).add(observer.mac));
    }
  }
  const machines = new Map<string, string>();
  for (const [address, macs] of owners) {
    const [mac] = macs;
    if (mac === undefined || macs.size > 1) continue;
    const name = names[address];
    if (name !== undefined || !machines.has(mac)) machines.set(mac, name ?? address);
  }
  return (mac) => machines.get(mac) ?? mac;
}

function addressOf(
  found: Explanation,
  address: string,
  nameOf: (mac: string) => string,
): AddressAnalysis {
  const isIt = (each: { readonly address: string }): boolean => each.address === address;
  const flips = found.flips.filter(isIt);
  return {
    address,
    holdings: found.claims
      .filter(isIt)
      .filter(({ kind }) => kind === 'owner' || kind === 'proxy')
      .map(({ from, mac, to }): Holding => {
        const how = from === null ? 'configured' : 'added';
        const end = to === null ? null : 'removed';
        const times = { from: from ?? 0, to, how, end } as const;
        return { machine: nameOf(mac), interface: '', mac, ...times, overstayed: null };
      }),
    announcements: found.announcements.filter(isIt).map(({ at, form, mac }): Announcement => {
      const heardBy = flips
        .filter((flip) => flip.by === 'announcement' && flip.at === at && flip.to === mac)
        .map(({ observer }) => observer);
      const operation = form.startsWith('request') ? 'request' : 'reply';
      return { at, machine: nameOf(mac), mac, form: operation, heardBy, ignoredBy: [] };
    }),
    beliefs: found.beliefs.filter(isIt).map(({ observer, spans }): Belief => {
      const name = observer.addresses[0] ?? observer.mac;
      const known = spans.map(({ from, mac, to }): BelievedMac => {
        const flip = flips.find(({ observer: by, proven }) => by === name && proven === from);
        const cause = flip?.by ?? 'seen';
        return { mac, machine: nameOf(mac), from, to, cause, permanent: false };
      });
      return { observer: nameOf(observer.mac), interface: '', spans: known };
    }),
    duplicates: found.conflicts.filter(isIt).map(({ from, macs, to }): DuplicateWindow => {
      const answersOf = (mac: string): number =>
        found.claims.find((claim) => claim.address === address && claim.mac === mac)?.answers ?? 0;
      const between = flips.filter(({ at }) => at >= from && at <= (to ?? found.duration));
      const machines = macs.map(nameOf);
      const answers = macs.map(answersOf);
      return { from, to, machines, macs, kind: 'conflict', answers, flips: between.length };
    }),
    moves: found.moves.filter(isIt).map(({ from, lost, taken, to }): Move => {
      return { from: nameOf(from), to: nameOf(to), lost, taken, clean: true };
    }),
    blackHoles: blackHolesOf(found, address),
  };
}

/** Outages of flows with the address as an end, those of one cause that overlap as one. */
function blackHolesOf({ flows }: Explanation, address: string): BlackHole[] {
  const holes: BlackHole[] = [];
  const outages = flows
    .filter(({ client, server }) => client === address || server === address)
    .flatMap((flow) => flow.outages.map((outage) => ({ flow: nameOfFlow(flow), outage })))
    .sort((a, b) => a.outage.from - b.outage.from);
  for (const { flow, outage } of outages) {
    const { cause, from, text, to } = outage;
    const last = holes.at(-1);
    if (last?.text === text && from <= (last.to ?? from)) {
      const until = last.to === null || to === null ? null : Math.max(last.to, to);
      const names = last.flows.includes(flow) ? last.flows : [...last.flows, flow];
      holes[holes.length - 1] = { ...last, to: until, flows: names };
    } else {
      holes.push({ cause, from, to, text, flows: [flow] });
    }
  }
  return holes;
}

function flowOf(flow: FlowRow, end: Nanos): FlowAnalysis {
  const lengthOf = ({ from, to }: OutageRow): Nanos => (to ?? end) - from;
  const longest = flow.outages.reduce((a, b) => (lengthOf(b) > lengthOf(a) ? b : a));
  const { cause, from, text, to } = longest;
  return {
    flow: nameOfFlow(flow),
    longestOutage: lengthOf(longest),
    from,
    to,
    stages: [{ from, to: to ?? end, cause, text, address: null }],
    ended: to === null ? 'it had not ended when the capture did' : 'a request was answered again',
  };
}
