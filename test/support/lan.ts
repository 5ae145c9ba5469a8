// A small LAN for tests: hosts with real stacks on software switches, virtual time, and a recorder
// that sees each frame once, where it enters a switch. MACs are 02:00:00:00:00:NN in the order of
// plugging, so that a failing test reads well.
//
//   const lan = new Lan();
//   const a = lan.host('A', '10.0.0.1/24');
//   const b = lan.host('B', '10.0.0.2/24');
//   lan.ping(a, '10.0.0.2');
//   lan.run(1);
//   expect(lan.arps()).toEqual(['A > BROADCAST who-has 10.0.0.2 tell 10.0.0.1', …]);

import type { LabEvents } from '../../src/lab/events.ts';
import { Drops } from '../../src/link/drops.ts';
import { Link } from '../../src/link/link.ts';
import { Switch } from '../../src/link/switch.ts';
import { EventLog } from '../../src/sim/event-log.ts';
import { Random } from '../../src/sim/random.ts';
import { Scheduler } from '../../src/sim/scheduler.ts';
import { micros, type Nanos, seconds } from '../../src/sim/time.ts';
import type { Interface } from '../../src/stack/device/interface.ts';
import type { EchoReply } from '../../src/stack/icmp/echo.ts';
import type { IcmpError } from '../../src/stack/icmp/error.ts';
import type { NeighborEntry } from '../../src/stack/neighbor/entry.ts';
import { neighborStateName } from '../../src/stack/neighbor/state.ts';
import { NetworkStack } from '../../src/stack/stack.ts';
import * as arp from '../../src/wire/arp.ts';
import * as ethernet from '../../src/wire/ethernet.ts';
import { type Frame, FrameArena } from '../../src/wire/frame.ts';
import { formatIpv4, type Ipv4Cidr, parseCidr } from '../../src/wire/ipv4-address.ts';
import {
  BROADCAST_MAC,
  type MacAddress,
  macAddress,
  ZERO_MAC,
} from '../../src/wire/mac-address.ts';
import { EtherType } from '../../src/wire/numbers.ts';
import { isA, type Kind, type OfKind } from './events.ts';
import { ip } from './frames.ts';

/** One frame that entered a switch. */
export interface RecordedFrame {
  readonly at: Nanos;
  /** The switch. */
  readonly segment: string;
  readonly frame: Frame;
}

export interface InterfaceSpec {
  /** Default: 'lan'. Made when first named. */
  readonly segment?: string;
  /** In the order of adding; the first of a subnet is primary. */
  readonly addresses?: readonly string[];
  readonly mac?: MacAddress;
}

/** What a ping socket heard. */
export interface PingLog {
  readonly replies: (EchoReply & { readonly at: Nanos })[];
  readonly errors: (IcmpError & { readonly at: Nanos })[];
}

/** '10.0.0.1/24' → CIDR. @throws when it is none. */
export function cidr(text: string): Ipv4Cidr {
  const parsed = parseCidr(text);
  if (parsed === null) throw new Error(`not a CIDR: ${text}`);
  return parsed;
}

/** The interface of a host; 'eth0' where none is named. @throws when there is none. */
export function nic(stack: NetworkStack, name = 'eth0'): Interface {
  const iface = stack.interface(name);
  if (iface === null) throw new Error(`${stack.name} has no interface ${name}`);
  return iface;
}

export class Lan {
  readonly seed: number;
  readonly scheduler: Scheduler = new Scheduler();
  readonly arena: FrameArena = new FrameArena();
  readonly random: Random;
  readonly events: EventLog<LabEvents>;
  readonly drops: Drops = new Drops('cables');
  readonly frames: RecordedFrame[] = [];
  readonly hosts: Map<string, NetworkStack> = new Map();
  readonly #latency: Nanos;
  readonly #switches = new Map<string, Switch>();
  readonly #links = new Map<Interface, Link>();
  readonly #macNames = new Map<MacAddress, string>([
    [BROADCAST_MAC, 'BROADCAST'],
    [ZERO_MAC, 'ZERO'],
  ]);
  #plugged = 0;

  /** `latency` of every cable, in microseconds. */
  constructor(options: { readonly seed?: number; readonly latency?: number } = {}) {
    this.seed = options.seed ?? 1;
    this.random = new Random(this.seed);
    this.events = new EventLog(this.scheduler);
    this.#latency = micros(options.latency ?? 20);
  }

  /** A host with eth0 on the segment 'lan', and lo. */
  host(name: string, ...addresses: string[]): NetworkStack {
    const stack = new NetworkStack({
      name,
      scheduler: this.scheduler,
      arena: this.arena,
      random: this.random.fork(name),
      events: this.events,
    });
    this.hosts.set(name, stack);
    this.plug(stack, 'eth0', { addresses });
    return stack;
  }

  /** Another interface. Its MAC is called by the host's name for eth0, else 'name.eth1'. */
  plug(stack: NetworkStack, name: string, spec: InterfaceSpec = {}): Interface {
    const mac = spec.mac ?? macAddress(0x0200_0000_0000 + ++this.#plugged);
    const iface = stack.addInterface({ name, mac });
    this.nameMac(mac, name === 'eth0' ? stack.name : `${stack.name}.${name}`);
    const port = this.segment(spec.segment ?? 'lan').addPort(`${stack.name}.${name}`);
    port.observer = (_port, frame, direction) => {
      if (direction !== 'in') return;
      this.frames.push({ at: this.scheduler.now, segment: spec.segment ?? 'lan', frame });
    };
    const link = new Link(iface.port, port, this);
    link.configure({ ...link.ab.settings, latency: this.#latency });
    this.#links.set(iface, link);
    for (const address of spec.addresses ?? []) stack.addresses.add(iface, cidr(address));
    return iface;
  }

  /** The switch of a segment, made when first asked for. */
  segment(name: string): Switch {
    let found = this.#switches.get(name);
    if (found === undefined) {
      found = new Switch({ name, scheduler: this.scheduler, events: this.events });
      this.#switches.set(name, found);
    }
    return found;
  }

  /** The cable of an interface: pull it, or make it lossy. */
  link(iface: Interface): Link {
    const link = this.#links.get(iface);
    if (link === undefined) throw new Error(`${iface.name} is not plugged by this LAN`);
    return link;
  }

  /** How `arps` and `entry` call a MAC. */
  nameMac(mac: MacAddress, name: string): MacAddress {
    this.#macNames.set(mac, name);
    return mac;
  }

  /** The name of a MAC, else its hexadecimal digits. */
  macName(mac: MacAddress): string {
    return this.#macNames.get(mac) ?? mac.toString(16).padStart(12, '0');
  }

  get now(): number {
    return this.scheduler.now / 1e9;
  }

  /** Lets `duration` seconds pass. */
  run(duration: number): void {
    this.scheduler.advanceTo(this.scheduler.now + seconds(duration));
  }

  /** Calls `action` after `delay` seconds from now. */
  after(delay: number, action: () => void): void {
    this.scheduler.after(seconds(delay), call, action, null);
  }

  /** Sends `count` echo requests, the first now; collects what comes back. */
  ping(
    from: NetworkStack,
    to: string,
    options: { count?: number; every?: number; source?: string; size?: number } = {},
  ): PingLog {
    const log: PingLog = { replies: [], errors: [] };
    const socket = from.icmp.openEcho({
      onReply: (reply) => log.replies.push({ ...reply, at: this.scheduler.now }),
      onError: (error) => log.errors.push({ ...error, at: this.scheduler.now }),
    });
    const send = (sequence: number): void => {
      socket.send(ip(to), sequence, {
        ...(options.source === undefined ? {} : { source: ip(options.source) }),
        ...(options.size === undefined ? {} : { size: options.size }),
      });
    };
    send(1);
    for (let i = 1; i < (options.count ?? 1); i++) {
      this.after(i * (options.every ?? 1), () => send(i + 1));
    }
    return log;
  }

  /** The entry of a host for an address, or null. */
  entry(stack: NetworkStack, address: string, iface: Interface = nic(stack)): NeighborEntry | null {
    return stack.neighbors.lookup(iface, ip(address));
  }

  /** 'REACHABLE:B', 'FAILED', or 'NONE' where there is no entry. */
  neighbor(stack: NetworkStack, address: string, iface: Interface = nic(stack)): string {
    const entry = this.entry(stack, address, iface);
    if (entry === null) return 'NONE';
    const state = neighborStateName(entry.state);
    return entry.valid ? `${state}:${this.macName(entry.mac)}` : state;
  }

  /** The ARP frames so far: 'A > BROADCAST who-has 10.0.0.2 tell 10.0.0.1' and '… is-at B …'. */
  arps(since: Nanos = 0): string[] {
    return this.frames
      .filter(({ at, frame }) => at >= since && ethernet.etherType(frame) === EtherType.Arp)
      .map(({ frame }) => this.describeArp(frame));
  }

  /** When the ARP frames entered a switch, in seconds after `since`. */
  arpTimes(since: Nanos = 0): number[] {
    return this.frames
      .filter(({ at, frame }) => at >= since && ethernet.etherType(frame) === EtherType.Arp)
      .map(({ at }) => (at - since) / 1e9);
  }

  describeArp(frame: Frame): string {
    const packet = arp.parse(frame, frame.start + ethernet.HEADER_LENGTH);
    if (packet === null) return 'malformed';
    const from = this.macName(ethernet.source(frame));
    const to = this.macName(ethernet.destination(frame));
    const sender = formatIpv4(packet.senderIp);
    const target = formatIpv4(packet.targetIp);
    const targetMac = this.macName(packet.targetMac);
    const line =
      packet.operation === arp.Operation.Request
        ? `who-has ${target} tell ${sender}${targetMac === 'ZERO' ? '' : ` tha=${targetMac}`}`
        : `${sender} is-at ${this.macName(packet.senderMac)} to ${target}${targetMac === to ? '' : ` tha=${targetMac}`}`;
    return `${from} > ${to} ${line}`;
  }

  /** The events of one kind, of one host if given. */
  eventsOf<K extends Kind>(kind: K, source: NetworkStack | null = null): OfKind<K>[] {
    return this.events.events
      .filter(isA(kind))
      .filter((event) => source === null || event.source === source.name);
  }

  /** The states through which a neighbor entry went, with seconds after `since`. */
  history(stack: NetworkStack, address: string, since: Nanos = 0): { t: number; state: string }[] {
    return this.eventsOf('neighbor-changed', stack)
      .filter(({ at, fields }) => at >= since && fields.address === address)
      .map(({ at, fields }) => {
        const { mac, state } = fields;
        const name = mac === null ? '' : this.#nameOfText(mac);
        return { t: (at - since) / 1e9, state: `${state}${name}` };
      });
  }

  /** The same as text: ['0.0 INCOMPLETE', '0.0 REACHABLE:B']. */
  timeline(stack: NetworkStack, address: string, since: Nanos = 0): string[] {
    return this.history(stack, address, since).map(({ t, state }) => `${t.toFixed(1)} ${state}`);
  }

  #nameOfText(mac: string): string {
    return `:${this.macName(macAddress(Number.parseInt(mac.replaceAll(':', ''), 16)))}`;
  }
}

function call(action: () => void): void {
  action();
}
