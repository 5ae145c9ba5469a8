// Properties about the source addresses that servers see: each sighting has its time, so a start-up second is
// told from a leak. A connection that lives on keeps its address; flows with a connection for each request
// show most.

import { type Nanos, seconds } from '../../sim/time.ts';
import { cidrContains, formatIpv4, type Ipv4Address } from '../../wire/ipv4-address.ts';
import type { Flow } from '../flows/flow.ts';
import type { Sighting } from '../flows/flow-sources.ts';
import type { Stretches } from './stretches.ts';
import type { World } from './world.ts';

/** What of a sighting is wrong, in one line; null when nothing is. */
export type SightingRule = (look: SightingLook) => string | null;

/** One sighting, with what is known about the flow that it is of. */
export interface SightingLook {
  readonly world: World;
  readonly flow: Flow;
  readonly pod: string;
  readonly source: Ipv4Address;
  /** The egress IPs of the pod, those of the last seconds too. */
  readonly own: readonly Ipv4Address[];
  /** It asks for one, and has for some seconds: all agents know. */
  readonly asks: boolean;
  /** It was seen under an egress IP of its own before. */
  readonly hasLeft: boolean;
}

/** Objects that were just changed are not known to all agents. */
const LAG: Nanos = seconds(5);

interface FlowHistory {
  seen: number;
  hasLeft: boolean;
  readonly own: Map<Ipv4Address, Asked>;
}

/** That an egress IP is asked for. */
interface Asked {
  since: Nanos;
  last: Nanos;
  isNow: boolean;
}

/** Applies one rule to all sightings, each once. */
export class SightingWatch {
  readonly #rule: SightingRule;
  readonly #stretches: Stretches;
  readonly #histories = new Map<Flow, FlowHistory>();

  constructor(rule: SightingRule, stretches: Stretches) {
    this.#rule = rule;
    this.#stretches = stretches;
  }

  /** Judges what was seen since the last look. */
  look(world: World): void {
    for (const flow of world.flows) {
      const { pod, server } = world.ends(flow);
      if (pod === null || server === null) continue;
      const history = this.#history(flow);
      noteAsked(history.own, world.egressOf(pod), world.now);
      const sightings = world.sightings(flow);
      for (let index = history.seen; index < sightings.length; index++) {
        const sighting = sightings[index];
        if (sighting !== undefined) this.#judge(world, flow, pod, history, sighting);
      }
      history.seen = sightings.length;
    }
    this.#stretches.age(world.now);
  }

  #judge(world: World, flow: Flow, pod: string, history: FlowHistory, sighting: Sighting): void {
    const { at, source } = sighting;
    const own = [...history.own]
      .filter(([, { last }]) => at - last <= LAG)
      .map(([address]) => address);
    const asks = [...history.own.values()].some(({ isNow, since }) => isNow && at - since >= LAG);
    const { hasLeft } = history;
    const saw = this.#rule({ world, flow, pod, source, own, asks, hasLeft });
    if (own.includes(source)) history.hasLeft = true;
    const subject = { kind: 'flow', name: flow.spec.name } as const;
    if (saw === null) this.#stretches.end(subject, at);
    else this.#stretches.begin(subject, at, saw);
  }

  #history(flow: Flow): FlowHistory {
    const known = this.#histories.get(flow);
    if (known !== undefined) return known;
    const history = { seen: 0, hasLeft: false, own: new Map<Ipv4Address, Asked>() };
    this.#histories.set(flow, history);
    return history;
  }
}

function noteAsked(own: Map<Ipv4Address, Asked>, now: readonly Ipv4Address[], at: Nanos): void {
  for (const address of now) {
    const known = own.get(address);
    // What is asked for again begins anew.
    if (known?.isNow === true) known.last = at;
    else own.set(address, { since: at, last: at, isNow: true });
  }
  for (const [address, asked] of own) asked.isNow = now.includes(address);
}

/** A pod that has left under its egress IP is seen with a node's address, to a server outside the cluster. */
export const nodeIpSeen: SightingRule = ({ asks, flow, hasLeft, own, source, world }) => {
  if (!hasLeft || !asks || own.includes(source) || isInside(world, flow)) return null;
  const node = world.lab.topology.cluster?.nodes.find(({ address }) => address.address === source);
  if (node === undefined) return null;
  return `${flow.spec.name} is seen from ${formatIpv4(source)}, the address of ${node.name}`;
};

/** A pod is seen with an egress IP that others ask for and it does not. */
export const foreignIpSeen: SightingRule = ({ flow, own, pod, source, world }) => {
  if (own.includes(source)) return null;
  const owners = world
    .requests()
    .filter(({ address, pods }) => address === source && !pods.includes(pod))
    .map(({ owner }) => owner);
  if (owners.length === 0) return null;
  return `${flow.spec.name} is seen from ${formatIpv4(source)}, which ${owners.join(', ')} asks for`;
};

/** A server outside the cluster sees a pod's address. */
export const podIpSeen: SightingRule = ({ flow, source, world }) => {
  const { cluster } = world.lab.topology;
  if (cluster === null || isInside(world, flow)) return null;
  if (!cidrContains(cluster.clusterNetwork, source)) return null;
  return `${flow.spec.name} is seen from ${formatIpv4(source)}, the address of a pod`;
};

/** A pod gets out though no living machine holds an egress IP of it. */
export const openSeen: SightingRule = ({ asks, flow, hasLeft, own, source, world }) => {
  if (!hasLeft || !asks || isInside(world, flow)) return null;
  if (own.includes(source) || own.some((address) => world.holders(address).length > 0)) return null;
  return `${flow.spec.name} is seen from ${formatIpv4(source)} while nobody holds an egress IP of it`;
};

/** The server is a pod or a node: what stays in the cluster leaves with no egress IP by design. */
function isInside(world: World, flow: Flow): boolean {
  const { cluster } = world.lab.topology;
  const { server } = world.ends(flow);
  return cluster?.nodes.some(({ name }) => name === server) ?? false;
}
