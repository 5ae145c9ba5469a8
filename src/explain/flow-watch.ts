// Which packet belongs to which flow, and whether it asks or answers. ICMP echo by identifier and sequence, TCP by
// sequence and acknowledgement numbers, UDP by ports. Who serves: the end that a SYN goes to, else the lower port.

import { IpProtocol, WellKnownPort } from '../wire/numbers.ts';
import type { AddressLog } from './address-log.ts';
import type { DomainName } from './domain-name.ts';
import { FlowLog, type FlowProtocol } from './flow-log.ts';
import type { SeenPacket } from './packet.ts';
import type { Sight } from './sight.ts';

const FLOW_LIMIT = 65_536;
const CONNECTION_LIMIT = 131_072;
const HOST_LIMIT = 1 << 20;
const Icmp = { EchoReply: 0, Unreachable: 3, Redirect: 5, Echo: 8 } as const;
const Icmp6 = { Unreachable: 1, Echo: 128, EchoReply: 129 } as const;
const Flag = { Fin: 1, Syn: 2, Reset: 4, Ack: 16 } as const;
const PORT_UNREACHABLE = 3;
const TWO_32 = 2 ** 32;
const PORT_PAIRS = 2 ** 33;
const LINUX_VXLAN_PORT = 8472;

/** Both directions of one pair of ports. */
interface Connection {
  readonly flow: FlowLog;
  readonly client: number;
  /** Distinguishes its requests from those of other connections of the flow. */
  readonly id: number;
  /** Whose MAC the server's segments came from, unforwarded. */
  servedBy: number;
}

/** Sorts packets into flows. */
export class FlowWatch {
  readonly flows: Map<string, FlowLog> = new Map();
  /** Addresses that unicast packets were seen to go to. */
  readonly receivers: Set<number> = new Set();
  readonly #connections = new Map<number, Map<number, Connection>>();
  readonly #hosts = new Map<number, number>();
  #count = 0;

  /** `log` is that of the source address, for refusals and survivors; null where it has none. */
  packet(sight: Sight, packet: SeenPacket, log: AddressLog | null): void {
    if (packet.isMulticast || packet.l4 < 0) return;
    if (this.receivers.size < HOST_LIMIT) this.receivers.add(packet.destination);
    switch (packet.protocol) {
      case IpProtocol.Tcp:
        this.#tcp(sight, packet, log);
        return;
      case IpProtocol.Udp:
        this.#udp(sight, packet);
        return;
      case IpProtocol.Icmp:
        this.#icmp(sight, packet, log);
        return;
      case ICMP6:
        this.#icmp6(sight, packet);
        return;
      default:
    }
  }

  #flow(
    client: number,
    server: number,
    protocol: FlowProtocol,
    port: number | null,
    domain: string,
  ): FlowLog | null {
    const key = `${client}|${server}|${protocol}|${port}|${domain}`;
    let flow = this.flows.get(key);
    if (flow === undefined) {
      if (this.flows.size >= FLOW_LIMIT) return null;
      flow = new FlowLog(client, server, protocol, port, domain);
      this.flows.set(key, flow);
    }
    return flow;
  }

  #icmp(sight: Sight, packet: SeenPacket, log: AddressLog | null): void {
    const { view } = sight;
    const { destination, l4, source } = packet;
    const type = view.getUint8(l4);
    if (type === Icmp.Echo || type === Icmp.EchoReply) {
      this.#echo(sight, packet, type === Icmp.Echo);
      return;
    }
    // The packet that could not be delivered was sent by `destination`.
    if (type !== Icmp.Unreachable || l4 + 36 > sight.end) return;
    const inner = l4 + 8;
    const ports = inner + (view.getUint8(inner) & 0xf) * 4;
    const isTcp = view.getUint8(inner + 9) === IpProtocol.Tcp;
    if (ports + 4 > sight.end || (!isTcp && view.getUint8(inner + 9) !== IpProtocol.Udp)) return;
    const server = view.getUint32(inner + 16);
    const port = view.getUint16(ports + 2);
    const flow = this.#flow(destination, server, isTcp ? 'tcp' : 'udp', port, sight.domain.text);
    if (flow === null || flow.sent + flow.opened === 0) return;
    const { at, number: frame } = sight;
    // No host answers a segment so: a packet filter does.
    const kind = isTcp ? 'rejected' : 'unreachable';
    flow.refuse(() => true, { at, frame, kind, mac: sight.source });
    const isPort = view.getUint8(l4 + 1) === PORT_UNREACHABLE;
    if (isPort && !isTcp && server === source) log?.refused(sight.source);
  }

  #icmp6(sight: Sight, packet: SeenPacket): void {
    const type = sight.view.getUint8(packet.l4);
    if (type === Icmp6.Echo || type === Icmp6.EchoReply) {
      this.#echo(sight, packet, type === Icmp6.Echo);
    }
  }

  #echo(sight: Sight, packet: SeenPacket, asks: boolean): void {
    const key = sight.view.getUint32(packet.l4 + 4);
    const { destination, source } = packet;
    if (asks) {
      const flow = this.#flow(source, destination, 'icmp', null, sight.domain.text);
      flow?.request(key, sight.at, sight.number, sight.destination);
    } else {
      const flow = this.#flow(destination, source, 'icmp', null, sight.domain.text);
      flow?.answer((each) => each === key, sight.at, sight.source);
    }
  }

  #udp(sight: Sight, packet: SeenPacket): void {
    const { view } = sight;
    const { destination, l4, source } = packet;
    const from = view.getUint16(l4);
    const to = view.getUint16(l4 + 2);
    if (isTunnel(to)) return;
    const known = this.#connection(packet, from, to, sight.domain, 'udp', from >= to);
    if (known === null) return;
    const { client, flow } = known;
    const payload = Math.min(l4 + 16, sight.end - 3);
    if (client === source && (source !== destination || to === flow.port)) {
      let key = known.id * 65_536 + packet.identification;
      for (let at = l4 + 8; at < payload; at += 4) key = (key * 31 + view.getUint32(at)) % TWO_32;
      flow.request(known.id * TWO_32 + key, sight.at, sight.number, sight.destination);
    } else {
      flow.answer(null, sight.at, sight.source);
    }
  }

  #tcp(sight: Sight, packet: SeenPacket, log: AddressLog | null): void {
    const { at, end, number: frame, view } = sight;
    const { l4, source } = packet;
    if (l4 + 14 > end) return;
    const flags = view.getUint8(l4 + 13);
    const from = view.getUint16(l4);
    const to = view.getUint16(l4 + 2);
    const isSyn = (flags & (Flag.Syn | Flag.Ack)) === Flag.Syn;
    const isSynAck = (flags & (Flag.Syn | Flag.Ack)) === (Flag.Syn | Flag.Ack);
    const known = this.#connection(
      packet,
      from,
      to,
      sight.domain,
      'tcp',
      isSyn || (!isSynAck && from >= to),
    );
    if (known === null) return;
    const { client, flow, id } = known;
    const isClient = client === source && from !== flow.port;
    const sequence = view.getUint32(l4 + 4);
    const acknowledged = view.getUint32(l4 + 8);
    const octets = Math.max(0, packet.length - (view.getUint8(l4 + 12) >>> 4) * 4);
    const own = (key: number): boolean => Math.floor(key / TWO_32) === id;
    if (isClient) {
      if ((flags & Flag.Reset) !== 0) return;
      const taken = octets + (isSyn ? 1 : 0);
      if (taken === 0) return;
      const key = id * TWO_32 + ((sequence + taken) % TWO_32);
      flow.request(key, at, frame, sight.destination, octets > 0);
      return;
    }
    if ((flags & Flag.Reset) !== 0) {
      const isRefusal = (flags & Flag.Ack) !== 0 && sequence === 0;
      flow.refuse(own, { at, frame, kind: isRefusal ? 'refused' : 'reset', mac: sight.source });
      if (isRefusal) log?.refused(sight.source);
      known.servedBy = -1;
      return;
    }
    if ((flags & Flag.Ack) === 0) return;
    if (packet.isFresh && sight.source >= 0) {
      const hasMoved = known.servedBy >= 0 && known.servedBy !== sight.source && octets > 0;
      if (hasMoved && log !== null) log.survivors++;
      known.servedBy = sight.source;
    }
    flow.answer((key) => own(key) && ((acknowledged - (key % TWO_32)) | 0) >= 0, at, sight.source);
  }

  /** The connection of a packet; `asks` is whether its sender is the client, for one that is new. */
  #connection(
    { destination, source }: SeenPacket,
    from: number,
    to: number,
    domain: DomainName,
    protocol: FlowProtocol,
    asks: boolean,
  ): Connection | null {
    const [low, high] = source < destination ? [source, destination] : [destination, source];
    const [first, second] = source < destination ? [from, to] : [to, from];
    const pair = this.#host(low) * HOST_LIMIT + this.#host(high);
    let connections = this.#connections.get(pair);
    if (connections === undefined) {
      connections = new Map();
      this.#connections.set(pair, connections);
    }
    const ports = (first * 65_536 + second) * 2 + (protocol === 'tcp' ? 1 : 0);
    const key = domain.index * PORT_PAIRS + ports;
    const known = connections.get(key);
    if (known !== undefined) return known;
    if (this.#count >= CONNECTION_LIMIT) return null;
    const client = asks ? source : destination;
    const server = asks ? destination : source;
    const flow = this.#flow(client, server, protocol, asks ? to : from, domain.text);
    if (flow === null) return null;
    flow.ports.add(asks ? from : to);
    const made = { flow, client, id: ++this.#count, servedBy: -1 };
    connections.set(key, made);
    return made;
  }

  #host(address: number): number {
    let host = this.#hosts.get(address);
    if (host === undefined) {
      host = Math.min(this.#hosts.size, HOST_LIMIT - 1);
      this.#hosts.set(address, host);
    }
    return host;
  }
}

const ICMP6 = 58;

function isTunnel(port: number): boolean {
  return port === WellKnownPort.Vxlan || port === WellKnownPort.Geneve || port === LINUX_VXLAN_PORT;
}
