// One tracked connection: two tuples, what has been seen of it, and when it is forgotten
// (struct nf_conn). Packets carry a reference to it through the hooks of one traversal.

import type { Nanos } from '../../sim/time.ts';
import type { Interface } from '../../stack/device/interface.ts';
import type { ConnectionNote, ConnectionReference, Packet } from '../../stack/packet.ts';
import { formatIpv4, type Ipv4Address } from '../../wire/ipv4-address.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import type { TcpTracking } from '../tcp/tracking.ts';
import { type FiveTuple, invertedDestinationPort, invertedSourcePort, Tuple } from './tuple.ts';

/** IPS_*: what is known of a connection, as bits, because each packet asks. */
export const ConnectionStatus = {
  SeenReply: 0x02,
  /** Traffic in both directions that looks meant: not dropped early when the table is full. */
  Assured: 0x04,
  /** It is in the table: its first packet has left or has been delivered. */
  Confirmed: 0x08,
  SourceNat: 0x10,
  DestinationNat: 0x20,
  /** Decided, even if the decision was to change nothing. */
  SourceNatDone: 0x80,
  DestinationNatDone: 0x100,
  /** It has left the table. */
  Dying: 0x200,
} as const;

/** One of the two tuples of a connection. */
export type ConnectionTuple = Tuple<Connection>;

/** Ports are zero for protocols without; for ICMP see tuple.ts. */
export class Connection implements ConnectionReference {
  readonly original: ConnectionTuple;
  readonly reply: ConnectionTuple;
  /** When it was made, and its number among the connections of this host. */
  readonly created: Nanos;
  readonly sequence: number;
  /** A combination of `ConnectionStatus`. */
  status = 0;
  /** From this moment it counts as gone, whether or not it has been swept yet. */
  expires: Nanos = 0;
  /** ctmark; never set by the lab itself. */
  mark = 0;
  readonly tcp: TcpTracking | null;
  /** MASQUERADE took the address from here: the entry dies with the interface or the address. */
  masqueradeInterface: Interface | null = null;
  /** What the rule that chose the source says of itself; null while none has. */
  rule: { readonly reason: string | null } | null = null;
  /** `text`, once it cannot change any more: a capture asks for it with each frame. */
  #text: string | null = null;
  #answer: ConnectionNote | null = null;
  /** The next connection with the same hash of (protocol, source, source port): see SourceIndex. */
  nextBySource: Connection | null = null;

  constructor(sequence: number, created: Nanos, original: FiveTuple, tcp: TcpTracking | null) {
    this.sequence = sequence;
    this.created = created;
    this.tcp = tcp;
    const { protocol, source, destination, sourcePort, destinationPort } = original;
    this.original = new Tuple(this, false, original);
    this.reply = new Tuple(this, true, {
      protocol,
      source: destination,
      destination: source,
      sourcePort: invertedSourcePort(protocol, sourcePort, destinationPort),
      destinationPort: invertedDestinationPort(protocol, sourcePort, destinationPort),
    });
  }

  get protocol(): number {
    return this.original.protocol;
  }

  /** True if every bit of `bits` is set. */
  has(bits: number): boolean {
    return (this.status & bits) === bits;
  }

  /** The source as the peer sees it: after NAT. */
  get mappedSource(): Ipv4Address {
    return this.reply.destination;
  }

  /** The source port, or ICMP identifier, as the peer sees it. */
  get mappedSourcePort(): number {
    const { protocol, sourcePort, destinationPort } = this.reply;
    return protocol === IpProtocol.Icmp ? sourcePort : destinationPort;
  }

  /** The destination that the packets really go to: after NAT. */
  get mappedDestination(): Ipv4Address {
    return this.reply.source;
  }

  /** The destination port after NAT; for ICMP type and code of the query. */
  get mappedDestinationPort(): number {
    return this.protocol === IpProtocol.Icmp
      ? this.original.destinationPort
      : this.reply.sourcePort;
  }

  /** Before it is confirmed: answers will come to another source than the original one. */
  mapSource(source: Ipv4Address, port: number): void {
    this.reply.destination = source;
    if (this.protocol === IpProtocol.Icmp) this.reply.sourcePort = port;
    else this.reply.destinationPort = port;
  }

  /** As the note of a frame in the original direction. */
  get connection(): Connection {
    return this;
  }

  get isReply(): boolean {
    return false;
  }

  /**
   * The comment of a frame that was translated, with the rule if that says what it is for:
   * 'snat 10.11.0.2:40000 → 192.168.50.120:40000 by egress IP 192.168.50.120, mark 0x00509592'.
   */
  get text(): string {
    if (this.#text !== null) return this.#text;
    const text = this.#describe();
    if (this.has(ConnectionStatus.SourceNatDone | ConnectionStatus.Confirmed)) this.#text = text;
    return text;
  }

  #describe(): string {
    const { protocol, source, sourcePort, destination } = this.original;
    const from = endpoint(protocol, source, sourcePort);
    if (this.has(ConnectionStatus.SourceNat)) {
      const to = endpoint(protocol, this.mappedSource, this.mappedSourcePort);
      const reason = this.rule?.reason ?? null;
      return reason === null ? `snat ${from} → ${to}` : `snat ${from} → ${to} by ${reason}`;
    }
    if (this.has(ConnectionStatus.DestinationNat)) {
      return `dnat ${from} → ${endpoint(protocol, this.mappedSource, this.mappedSourcePort)}`;
    }
    return `conntrack ${from} → ${formatIpv4(destination)}`;
  }

  /** The same for answers: 'answer to snat 10.11.0.2:40000 → …'. */
  get answer(): ConnectionNote {
    this.#answer ??= new AnswerNote(this);
    return this.#answer;
  }
}

/** Reads its connection when it is read itself. */
class AnswerNote implements ConnectionNote {
  readonly connection: Connection;
  readonly isReply = true;
  #text: string | null = null;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  get text(): string {
    this.#text ??= `answer to ${this.connection.text}`;
    return this.#text;
  }
}

/** '10.11.0.5:40000', '10.11.0.5 id 4660', or the address alone. */
export function endpoint(protocol: number, address: Ipv4Address, port: number): string {
  if (protocol === IpProtocol.Icmp) return `${formatIpv4(address)} id ${port}`;
  const hasPorts = protocol === IpProtocol.Tcp || protocol === IpProtocol.Udp;
  return hasPorts ? `${formatIpv4(address)}:${port}` : formatIpv4(address);
}

/** The connection that conntrack attached to a packet of this traversal, if any. */
export function connectionOf(packet: Packet): Connection | null {
  const { connection } = packet;
  return connection instanceof Connection ? connection : null;
}
