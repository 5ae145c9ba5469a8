// The lab's half of a case: one host of the lab with loose cables, in virtual time.

import type { LabEvents } from '../../src/lab/events.ts';
import { Drops } from '../../src/link/drops.ts';
import { Link } from '../../src/link/link.ts';
import { type FrameReceiver, Port } from '../../src/link/port.ts';
import { Netfilter } from '../../src/nat/netfilter.ts';
import type { SnatTarget } from '../../src/nat/snat/rule.ts';
import { EventLog } from '../../src/sim/event-log.ts';
import { Random } from '../../src/sim/random.ts';
import { Scheduler } from '../../src/sim/scheduler.ts';
import type { Route } from '../../src/stack/ipv4/route-table.ts';
import { TableId } from '../../src/stack/ipv4/rule.ts';
import { neighborStateName } from '../../src/stack/neighbor/state.ts';
import { NetworkStack } from '../../src/stack/stack.ts';
import { conntrackLines } from '../../src/view/conntrack.ts';
import { FrameArena } from '../../src/wire/frame.ts';
import { formatCidr, formatIpv4, type Ipv4Address } from '../../src/wire/ipv4-address.ts';
import { formatMac } from '../../src/wire/mac-address.ts';
import { IpProtocol } from '../../src/wire/numbers.ts';
import { ip, mac } from '../support/frames.ts';
import { cidr } from '../support/lan.ts';
import type {
  Deed,
  Emission,
  FilterConfig,
  FuzzCase,
  HostConfig,
  NatConfig,
  Observation,
  RouteConfig,
} from './case.ts';
import { Follower } from './follower.ts';

const NANOS_PER_MILLISECOND = 1e6;
const PROTOCOLS = { icmp: IpProtocol.Icmp, tcp: IpProtocol.Tcp, udp: IpProtocol.Udp } as const;
const HIDDEN_STATES = new Set(['NONE', 'NOARP']);

/** Sends a case to the lab; `times` in milliseconds as the kernel's run had them. */
export function runInLab({ config, steps }: FuzzCase, times: readonly number[]): Observation {
  // Another seed each time the kernel is asked: a number drawn here may be one of those put in.
  const host = new LabHost(config, Math.round((times[1] ?? 0) * 1_000));
  const follower = new Follower();
  const injected: Uint8Array[] = [];
  const emitted: Emission[][] = [];
  host.advanceTo(times[0] ?? 0);
  steps.forEach((step, i) => {
    if (step.does !== undefined) host.act(step.does);
    const octets = follower.resolve(step);
    injected.push(octets);
    if (octets.length > 0) host.inject(step.on, octets);
    const burst = host.advanceTo(times[i + 1] ?? 0);
    for (const emission of burst) follower.observe(emission);
    emitted.push(burst);
  });
  return {
    times,
    injected,
    emitted,
    neighbors: host.neighbors(),
    connections: host.connections(),
  };
}

class LabHost {
  readonly #scheduler = new Scheduler();
  readonly #arena = new FrameArena();
  readonly #stack: NetworkStack;
  readonly #netfilter: Netfilter;
  readonly #peers = new Map<string, Port>();
  #emitted: Emission[] = [];

  constructor(config: HostConfig, seed: number) {
    const random = new Random(seed);
    const events = new EventLog<LabEvents>(this.#scheduler);
    this.#stack = new NetworkStack({
      name: 'host',
      scheduler: this.#scheduler,
      arena: this.#arena,
      random: random.fork('host'),
      events,
    });
    this.#netfilter = new Netfilter(this.#stack, events);
    for (const spec of config.interfaces) {
      const { name, mtu } = spec;
      const iface = this.#stack.addInterface({ name, mac: mac(spec.mac), mtu });
      const owner: FrameReceiver = {
        receive: (frame) => this.#emitted.push({ on: name, octets: frame.toBytes() }),
        carrierChanged: () => {},
      };
      const peer = new Port(`${name}'s peer`, owner);
      const context = { scheduler: this.#scheduler, arena: this.#arena, random };
      new Link(iface.port, peer, { ...context, drops: new Drops('cables') });
      this.#peers.set(name, peer);
    }
    for (const [name, value] of config.sysctls) this.#stack.sysctl.set(name, value);
    this.#configure(config);
  }

  /** In the order of kernel-side.ts: an interface comes up with its addresses. */
  #configure(config: HostConfig): void {
    const stack = this.#stack;
    for (const { name, addresses, up } of config.interfaces) {
      const iface = stack.interface(name);
      if (iface === null) continue;
      for (const address of addresses) stack.addresses.add(iface, cidr(address));
      if (!up) stack.setInterfaceUp(iface, false);
    }
    for (const address of config.loopback) stack.addresses.add(stack.loopback, cidr(address));
    for (const route of config.routes) {
      stack.fib.table(route.table ?? TableId.Main).add(this.#route(route));
    }
    for (const { priority, from, to, iif, action, table } of config.rules ?? []) {
      stack.fib.addRule({
        priority,
        from: from === undefined ? null : cidr(from),
        to: to === undefined ? null : cidr(to),
        iif: iif ?? null,
        oif: null,
        fwmark: null,
        action,
        table: table ?? 0,
      });
    }
    if (config.conntrack) void this.#netfilter.conntrack;
    if (config.nat !== null) this.#translate(config.nat);
    for (const rule of config.filter ?? []) this.#filter(rule);
    for (const port of config.tcpPorts) {
      stack.tcp.listen(
        { port },
        {
          accept: (connection) => {
            connection.pause();
            return {};
          },
        },
      );
    }
    for (const port of config.udpPorts) stack.udp.bind({ port }, { onDatagram: () => {} });
    this.advanceTo(0);
  }

  #route({ destination, type, via, dev }: RouteConfig): Route {
    return {
      destination: cidr(destination),
      type,
      via: via === undefined ? null : ip(via),
      iface: dev === undefined ? null : this.#stack.interface(dev),
      source: null,
      metric: 0,
    };
  }

  /** What the administrator does; what Linux refuses has no effect. */
  act(deed: Deed): void {
    const stack = this.#stack;
    if ('link' in deed) {
      const iface = stack.interface(deed.link);
      if (iface !== null) stack.setInterfaceUp(iface, deed.up);
    } else if ('route' in deed) {
      this.#changeRoute(this.#route(deed.route), deed.add);
    } else {
      const iface = stack.interface(deed.dev);
      if (iface === null) return;
      if (deed.add) stack.addresses.add(iface, cidr(deed.address));
      else stack.addresses.remove(iface, cidr(deed.address).address);
    }
  }

  #changeRoute(route: Route, add: boolean): void {
    const { routes } = this.#stack;
    const isIt = ({ destination, type, via, iface }: Route): boolean =>
      formatCidr(destination) === formatCidr(route.destination) &&
      type === route.type &&
      via === route.via &&
      iface === route.iface;
    if (!add) routes.remove(isIt);
    else if (this.#accepts(route) && !routes.routes.some(isIt)) routes.add(route);
  }

  /** fib_check_nh: the gateway must be a neighbor of the interface, which must be up. */
  #accepts({ iface, via }: Route): boolean {
    if (iface === null) return true;
    if (!iface.up) return false;
    const hop = via === null ? null : this.#stack.routes.lookup(via);
    return via === null || (hop?.iface === iface && !hop.viaGateway);
  }

  #translate({ source, out, to, ports, random, persistent }: NatConfig): void {
    const match = { source: cidr(source), outInterface: out };
    const addresses = to === undefined ? null : [rangeOf(to)];
    const chance = random === undefined ? {} : { random };
    const target: SnatTarget =
      addresses === null
        ? { kind: 'masquerade', ...chance }
        : {
            kind: 'snat',
            addresses,
            ...chance,
            ...(persistent === undefined ? {} : { persistent }),
          };
    if (ports !== undefined) {
      // A range of ports is for protocols that have some.
      const range = { low: ports[0], high: ports[1] };
      for (const protocol of [IpProtocol.Tcp, IpProtocol.Udp]) {
        this.#netfilter.snat.append({
          match: { ...match, protocol },
          target: { ...target, ports: range },
        });
      }
    }
    this.#netfilter.snat.append({ match, target });
  }

  #filter({ chain, state, protocol, port, from, action }: FilterConfig): void {
    const isReject = action !== 'accept' && action !== 'drop';
    this.#netfilter.filter.chain(chain).append({
      match: {
        ...(state === undefined ? {} : { states: [state] }),
        ...(protocol === undefined ? {} : { protocol: PROTOCOLS[protocol] }),
        ...(port === undefined ? {} : { destinationPorts: { low: port, high: port } }),
        ...(from === undefined ? {} : { inInterface: from }),
      },
      ...(isReject ? { action: 'reject', rejectWith: action } : { action }),
    });
  }

  inject(on: string, octets: Uint8Array): void {
    this.#peers.get(on)?.transmit(this.#arena.from(octets));
  }

  /** What came out meanwhile. */
  advanceTo(milliseconds: number): Emission[] {
    const time = Math.round(milliseconds * NANOS_PER_MILLISECOND);
    this.#scheduler.advanceTo(Math.max(this.#scheduler.now, time));
    const emitted = this.#emitted;
    this.#emitted = [];
    return emitted;
  }

  neighbors(): string[] {
    return this.#stack.neighbors
      .entries()
      .filter(
        ({ state, iface }) => iface.name !== 'lo' && !HIDDEN_STATES.has(neighborStateName(state)),
      )
      .map((entry) => {
        const lladdr = entry.valid ? `${formatMac(entry.mac)} ` : '';
        return `${entry.iface.name} ${formatIpv4(entry.address)} ${lladdr}${neighborStateName(entry.state)}`;
      });
  }

  connections(): string[] {
    return conntrackLines(this.#netfilter, this.#scheduler.now).map(tidyConnection);
  }
}

function rangeOf(text: string): { low: Ipv4Address; high: Ipv4Address } {
  const [low = '', high = low] = text.split('-');
  return { low: ip(low), high: ip(high) };
}

/** A line of `conntrack -L` without what does not matter here. */
export function tidyConnection(line: string): string {
  return line
    .replace(/^ipv4\s+2\s+/, '')
    .replaceAll(/ (mark|use|zone)=\S+/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
