// Properties about who answers for an address, and whether the API and the neighbors agree.

import { formatIpv4, type Ipv4Address } from '../../wire/ipv4-address.ts';
import { formatMac } from '../../wire/mac-address.ts';
import type { Subject, TellBreach } from './breach.ts';
import type { World } from './world.ts';

/** Two living machines answer for one address. */
export function twoAnswer(world: World, found: TellBreach): void {
  for (const address of world.contestable()) {
    const holders = world.holders(address);
    if (holders.length < 2) continue;
    found(about(address), `${holders.join(' and ')} answer for ${formatIpv4(address)}`);
  }
}

/** An observer that talks to an egress IP has a valid entry with the MAC address of another than its holder. */
export function wrongBelief(world: World, found: TellBreach): void {
  for (const { address, pods } of world.requests()) {
    const [holder, ...others] = world.holders(address);
    if (holder === undefined || others.length > 0) continue;
    const macs = world.macs(holder);
    for (const observer of observersOf(world, pods)) {
      const { neighbors, interfaces, powered } = world.lab.stack(observer);
      if (observer === holder || !powered) continue;
      for (const iface of interfaces) {
        const entry = neighbors.lookup(iface, address);
        if (entry === null || !entry.valid || macs.includes(entry.mac)) continue;
        const saw = `${observer} believes that ${formatMac(entry.mac)} has ${formatIpv4(address)}, which ${holder} holds`;
        found({ kind: 'machine', name: observer }, saw);
      }
    }
  }
}

/** Servers of the pods' flows, and routers between: those who send to the egress IP. */
function observersOf(world: World, pods: readonly string[]): readonly string[] {
  const servers = world.flows.flatMap((flow) => {
    const { pod, server } = world.ends(flow);
    return pod !== null && pods.includes(pod) && server !== null ? [server] : [];
  });
  const routers = world.lab.topology.hosts.flatMap(({ forwarding, name }) =>
    forwarding ? [name] : [],
  );
  return [...new Set([...servers, ...routers])].filter((name) => world.isWhole(name));
}

/** Exactly one node is listed for an IP, and another set of machines holds it. */
export function apiDisagrees(world: World, found: TellBreach): void {
  for (const { address, nodes } of world.requests()) {
    const holders = world.holders(address);
    const [listed, ...others] = nodes;
    if (others.length > 0) continue;
    if (listed === undefined) {
      if (holders.length === 0) continue;
      found(
        about(address),
        `${holders.join(', ')} holds ${formatIpv4(address)}, which the API lists nowhere`,
      );
    } else if (world.isManaged(listed) && (holders.length !== 1 || holders[0] !== listed)) {
      const held = holders.length === 0 ? 'nobody holds' : `${holders.join(', ')} holds`;
      found(about(address), `${held} ${formatIpv4(address)}, which the API lists on ${listed}`);
    }
  }
}

/** The API names a dead node for an IP that a living one could take, and somebody is there to decide. */
export function deadHolder(world: World, found: TellBreach): void {
  const { cluster, topology } = world.lab;
  const controllers = cluster?.controlPlane.controllers ?? [];
  if (!controllers.some(({ isRunning, node }) => isRunning && world.isWhole(node))) return;
  for (const { address, candidates, nodes } of world.requests()) {
    const [listed, ...others] = nodes;
    if (listed === undefined || others.length > 0 || !candidates.includes(listed)) continue;
    const isDead = topology.cluster !== null && !world.isPresent(listed);
    const another = candidates.some((name) => name !== listed && world.isManaged(name));
    if (!isDead || !another) continue;
    found(about(address), `the API lists ${formatIpv4(address)} on ${listed}, which is dead`);
  }
}

/** A whole node is taken for dead. */
export function falselyOffline(world: World, found: TellBreach): void {
  for (const { by, node } of world.offline()) {
    if (!world.isManaged(node) || (by !== 'controller' && !world.isManaged(by))) continue;
    found({ kind: 'machine', name: node }, `${by} takes ${node} for dead, which is whole`);
  }
}

/** Two IPs of one owner are on one node though others could take one. */
export function siblingsTogether(world: World, found: TellBreach): void {
  const requests = world.requests();
  for (const [index, { address, nodes, owner }] of requests.entries()) {
    const [node] = nodes;
    if (node === undefined || nodes.length > 1) continue;
    const sibling = requests.find(
      (other, at) => at > index && other.owner === owner && other.nodes[0] === node,
    );
    if (sibling === undefined || sibling.address === address) continue;
    const saw = `${formatIpv4(address)} and ${formatIpv4(sibling.address)} of ${owner} are both on ${node}`;
    found(about(address), saw);
  }
}

/** A healthy candidate has less than half of its even share (rounded down) of what may be placed freely. */
export function unbalanced(world: World, found: TellBreach): void {
  if (!world.allWhole()) return;
  const requests = world.requests().filter(({ candidates, nodes }) => {
    const [node] = nodes;
    return nodes.length === 1 && node !== undefined && candidates.includes(node);
  });
  const candidates = [...new Set(requests.flatMap((each) => each.candidates))];
  const share = Math.floor(requests.length / candidates.length / 2);
  for (const name of candidates) {
    // Only where every IP may go everywhere is an even share the measure.
    if (!requests.every((each) => each.candidates.includes(name))) continue;
    const count = requests.filter(({ nodes }) => nodes[0] === name).length;
    if (count >= share) continue;
    found({ kind: 'machine', name }, `${name} has ${count} of ${requests.length} egress IPs`);
  }
}

function about(address: Ipv4Address): Subject {
  return { kind: 'address', name: formatIpv4(address) };
}
