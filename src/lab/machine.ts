// A machine of a topology, running: its stack, and the cable of each interface.

import { startService } from '../apps/service.ts';
import { assert, present } from '../base/assert.ts';
import { Link } from '../link/link.ts';
import { Netfilter } from '../nat/netfilter.ts';
import type { Route } from '../stack/ipv4/route-table.ts';
import { NetworkStack } from '../stack/stack.ts';
import type { CableSpec, InterfaceSpec, MachineSpec } from '../topology/model.ts';
import type { Attachments } from './attachments.ts';
import type { LabContext } from './context.ts';
import { applyFirewall, applySnat } from './packet-filter.ts';
import type { Segment } from './segment.ts';

/** One cable from an interface to its segment's switch; `ab` leads away from the machine. */
export interface Cable {
  readonly spec: InterfaceSpec;
  readonly link: Link;
  /** Null when the kernel is at the other end. */
  readonly segment: Segment | null;
}

/** A host or node that runs. */
export interface Machine {
  readonly name: string;
  readonly spec: MachineSpec;
  readonly stack: NetworkStack;
  readonly netfilter: Netfilter;
  /** By interface name, in the order of the file. */
  readonly cables: ReadonlyMap<string, Cable>;
}

/** A machine with its cables plugged in, configured as the topology says. */
export function buildMachine(
  spec: MachineSpec,
  segments: ReadonlyMap<string, Segment>,
  attachments: Attachments,
  context: LabContext,
): Machine {
  const { scheduler, arena, events } = context;
  const random = context.random.fork(`host:${spec.name}`);
  const stack = new NetworkStack({ name: spec.name, scheduler, arena, random, events });
  const cables = new Map<string, Cable>();
  for (const each of spec.interfaces) {
    cables.set(each.name, plugIn(stack, each, segments, attachments, context));
  }
  if (spec.forwarding) stack.sysctl.set('ip_forward', 1);
  for (const { name, value, interface: target } of spec.sysctls) {
    stack.sysctl.set(name, value, target);
  }
  for (const { name, addresses } of spec.interfaces) {
    const iface = present(stack.interface(name), 'the interface was just added');
    for (const address of addresses) stack.addresses.add(iface, address);
  }
  for (const address of spec.loopback) stack.addresses.add(stack.loopback, address);
  stack.arp.setProfile(spec.observer);
  stack.arp.setResponder(spec.responder);
  if (spec.addressRemoval > 0) stack.arp.setRemovalTime(spec.addressRemoval);
  addRoutes(stack, spec);
  const netfilter = new Netfilter(stack, events);
  applySnat(netfilter, spec);
  applyFirewall(netfilter, spec.firewall);
  for (const service of spec.services) startService(stack, service);
  return { name: spec.name, spec, stack, netfilter, cables };
}

/** Lets a router hand on a kernel's large frames as it gets them; all others see single segments. */
export function acceptOffload({ stack, spec }: Machine): void {
  for (const iface of stack.interfaces) iface.acceptsOffload = spec.forwarding;
}

/** Puts a cable into the state that the topology describes. */
export function configureCable(link: Link, spec: CableSpec): void {
  link.ab.configure(spec.out);
  link.ba.configure(spec.in);
  link.ab.setUp(spec.outUp);
  link.ba.setUp(spec.inUp);
}

function plugIn(
  stack: NetworkStack,
  spec: InterfaceSpec,
  segments: ReadonlyMap<string, Segment>,
  attachments: Attachments,
  context: LabContext,
): Cable {
  const { name, mac, mtu } = spec;
  if (spec.segment === null) {
    const iface = stack.addInterface({ name, mac, mtu, noArp: true });
    const link = attachments.cableFor(stack.name, name, iface.port, context);
    configureCable(link, spec.cable);
    return { spec, link, segment: null };
  }
  const segment = present(segments.get(spec.segment), 'an interface names a segment');
  const iface = stack.addInterface({ name, mac, mtu });
  const port = segment.bridge.addPort(`${stack.name}.${name}`);
  segment.behind.set(port, stack.name);
  const link = new Link(iface.port, port, {
    scheduler: context.scheduler,
    arena: context.arena,
    random: context.random.fork(`cable:${stack.name}/${name}`),
    drops: stack.drops,
  });
  configureCable(link, spec.cable);
  return { spec, link, segment };
}

function addRoutes(stack: NetworkStack, spec: MachineSpec): void {
  for (const { to, type, via, dev, source, metric, table } of spec.routes) {
    const iface = dev === null ? null : present(stack.interface(dev), 'a route names an interface');
    const route: Route = { destination: to, type, via, iface, source, metric };
    const added = stack.fib.table(table).add(route);
    assert(added, 'the topology has no two routes with the same prefix and metric');
  }
  for (const { position: _, priority, ...rule } of spec.rules) {
    stack.fib.addRule({ ...rule, ...(priority === null ? {} : { priority }) });
  }
}
