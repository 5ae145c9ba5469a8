// pod - node with SNAT - switch - server: two cables and one switch, built from the parts themselves
// because a topology has no cable from host to host.

import type { LabEvents } from '../../src/lab/events.ts';
import { PERFECT_CHANNEL } from '../../src/link/channel.ts';
import { Link } from '../../src/link/link.ts';
import type { Port } from '../../src/link/port.ts';
import { Switch } from '../../src/link/switch.ts';
import { Netfilter } from '../../src/nat/netfilter.ts';
import { EventLog } from '../../src/sim/event-log.ts';
import { Random } from '../../src/sim/random.ts';
import { Scheduler } from '../../src/sim/scheduler.ts';
import type { Interface } from '../../src/stack/device/interface.ts';
import { NetworkStack } from '../../src/stack/stack.ts';
import { FrameArena } from '../../src/wire/frame.ts';
import { type Ipv4Cidr, parseCidr, parseIpv4 } from '../../src/wire/ipv4-address.ts';
import { macAddress } from '../../src/wire/mac-address.ts';

export interface NatPath {
  readonly scheduler: Scheduler;
  readonly pod: NetworkStack;
  /** Where a capture looks: the node's port towards the switch. */
  readonly outside: Port;
}

function cidr(text: string): Ipv4Cidr {
  const parsed = parseCidr(text);
  if (parsed === null) throw new Error(text);
  return parsed;
}

export function natPath(): NatPath {
  const scheduler = new Scheduler();
  const events = new EventLog<LabEvents>(scheduler);
  const arena = new FrameArena();
  const random = new Random(1);
  let macs = 0x0200_0000_0000;
  const host = (name: string): NetworkStack =>
    new NetworkStack({ name, scheduler, arena, random: random.fork(name), events });
  const attach = (stack: NetworkStack, name: string, address: string): Interface => {
    const iface = stack.addInterface({ name, mac: macAddress(++macs) });
    stack.addresses.add(iface, cidr(address));
    return iface;
  };
  const plug = (a: Port, b: Port, stack: NetworkStack): void => {
    new Link(a, b, { scheduler, arena, random, drops: stack.drops }).configure(PERFECT_CHANNEL);
  };
  const pod = host('pod');
  const node = host('node');
  const server = host('server');
  const bridge = new Switch({ name: 'lan', scheduler, events });
  const inside = attach(node, 'tun0', '10.11.0.1/24');
  const outside = attach(node, 'eth0', '192.168.50.120/24');
  const podInterface = attach(pod, 'eth0', '10.11.0.5/24');
  plug(podInterface.port, inside.port, pod);
  plug(outside.port, bridge.addPort('node'), node);
  plug(attach(server, 'eth0', '192.168.50.10/24').port, bridge.addPort('server'), server);
  node.sysctl.set('ip_forward', 1);
  new Netfilter(node, events).snat.append({
    match: { source: cidr('10.11.0.0/24'), outInterface: 'eth0' },
    target: { kind: 'masquerade' },
  });
  pod.routes.add({
    destination: cidr('0.0.0.0/0'),
    type: 'unicast',
    via: parseIpv4('10.11.0.1'),
    iface: podInterface,
    source: null,
    metric: 0,
  });
  return { scheduler, pod, outside: outside.port };
}
