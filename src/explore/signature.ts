// Which findings are the same: the same property, about a victim of the same role, for the same kinds of
// faults on machines of the same roles. Taken after shrinking: before it, nearly every finding is its own.

import type { Subject } from '../scenario/properties/breach.ts';
import type { Topology } from '../topology/topology.ts';
import type { Genome, Item } from './genome.ts';
import type { BrokenProperty } from './run.ts';

/** 'outage<45s | flow of a pod | cable master + power worker'. */
export function signatureOf(topology: Topology, broke: BrokenProperty, genome: Genome): string {
  const causes = genome.items.map((item) => causeOf(topology, item)).sort();
  const cause = causes.length === 0 ? 'nothing' : causes.join(' + ');
  return `${broke.property} | ${victimOf(topology, broke.subject)} | ${cause}`;
}

function victimOf(topology: Topology, { kind, name }: Subject): string {
  if (kind === 'machine') return roleOf(topology, name);
  if (kind !== 'flow') return kind;
  const flow = topology.scenario.flows.find((each) => each.name === name);
  const pod = topology.cluster?.pods.some((each) => each.name === flow?.from) ?? false;
  return pod ? 'flow of a pod' : 'flow of a machine';
}

function causeOf(topology: Topology, { kind, on, with: more }: Item): string {
  if (kind === 'rolling' || kind === 'swizzle') return kind;
  if (kind === 'api') return `api ${changeOf(topology, on[0] ?? '')}`;
  const roles = on.map((name) => roleOf(topology, name.split('/')[0] ?? name));
  const way = kind === 'loss' ? ['in', 'out', 'both'][more.way ?? 2] : null;
  return [kind, ...(way === null ? [] : [way]), ...roles.filter((role) => role !== 'segment')].join(
    ' ',
  );
}

/** The words of a change without the names of nodes and namespaces. */
function changeOf({ cluster }: Topology, what: string): string {
  const names = [...(cluster?.nodes ?? []), ...(cluster?.namespaces ?? [])].map(({ name }) => name);
  return what
    .split(' ')
    .map((word) => (names.includes(word) ? '…' : word))
    .join(' ');
}

/** What a machine is in the lab. */
export function roleOf({ cluster, hosts, scenario, segments }: Topology, name: string): string {
  if (segments.some((segment) => segment.name === name)) return 'segment';
  const host = hosts.find((each) => each.name === name);
  if (host !== undefined) {
    if (host.forwarding) return 'router';
    return scenario.flows.some(({ toName }) => toName === name) ? 'server' : 'host';
  }
  const node = cluster?.nodes.find((each) => each.name === name);
  if (node?.role === 'master') return 'master';
  const isHome = cluster?.pods.some((pod) => pod.node === name) ?? false;
  return isHome ? 'worker with pods' : 'worker';
}
