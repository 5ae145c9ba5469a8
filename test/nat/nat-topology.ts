// The network of fixtures 06a to 06e, with the same names and addresses, and its frames in the form
// of the fixtures: what the lab does and what the kernel did are compared as plain objects.
//
//   P1 .11  P2 .12  P3 .13        N1 .1/.1      S .10   R .254 -- R.far .1   T .10
//   ------ int 10.1.0.0/24 ------ N2 .2/.2 ---- ext 192.0.2.0/24 -------+--- far 198.51.100.0/24
//                                 EIP 192.0.2.100 (on N1 or N2)

import { readFileSync } from 'node:fs';
import {
  type Connection,
  ConnectionStatus,
  type ConnectionTuple,
} from '../../src/nat/conntrack/connection.ts';
import { Netfilter } from '../../src/nat/netfilter.ts';
import type { SnatRule, SnatTarget } from '../../src/nat/snat/rule.ts';
import { Ipv4 } from '../../src/stack/ipv4/ipv4.ts';
import { NetworkStack } from '../../src/stack/stack.ts';
import type { UdpSocket } from '../../src/stack/udp/socket.ts';
import { conntrackRow } from '../../src/view/conntrack.ts';
import * as ethernet from '../../src/wire/ethernet.ts';
import type { Frame } from '../../src/wire/frame.ts';
import * as icmp from '../../src/wire/icmp.ts';
import * as ipv4 from '../../src/wire/ipv4.ts';
import { ANY_ADDRESS, formatIpv4, type Ipv4Address } from '../../src/wire/ipv4-address.ts';
import { EtherType, IpProtocol } from '../../src/wire/numbers.ts';
import * as tcp from '../../src/wire/tcp.ts';
import * as udp from '../../src/wire/udp.ts';
import { ip } from '../support/frames.ts';
import { cidr, Lan, nic } from '../support/lan.ts';

const FOLDER = new URL('../fixtures/groundtruth/', import.meta.url);

type Json = Readonly<Record<string, unknown>>;

interface TruthCase {
  readonly id: string;
  readonly events: readonly (Json & { readonly kind: string; readonly at?: string })[];
  readonly facts?: Json;
}

/** One case of a fixture. @throws when there is none of that name */
export function truth(name: string, id: string): TruthCase {
  const fixture: { readonly cases: readonly TruthCase[] } = JSON.parse(
    readFileSync(new URL(`${name}.expect.json`, FOLDER), 'utf8'),
  );
  const found = fixture.cases.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`${name} has no case ${id}`);
  return found;
}

export interface UdpOptions {
  readonly timeToLive?: number;
  readonly dontFragment?: boolean;
  readonly zeroChecksum?: boolean;
  /** Octets of data; the fixtures' default is 8. */
  readonly size?: number;
}

export class NatTopology {
  readonly lan: Lan;
  readonly p1: NetworkStack;
  readonly p2: NetworkStack;
  readonly p3: NetworkStack;
  readonly n1: NetworkStack;
  readonly n2: NetworkStack;
  readonly s: NetworkStack;
  readonly r: NetworkStack;
  readonly t: NetworkStack;
  readonly netfilter1: Netfilter;
  readonly netfilter2: Netfilter;
  readonly #roles = new Map<Ipv4Address, string>();
  readonly #ports = new Map<number, string>();

  /** N1 has EIP and a rule for it, unless `rule` says otherwise (null: no rule). */
  constructor(rule: SnatTarget | null = toSource('192.0.2.100'), seed = 1) {
    this.lan = new Lan({ seed });
    this.p1 = this.#host('P1', { eth0: ['int', '10.1.0.11/24', 'P1'] });
    this.p2 = this.#host('P2', { eth0: ['int', '10.1.0.12/24', 'P2'] });
    this.p3 = this.#host('P3', { eth0: ['int', '10.1.0.13/24', 'P3'] });
    this.n1 = this.#host('N1', {
      int0: ['int', '10.1.0.1/24', 'N1.int'],
      ext0: ['ext', '192.0.2.1/24', 'N1.ext'],
    });
    this.n2 = this.#host('N2', {
      int0: ['int', '10.1.0.2/24', 'N2.int'],
      ext0: ['ext', '192.0.2.2/24', 'N2.ext'],
    });
    this.s = this.#host('S', { eth0: ['ext', '192.0.2.10/24', 'S'] });
    this.r = this.#host('R', {
      ext0: ['ext', '192.0.2.254/24', 'R.ext'],
      far0: ['far', '198.51.100.1/24', 'R.far'],
    });
    this.t = this.#host('T', { eth0: ['far', '198.51.100.10/24', 'T'] });
    for (const pod of [this.p1, this.p2, this.p3]) defaultRoute(pod, '10.1.0.1');
    for (const node of [this.n1, this.n2, this.s]) defaultRoute(node, '192.0.2.254');
    defaultRoute(this.t, '198.51.100.1');
    for (const router of [this.n1, this.n2, this.r]) router.sysctl.set('ip_forward', 1);
    this.role('192.0.2.100', 'EIP');
    this.n1.addresses.add(nic(this.n1, 'ext0'), cidr('192.0.2.100/32'));
    this.netfilter1 = this.netfilterOf(this.n1);
    this.netfilter2 = this.netfilterOf(this.n2);
    if (rule !== null) this.snat(this.netfilter1, rule);
    this.prime();
  }

  /** Neighbor entries everywhere, so that the cases show no ARP and no waiting. */
  prime(): void {
    const pairs: readonly (readonly [NetworkStack, string])[] = [
      [this.p1, '10.1.0.1'],
      [this.p2, '10.1.0.1'],
      [this.p3, '10.1.0.1'],
      [this.n1, '192.0.2.10'],
      [this.n1, '192.0.2.254'],
      [this.r, '198.51.100.10'],
      [this.s, '192.0.2.254'],
      [this.s, '192.0.2.100'],
      [this.r, '192.0.2.100'],
    ];
    for (const [from, to] of pairs) this.lan.ping(from, to);
    this.run(0.5);
    this.netfilter1.conntrack.flush();
    this.clear();
  }

  /** Lets `duration` seconds pass. */
  run(duration: number): void {
    this.lan.run(duration);
  }

  /** Forgets the frames seen so far: the next case begins. */
  clear(): void {
    this.lan.frames.length = 0;
  }

  /** `iptables -t nat -A POSTROUTING -s 10.1.0.0/24 -o ext0 -j …` */
  snat(netfilter: Netfilter, target: SnatTarget, protocol?: number): SnatRule {
    const match = { source: cidr('10.1.0.0/24'), outInterface: 'ext0' };
    return netfilter.snat.append({
      match: protocol === undefined ? match : { ...match, protocol },
      target,
    });
  }

  /** A netfilter for another host than the nodes. */
  netfilterOf(stack: NetworkStack): Netfilter {
    return new Netfilter(stack, this.lan.events);
  }

  /** Another default gateway. */
  routeVia(stack: NetworkStack, gateway: string): void {
    stack.routes.remove(({ destination }) => destination.prefixLength === 0);
    defaultRoute(stack, gateway);
  }

  /** Gives N1 a second way to the far side, without an address: far1. */
  plugFar(): void {
    const iface = this.lan.plug(this.n1, 'far1', { segment: 'far' });
    this.n1.routes.add({
      destination: cidr('198.51.100.0/24'),
      type: 'unicast',
      via: null,
      iface,
      source: null,
      metric: 0,
    });
  }

  /** Names an address in what `packets` returns. */
  role(address: string, name: string): void {
    this.#roles.set(ip(address), name);
  }

  /** Names a drawn port or identifier, as the fixtures do. */
  maskPort(port: number, name: string): void {
    this.#ports.set(port, name);
  }

  /** Sends one datagram of zeros with any source, whether or not the host has it. */
  udp(
    from: NetworkStack,
    source: string,
    sourcePort: number,
    destination: string,
    port: number,
    options: UdpOptions = {},
  ): void {
    const size = udp.HEADER_LENGTH + (options.size ?? 8);
    const route = from.ipv4.route(ip(destination), ANY_ADDRESS);
    if (typeof route === 'string') throw new Error(`${from.name}: ${route}`);
    route.source = ip(source);
    const frame = from.ipv4.allocate(size);
    const at = frame.start + Ipv4.PAYLOAD_OFFSET;
    frame.bytes.fill(0, at, at + size);
    udp.emit(frame, at, sourcePort, port, size);
    if (options.zeroChecksum !== true) {
      udp.refreshChecksum(frame, at, route.source, ip(destination), size);
    }
    from.ipv4.send(frame, IpProtocol.Udp, route, ip(destination), options);
  }

  /** Answers every datagram with the same octets. */
  udpEcho(on: NetworkStack, port: number, delay = 0): UdpSocket {
    return on.udp.bind(
      { port },
      {
        onDatagram: (socket, _frame, _offset, length, source, sourcePort, destination) => {
          const answer = (): void => {
            socket.sendTo(source, sourcePort, new Uint8Array(length), destination);
          };
          if (delay === 0) answer();
          else this.lan.after(delay, answer);
        },
      },
    );
  }

  /** Takes every datagram and says nothing. */
  udpSink(on: NetworkStack, port: number): UdpSocket {
    return on.udp.bind({ port }, { onDatagram: () => {} });
  }

  /** Echo requests with a chosen identifier, 0.2 s apart; the sequence numbers heard in reply. */
  echo(
    from: NetworkStack,
    to: string,
    identifier: number,
    options: { readonly count?: number; readonly timeToLive?: number } = {},
  ): number[] {
    const { count = 1, timeToLive = 64 } = options;
    const replies: number[] = [];
    const socket = from.icmp.openEcho(
      { onReply: ({ sequence }) => replies.push(sequence), onError: () => {} },
      identifier,
    );
    for (let i = 0; i < count; i++) {
      this.lan.after(0.2 * i, () => socket.send(ip(to), i + 1, { timeToLive }));
    }
    this.lan.after(0.2 * count, () => socket.close());
    return replies;
  }

  /** The IPv4 frames seen on the given segments, as the fixtures describe them, without times. */
  packets(...segments: readonly string[]): Json[] {
    return this.lan.frames
      .filter(({ segment }) => segments.includes(segment))
      .filter(({ frame }) => ethernet.etherType(frame) === EtherType.Ipv4)
      .map(({ segment, frame }) => ({
        at: segment,
        l2src: this.lan.macName(ethernet.source(frame)),
        l2dst: this.lan.macName(ethernet.destination(frame)),
        ...this.#describe(frame, frame.start + ethernet.HEADER_LENGTH, frame.end),
      }));
  }

  /** conntrack -L, as the fixtures have it. */
  entries(netfilter: Netfilter = this.netfilter1): Json[] {
    return netfilter.conntrack.entries().map((connection) => this.#describeConnection(connection));
  }

  /** The address, or the name of its role. */
  name(address: Ipv4Address): string {
    return this.#roles.get(address) ?? formatIpv4(address);
  }

  #host(
    name: string,
    nics: Readonly<Record<string, readonly [string, string, string]>>,
  ): NetworkStack {
    const { scheduler, arena, events } = this.lan;
    const random = this.lan.random.fork(name);
    const stack = new NetworkStack({ name, scheduler, arena, random, events });
    this.lan.hosts.set(name, stack);
    for (const [iface, [segment, address, role]] of Object.entries(nics)) {
      const { mac } = this.lan.plug(stack, iface, { segment, addresses: [address] });
      this.lan.nameMac(mac, role);
      this.role(address.slice(0, address.indexOf('/')), role);
    }
    return stack;
  }

  #port(port: number): number | string {
    return this.#ports.get(port) ?? port;
  }

  /** Throws on a bad checksum: none of these cases corrupts anything. */
  #describe(frame: Frame, l3: number, end: number, quoted = false): Json {
    const l4 = l3 + ipv4.headerLength(frame, l3);
    const octets = ipv4.totalLength(frame, l3) - (l4 - l3);
    const source = ipv4.source(frame, l3);
    const destination = ipv4.destination(frame, l3);
    const whole = l4 + octets <= end;
    const sum = { source, destination, octets };
    if (!quoted && ipv4.check(frame, l3) !== null) throw new Error('bad IPv4 header');
    const fields: Record<string, unknown> = {
      src: this.name(source),
      dst: this.name(destination),
      ttl: ipv4.timeToLive(frame, l3),
    };
    if (ipv4.dontFragment(frame, l3)) fields.df = true;
    const isFragment = ipv4.isFragment(frame, l3);
    if (isFragment) {
      fields.fragOffset = ipv4.fragmentOffset(frame, l3);
      fields.mf = ipv4.moreFragments(frame, l3);
      fields.fragLen = octets;
      if (ipv4.fragmentOffset(frame, l3) > 0) return { kind: 'frag', ...fields };
    }
    const intact = whole && !isFragment;
    switch (ipv4.protocol(frame, l3)) {
      case IpProtocol.Udp:
        return { kind: 'udp', ...fields, ...this.#udp(frame, l4, sum, intact) };
      case IpProtocol.Tcp:
        return { kind: 'tcp', ...fields, ...this.#tcp(frame, l4, sum, intact) };
      default:
        return { kind: 'icmp', ...fields, ...this.#icmp(frame, l4, octets, intact, end) };
    }
  }

  #udp(frame: Frame, l4: number, sum: Sum, intact: boolean): Json {
    const { source, destination, octets } = sum;
    if (intact && !udp.hasValidChecksum(frame, l4, source, destination, octets)) {
      throw new Error('bad UDP checksum');
    }
    const fields = {
      sport: this.#port(udp.sourcePort(frame, l4)),
      dport: this.#port(udp.destinationPort(frame, l4)),
      dataLen: udp.length(frame, l4) - udp.HEADER_LENGTH,
    };
    return udp.headerChecksum(frame, l4) === 0 ? { ...fields, csumZero: true } : fields;
  }

  #tcp(frame: Frame, l4: number, sum: Sum, intact: boolean): Json {
    const { source, destination, octets } = sum;
    if (intact && !tcp.hasValidChecksum(frame, l4, source, destination, octets)) {
      throw new Error('bad TCP checksum');
    }
    const flags = tcp.flags(frame, l4);
    const names = [...'SFRPA'].filter((name) => (flags & (FLAGS[name] ?? 0)) !== 0);
    return {
      sport: this.#port(tcp.sourcePort(frame, l4)),
      dport: this.#port(tcp.destinationPort(frame, l4)),
      flags: names.join(''),
      dataLen: octets - tcp.dataOffset(frame, l4),
    };
  }

  #icmp(frame: Frame, l4: number, octets: number, intact: boolean, end: number): Json {
    if (intact && !icmp.hasValidChecksum(frame, l4, octets)) throw new Error('bad ICMP checksum');
    const type = icmp.type(frame, l4);
    const fields: Record<string, unknown> = { type, code: icmp.code(frame, l4) };
    if (!icmp.isError(type)) {
      fields.id = this.#port(icmp.identifier(frame, l4));
      fields.seq = icmp.sequence(frame, l4);
      return fields;
    }
    if (type === icmp.Type.Unreachable && fields.code === 4) {
      fields.mtu = icmp.nextHopMtu(frame, l4);
    }
    const quote = l4 + icmp.HEADER_LENGTH;
    const rest = l4 + octets - quote;
    const quotedLength = ipv4.totalLength(frame, quote);
    fields.inner = {
      ...this.#describe(frame, quote, Math.min(end, l4 + octets), true),
      quotedBytes: rest,
      ipLen: quotedLength,
      ipCsumOk: headerIsValid(frame, quote),
      // A wrong one has thrown; of half a packet nobody can tell.
      ...(rest === quotedLength ? { l4CsumOk: true } : {}),
    };
    return fields;
  }

  #describeConnection(connection: Connection): Json {
    const { original, reply } = connection;
    const flags = [
      ...(connection.has(ConnectionStatus.SeenReply) ? [] : ['UNREPLIED']),
      ...(connection.has(ConnectionStatus.Assured) ? ['ASSURED'] : []),
    ];
    const { state } = conntrackRow('', connection);
    return {
      proto: PROTOCOLS[connection.protocol],
      ...(state === null ? {} : { state }),
      original: this.#describeTuple(original),
      reply: this.#describeTuple(reply),
      flags,
    };
  }

  #describeTuple(tuple: ConnectionTuple): Json {
    const { protocol, sourcePort, destinationPort } = tuple;
    const addresses = { src: this.name(tuple.source), dst: this.name(tuple.destination) };
    if (protocol === IpProtocol.Icmp) {
      const type = destinationPort >>> 8;
      return { ...addresses, type, code: destinationPort & 0xff, id: this.#port(sourcePort) };
    }
    return { ...addresses, sport: this.#port(sourcePort), dport: this.#port(destinationPort) };
  }
}

interface Sum {
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  readonly octets: number;
}

const FLAGS: Readonly<Record<string, number>> = {
  S: tcp.Flag.Syn,
  F: tcp.Flag.Fin,
  R: tcp.Flag.Rst,
  P: tcp.Flag.Psh,
  A: tcp.Flag.Ack,
};

const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp' };

/** The fields of a fixture's event that `NatTopology.packets` has, too. */
// biome-ignore format: a list of words
const COMPARED = new Set([
  'at',
  'kind',
  'l2src',
  'l2dst',
  'src',
  'dst',
  'ttl',
  'df',
  'fragOffset',
  'mf',
  'fragLen',
  'sport',
  'dport',
  'dataLen',
  'csumZero',
  'flags',
  'type',
  'code',
  'id',
  'seq',
  'mtu',
  'inner',
]);

/** What the kernel sent at these points, in the form of `NatTopology.packets`. ARP is left out. */
export function frames(found: TruthCase, ...segments: readonly string[]): Json[] {
  return found.events
    .filter(({ kind, at }) => kind !== 'action' && kind !== 'arp' && segments.includes(at ?? ''))
    .map((event) => {
      const kept = comparable(event);
      return isObject(event.inner) ? { ...kept, inner: comparableQuote(event.inner) } : kept;
    });
}

function comparable(event: Json): Json {
  const kept = Object.entries(event).filter(
    ([key]) => COMPARED.has(key) && !(event.kind === 'tcp' && key === 'seq'),
  );
  return Object.fromEntries(kept);
}

function comparableQuote(inner: Json): Json {
  const { quotedBytes, ipLen, ipCsumOk, l4CsumOk } = inner;
  const sums = l4CsumOk === undefined ? {} : { l4CsumOk };
  return { ...comparable(inner), quotedBytes, ipLen, ipCsumOk, ...sums };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

export function toSource(
  low: string,
  extra: Omit<Extract<SnatTarget, { kind: 'snat' }>, 'kind' | 'addresses'> & {
    readonly high?: string;
  } = {},
): SnatTarget {
  const { high = low, ...rest } = extra;
  return { kind: 'snat', addresses: [{ low: ip(low), high: ip(high) }], ...rest };
}

function defaultRoute(stack: NetworkStack, via: string): void {
  const hop = ip(via);
  const iface = stack.interfaces.find((candidate) => stack.addresses.isOnLink(candidate, hop));
  stack.routes.add({
    destination: cidr('0.0.0.0/0'),
    type: 'unicast',
    via: hop,
    iface: iface ?? null,
    source: null,
    metric: 0,
  });
}

function headerIsValid(frame: Frame, at: number): boolean {
  let sum = 0;
  for (let i = 0; i < ipv4.headerLength(frame, at); i += 2) sum += frame.view.getUint16(at + i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum === 0xffff;
}
