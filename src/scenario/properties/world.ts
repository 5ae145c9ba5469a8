// What properties ask: who answers for an address, what the API says, who is whole, when something last
// changed. Asked of stacks, cables and objects as they are now; nothing is folded from the log but the time
// of the last change, for a power failure takes more away than the log tells.

import type { EgressRequest, OfflineVerdict } from '../../fabric/egress-request.ts';
import type { Lab } from '../../lab/lab.ts';
import type { Machine } from '../../lab/machine.ts';
import type { Channel, ChannelSettings } from '../../link/channel.ts';
import type { Nanos } from '../../sim/time.ts';
import type { LinkProperties } from '../../topology/model.ts';
import { cidrContains, type Ipv4Address } from '../../wire/ipv4-address.ts';
import type { MacAddress } from '../../wire/mac-address.ts';
import type { Flow } from '../flows/flow.ts';
import type { Sighting } from '../flows/flow-sources.ts';
import type { ScenarioState } from '../state.ts';

/** What a flow passes that is not the cluster's matter. */
export interface FlowEnds {
  /** The pod that asks; null for a host or node. */
  readonly pod: string | null;
  /** The machine on which the asking side runs. */
  readonly from: string;
  /** The machine that is asked; null where no machine of the lab has the address. */
  readonly server: string | null;
}

/** Events after which the world is another one: faults, cures and commands. */
const CHANGES: ReadonlySet<string> = new Set([
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
  'agent-stopped',
  'agent-started',
  'oc-command',
]);

/** A lab as properties see it. */
export class World {
  readonly lab: Lab;
  readonly flows: readonly Flow[];
  readonly #state: ScenarioState;
  readonly #ends: ReadonlyMap<Flow, FlowEnds>;
  readonly #routers: readonly string[];
  readonly #stoppedAgents = new Set<string>();
  #lastChange: Nanos = 0;
  #version = -1;
  #requests: readonly EgressRequest[] = [];

  /** Listens to the lab from now on. */
  constructor(state: ScenarioState) {
    const { lab } = state;
    this.lab = lab;
    this.#state = state;
    this.flows = [...state.flows.values()];
    this.#ends = new Map(this.flows.map((flow) => [flow, endsOf(lab, flow)]));
    this.#routers = lab.topology.hosts.flatMap(({ forwarding, name }) =>
      forwarding ? [name] : [],
    );
    lab.events.subscribe(({ at, kind, source }) => {
      if (CHANGES.has(kind)) this.#lastChange = at;
      if (kind === 'agent-stopped') this.#stoppedAgents.add(source);
      else if (kind === 'agent-started' || kind === 'powered-on')
        this.#stoppedAgents.delete(source);
    });
  }

  get now(): Nanos {
    return this.lab.now;
  }

  /** When a fault, a cure or a command last changed the world; 0 when none has. */
  get lastChange(): Nanos {
    return this.#lastChange;
  }

  /** What the objects ask for now; read again only when an object has changed. */
  requests(): readonly EgressRequest[] {
    const { cluster } = this.lab;
    if (cluster === null) return [];
    const { resourceVersion } = cluster.store;
    if (resourceVersion !== this.#version) {
      this.#version = resourceVersion;
      this.#requests = cluster.egressRequests();
    }
    return this.#requests;
  }

  /** Whom the cluster's processes take for dead. */
  offline(): readonly OfflineVerdict[] {
    return this.lab.cluster?.offline() ?? [];
  }

  /** The machines that are powered and plugged in and answer for an address. */
  holders(address: Ipv4Address): readonly string[] {
    return this.lab.claims.holders(address).filter((name) => this.isPresent(name));
  }

  /** Addresses that several machines could fight for: egress IPs, and all within a segment's subnet. */
  contestable(): readonly Ipv4Address[] {
    const { claims, topology } = this.lab;
    const subnets = topology.segments.flatMap(({ subnet }) => subnet ?? []);
    return claims
      .addresses()
      .filter((address) => subnets.some((subnet) => cidrContains(subnet, address)));
  }

  /** Powered, and with a carrier on a cable. */
  isPresent(name: string): boolean {
    const machine = this.lab.machines.get(name);
    if (machine === undefined) return this.lab.cluster?.pods.get(name)?.stack.powered ?? false;
    if (!machine.stack.powered) return false;
    return [...machine.cables.values()].some(({ link }) => link.ab.up || link.ba.up);
  }

  /** Powered, with every cable as the topology says, and cut off from nobody. */
  isWhole(name: string): boolean {
    const machine = this.lab.machines.get(name);
    if (machine === undefined || !machine.stack.powered) return false;
    return isPlugged(machine) && !this.#isCutOff(machine);
  }

  /** Powered, its cables as the topology says; what it can reach is another matter. */
  isSound(name: string): boolean {
    const machine = this.lab.machines.get(name);
    return machine?.stack.powered === true && isPlugged(machine);
  }

  /** The agents of a node run, and it is whole. */
  isManaged(name: string): boolean {
    return this.isWhole(name) && !this.#stoppedAgents.has(name);
  }

  /** Neither a machine nor a cable is as it should not be. */
  allWhole(): boolean {
    return [...this.lab.machines.keys()].every(
      (name) => this.isWhole(name) && !this.#stoppedAgents.has(name),
    );
  }

  /** Where a flow begins and ends. */
  ends(flow: Flow): FlowEnds {
    return this.#ends.get(flow) ?? endsOf(this.lab, flow);
  }

  /** The flow's own machines, and the routers, are sound, and no partition parts them. */
  endsAreWhole(flow: Flow): boolean {
    const { from, server } = this.ends(flow);
    const path = [from, ...(server === null ? [] : [server]), ...this.#routers];
    if (!path.every((name) => this.isSound(name))) return false;
    return [...this.lab.segments.values()].every((segment) =>
      path.every((a) => path.every((b) => !this.lab.faults.separates(segment, a, b))),
    );
  }

  /** What servers saw of a flow's requests. */
  sightings(flow: Flow): readonly Sighting[] {
    return this.#state.sources.sightings(flow.index);
  }

  /** The egress IPs that a pod may leave under now. */
  egressOf(pod: string): readonly Ipv4Address[] {
    return this.requests()
      .filter(({ pods }) => pods.includes(pod))
      .map(({ address }) => address);
  }

  /** The MAC addresses of a machine. */
  macs(name: string): readonly MacAddress[] {
    return this.lab.stack(name).interfaces.map(({ mac }) => mac);
  }

  #isCutOff({ cables, name }: Machine): boolean {
    return [...cables.values()].some(({ segment }) => {
      if (segment === null) return false;
      const groups = this.lab.faults.partitionOf(segment);
      return groups?.some((group) => group.includes(name)) ?? false;
    });
  }
}

function endsOf(lab: Lab, { spec }: Flow): FlowEnds {
  const pod = lab.topology.cluster?.pods.find(({ name }) => name === spec.from);
  const named = spec.toName === null ? undefined : lab.machines.get(spec.toName);
  const server =
    named ??
    [...lab.machines.values()].find(({ spec: machine }) =>
      machine.interfaces.some(({ addresses }) =>
        addresses.some(({ address }) => address === spec.to),
      ),
    );
  return { pod: pod?.name ?? null, from: pod?.node ?? spec.from, server: server?.name ?? null };
}

function isPlugged({ cables }: Machine): boolean {
  return [...cables.values()].every(
    ({ link, spec }) =>
      isAsSaid(link.ab, spec.cable.out, spec.cable.outUp) &&
      isAsSaid(link.ba, spec.cable.in, spec.cable.inUp),
  );
}

/** A direction works as well as the topology says, or better. */
function isAsSaid(channel: Channel, said: LinkProperties, up: boolean): boolean {
  const now: ChannelSettings = channel.settings;
  return channel.up === up && now.loss <= said.loss && now.corrupt <= said.corrupt;
}
