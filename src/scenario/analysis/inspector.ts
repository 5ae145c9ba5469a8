// Looks at the way of a flow when a request of it is lost, and keeps what was found when it changes.

import type { Lab } from '../../lab/lab.ts';
import { millis, type Nanos } from '../../sim/time.ts';
import type { FlowSpec } from '../../topology/model.ts';
import { ANY_ADDRESS, formatIpv4, type Ipv4Address } from '../../wire/ipv4-address.ts';
import type { FlowSources } from '../flows/flow-sources.ts';
import type { PathSighting } from './facts.ts';
import { History } from './history.ts';
import { checkPath, type Obstacle, type PacketPath } from './path-check.ts';

/** Losses in quick succession are looked at once. */
const INTERVAL: Nanos = millis(100);
/** Looks in one run; later ones are left out. */
const LIMIT = 20_000;

interface Look extends PathSighting {
  until: Nanos;
  readonly key: string;
}

/** Keeps what stood in the way of the flows of one lab. */
export class Inspector {
  readonly #looks: Look[] = [];
  readonly #lab: Lab;
  readonly #sources: FlowSources;
  #count = 0;
  readonly #last = new Map<number, Look>();

  constructor(lab: Lab, sources: FlowSources) {
    this.#lab = lab;
    this.#sources = sources;
  }

  /** What was found, each time that it had changed. */
  get sightings(): readonly PathSighting[] {
    return this.#looks;
  }

  /** Called for each request that was lost; `index` is the flow's place in its list. */
  look(spec: FlowSpec, index: number): void {
    const at = this.#lab.now;
    const last = this.#last.get(index);
    if (this.#count >= LIMIT || (last !== undefined && at - last.until < INTERVAL)) return;
    this.#count++;
    const { obstacle, way } = this.#check(spec, index);
    const key = `${obstacle?.text ?? ''}|${way.join()}`;
    if (last?.key === key) {
      last.until = at;
      return;
    }
    const look: Look = { at, until: at, flow: spec.name, way, obstacle, key };
    this.#last.set(index, look);
    this.#looks.push(look);
  }

  /** There, and back from where it arrives. */
  #check(spec: FlowSpec, index: number): PacketPath {
    const start = this.#startOf(spec.from);
    const there = checkPath(this.#lab, start, spec.to);
    const { way } = there;
    if (there.obstacle !== null) return there;
    const server = this.#lab.machines.get(way.at(-1) ?? '');
    if (server === undefined || !server.stack.addresses.isLocal(spec.to)) return there;
    const source = this.#sourceOf(spec, index, way);
    if (source === null || source === spec.to) return there;
    // The next request leaves as the egress IP of that time, which need not be the last one seen.
    if (this.#lab.cluster?.egressAddresses().includes(source) === true) return there;
    const gone = this.#isGone(source);
    if (gone !== null) return { way, obstacle: gone };
    const back = checkPath(this.#lab, server.name, source);
    return { way: [...new Set([...way, ...back.way])], obstacle: onTheWayBack(back.obstacle) };
  }

  /** The machine on whose interfaces the packet first appears. */
  #startOf(from: string): string {
    const { cluster, events } = this.#lab;
    const pod = this.#lab.topology.cluster?.pods.find(({ name }) => name === from);
    if (pod === undefined) return from;
    const egress = events.events.findLast(
      (event) => event.kind === 'namespace-egress' && event.fields.pods.includes(from),
    );
    const via = egress?.kind === 'namespace-egress' ? egress.fields.nodes[0] : undefined;
    for (const [name, { address }] of cluster?.nodes ?? []) {
      if (formatIpv4(address.address) === via) return name;
    }
    return pod.node;
  }

  /** As the server last saw it; before that what routing chooses, unless it is translated on the way. */
  #sourceOf(spec: FlowSpec, index: number, way: readonly string[]): Ipv4Address | null {
    const seen = this.#sources.sightings(index).at(-1)?.source;
    if (seen !== undefined) return seen;
    const machines = way.flatMap((name) => this.#lab.machines.get(name) ?? []);
    if (machines.some(({ spec: { interfaces } }) => interfaces.some(({ snat }) => snat.length > 0)))
      return null;
    const machine = this.#lab.machines.get(spec.from);
    if (machine === undefined) return null;
    if (spec.source !== null) return spec.source;
    const route = machine.stack.routes.lookup(spec.to);
    if (route === null || route.iface === null) return null;
    return route.source ?? machine.stack.addresses.select(route.iface, route.nextHop);
  }

  #isGone(source: Ipv4Address): Obstacle | null {
    if (source === ANY_ADDRESS || this.#lab.claims.claims(source).length > 0) return null;
    const lost = new History(this.#lab.events.events).loss(source);
    const text = `the connection still leaves as ${formatIpv4(source)}, which no machine has${lost === null ? '' : `: ${lost}`}`;
    return { cause: 'source-gone', machine: '', text };
  }
}

function onTheWayBack(obstacle: Obstacle | null): Obstacle | null {
  if (obstacle === null) return null;
  return { ...obstacle, text: `the answer does not come back: ${obstacle.text}` };
}
