// The conflict analysis: per address who held it, who announced it and who believed what; per flow what its
// longest outage was made of. A pure function of the facts, so that it can be asked about any log.

import type { LabEvent } from '../../lab/events.ts';
import { addressOf } from '../event-address.ts';
import type { Outage } from '../report.ts';
import { announcementsOf } from './announcements.ts';
import { beliefAt, beliefsOf } from './beliefs.ts';
import { type AddressState, Diagnostician } from './diagnosis.ts';
import { duplicatesOf, movesOf } from './duplicates.ts';
import type { Facts, FlowFacts } from './facts.ts';
import { holdingsOf } from './holdings.ts';
import { Machines } from './machines.ts';
import type { AddressAnalysis, Analysis, BlackHole, FlowAnalysis, Stage } from './model.ts';
import { OutageStory } from './outages.ts';

/** Addresses in a report; a cluster may have thousands. */
const ADDRESS_LIMIT = 200;
/** Outages of one flow that are looked into. */
const OUTAGE_LIMIT = 200;

/** Null when no address was contested and every flow was answered: there is nothing to explain. */
export function analyze(facts: Facts): Analysis | null {
  const { addresses: names, flows } = facts;
  if (names.length === 0 && flows.every(({ outages }) => outages.length === 0)) return null;
  const machines = new Machines(facts);
  const kept = names.slice(0, ADDRESS_LIMIT);
  const byAddress = eventsByAddress(facts.events, new Set(kept));
  const states = new Map<string, AddressState>();
  for (const address of kept) {
    states.set(address, describe(address, byAddress.get(address) ?? [], facts, machines));
  }
  const doctor = new Diagnostician(machines, states, facts.events);
  const story = new OutageStory(facts, doctor, states);
  const told: Told[] = [];
  const analyses: FlowAnalysis[] = [];
  for (const flow of flows) {
    const stories = longestOf(flow).map((outage) => ({
      outage,
      stages: story.stages(flow, outage),
    }));
    const about = doctor.addressesOf(flow);
    told.push({ flow: flow.name, about, stages: stories.flatMap(({ stages }) => stages) });
    const [longest] = stories;
    if (longest === undefined) continue;
    const { outage, stages } = longest;
    const ended = story.ending(flow, outage, stages);
    const { duration: longestOutage, from, to } = outage;
    analyses.push({ flow: flow.name, longestOutage, from, to, stages, ended });
  }
  const addresses = [...states.values()].map(
    (state): AddressAnalysis => ({ ...state, blackHoles: blackHolesOf(state.address, told) }),
  );
  return { addresses, omitted: names.length - kept.length, flows: analyses };
}

/** Longest first, ties by time; a lossy cable makes thousands. */
function longestOf({ outages }: FlowFacts): Outage[] {
  return [...outages].sort((a, b) => b.duration - a.duration).slice(0, OUTAGE_LIMIT);
}

function describe(
  address: string,
  events: readonly LabEvent[],
  { end, heard: allHeard }: Facts,
  machines: Machines,
): AddressState {
  const heard = allHeard.filter((each) => each.address === address);
  const holdings = holdingsOf(address, events, heard, machines);
  const beliefs = beliefsOf(events, machines);
  const duplicates = duplicatesOf(holdings, beliefs, heard, machines, end);
  const announcements = announcementsOf(events, heard, machines, (listener, at) => {
    for (const belief of beliefs) {
      const mac = belief.observer === listener ? (beliefAt(belief, at)?.mac ?? null) : null;
      if (mac !== null) return mac;
    }
    return null;
  });
  const moves = movesOf(holdings, duplicates, machines);
  return { address, holdings, announcements, beliefs, duplicates, moves };
}

/** Those that name it, and power failures, which concern every address. */
function eventsByAddress(
  events: readonly LabEvent[],
  addresses: ReadonlySet<string>,
): Map<string, LabEvent[]> {
  const sorted = new Map<string, LabEvent[]>([...addresses].map((address) => [address, []]));
  for (const event of events) {
    if (event.kind === 'powered-off' || event.kind === 'powered-on') {
      for (const list of sorted.values()) list.push(event);
      continue;
    }
    const address = addressOf(event);
    if (address !== null) sorted.get(address)?.push(event);
  }
  return sorted;
}

/** Everything that stopped one flow, and the addresses that it had to do with. */
interface Told {
  readonly flow: string;
  readonly about: readonly string[];
  readonly stages: readonly Stage[];
}

/** Stages of all flows about one address, in time, those of one cause that meet or overlap as one. */
function blackHolesOf(address: string, told: readonly Told[]): BlackHole[] {
  const stages = told
    .flatMap(({ about, flow, stages: own }) => own.map((stage) => ({ about, flow, ...stage })))
    .filter(({ about, address: named, cause }) => {
      if (cause === 'retry-pending' || cause === 'unknown') return false;
      return named === null ? about.includes(address) : named === address;
    })
    .sort((a, b) => a.from - b.from);
  const holes: BlackHole[] = [];
  for (const { cause, flow, from, text, to } of stages) {
    const last = holes.at(-1);
    if (last?.cause === cause && last.text === text && from <= (last.to ?? from)) {
      const flows = last.flows.includes(flow) ? last.flows : [...last.flows, flow];
      holes[holes.length - 1] = { ...last, to: Math.max(last.to ?? to, to), flows };
    } else {
      holes.push({ from, to, cause, text, flows: [flow] });
    }
  }
  return holes;
}
