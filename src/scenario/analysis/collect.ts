// The facts of a lab that has run: its log, its witness, and the names of its machines and flows.

import type { Lab } from '../../lab/lab.ts';
import type { FlowSpec } from '../../topology/model.ts';
import { formatIpv4, type Ipv4Address } from '../../wire/ipv4-address.ts';
import { formatMac, ZERO_MAC } from '../../wire/mac-address.ts';
import type { ContestedAddresses } from '../contested.ts';
import type { FlowSources } from '../flows/flow-sources.ts';
import type { FlowReport } from '../report.ts';
import type { Facts, FlowFacts, MachineFacts } from './facts.ts';
import type { Inspector } from './inspector.ts';
import type { Witness } from './witness.ts';

/** Routers between two machines at most. */
const HOP_LIMIT = 16;

/** `flows` and `reports` stand in one order. */
export function collectFacts(
  lab: Lab,
  contested: ContestedAddresses,
  witness: Witness,
  inspector: Inspector,
  sources: FlowSources,
  flows: readonly FlowSpec[],
  reports: readonly FlowReport[],
): Facts {
  const { heard, drops, dropsOmitted } = witness;
  const addresses = contested.list();
  return {
    end: lab.now,
    events: lab.events.events,
    addresses,
    machines: lab.stacks().map(({ name }) => machineFacts(lab, name)),
    heard,
    drops,
    dropsOmitted,
    paths: inspector.sightings,
    flows: flows.map((spec, index) => ({
      ...flowFacts(lab, spec, reports[index], addresses),
      reached: sources.sightings(index).map(({ at }) => at),
    })),
  };
}

function machineFacts(lab: Lab, name: string): MachineFacts {
  const node = lab.cluster?.nodes.get(name);
  return {
    name,
    nodeIp: node === undefined ? null : formatIpv4(node.address.address),
    macs: lab
      .stack(name)
      .interfaces.filter(({ mac }) => mac !== ZERO_MAC)
      .map((iface) => ({ interface: iface.name, mac: formatMac(iface.mac) })),
  };
}

function flowFacts(
  lab: Lab,
  spec: FlowSpec,
  report: FlowReport | undefined,
  contested: readonly string[],
): Omit<FlowFacts, 'reached'> {
  const { cluster } = lab.topology;
  const pod = cluster?.pods.find(({ name }) => name === spec.from);
  const toAddress = formatIpv4(spec.to);
  const back = cluster?.nodes.find(({ name }) => name === pod?.node)?.address.address;
  const own = lab.topology.hosts.find(({ name }) => name === spec.from)?.interfaces[0]
    ?.addresses[0];
  const source = back ?? own?.address ?? null;
  const observers = contested.includes(toAddress)
    ? wayTo(lab, spec.from, spec.to)
    : ownersOf(lab, spec.to).flatMap((server) =>
        source === null ? [server] : wayTo(lab, server, source),
      );
  return {
    name: spec.name,
    from: spec.from,
    pod:
      pod === undefined
        ? null
        : {
            name: pod.name,
            node: pod.node,
            address: formatIpv4(pod.address.address),
            namespace: pod.namespace,
          },
    toAddress,
    protocol: spec.protocol,
    port: spec.port,
    observers,
    outages: report?.outages ?? [],
  };
}

/** A machine and the routers between it and an address, as its routes say at the end. */
function wayTo(lab: Lab, from: string, to: Ipv4Address): string[] {
  const way = [from];
  for (let hop = from; way.length < HOP_LIMIT; ) {
    const gateway = lab.stack(hop).fib.lookup(to)?.nextHop ?? to;
    const [next] = gateway === to ? [] : ownersOf(lab, gateway);
    if (next === undefined || way.includes(next)) break;
    way.push(next);
    hop = next;
  }
  return way;
}

/** By the topology, whatever happened since. */
function ownersOf(lab: Lab, address: Ipv4Address): string[] {
  return [...lab.machines.values()]
    .filter(({ spec: { interfaces } }) =>
      interfaces.some(({ addresses }) => addresses.some((each) => each.address === address)),
    )
    .map(({ name }) => name);
}
