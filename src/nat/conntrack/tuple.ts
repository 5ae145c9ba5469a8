// One direction of a connection as five numbers, and its place in the hash table. A connection owns
// two tuples: what its first packet said (original), and what an answer will say (reply). NAT is
// nothing but a reply that is not the mirror of the original (nf_conntrack_tuple.h).
//
// ICMP queries have no ports: the identifier stands for the source port, type and code for the
// destination port. Protocols without ports have zeros.

import * as icmp from '../../wire/icmp.ts';
import { type Ipv4Address, ipv4Address } from '../../wire/ipv4-address.ts';
import { IpProtocol } from '../../wire/numbers.ts';

/** One direction of a connection; ports as above. What is looked up per packet stays five numbers. */
export interface FiveTuple {
  readonly protocol: number;
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** `Owner` is the connection that the tuple belongs to. */
export class Tuple<Owner = unknown> {
  readonly connection: Owner;
  readonly isReply: boolean;
  readonly protocol: number;
  sourcePort: number;
  destinationPort: number;
  /** Of the five numbers; set when the tuple enters the table. */
  hash = 0;
  /** The next tuple of the same bucket. */
  next: Tuple<Owner> | null = null;
  // Signed, because a number above 2^31 costs a box of its own, and a lookup a cache miss.
  #source: number;
  #destination: number;

  constructor(connection: Owner, isReply: boolean, numbers: FiveTuple) {
    this.connection = connection;
    this.isReply = isReply;
    this.protocol = numbers.protocol;
    this.sourcePort = numbers.sourcePort;
    this.destinationPort = numbers.destinationPort;
    this.#source = numbers.source | 0;
    this.#destination = numbers.destination | 0;
  }

  get source(): Ipv4Address {
    return ipv4Address(this.#source);
  }

  get destination(): Ipv4Address {
    return ipv4Address(this.#destination);
  }

  set destination(address: Ipv4Address) {
    this.#destination = address | 0;
  }

  matches(
    protocol: number,
    source: Ipv4Address,
    destination: Ipv4Address,
    sourcePort: number,
    destinationPort: number,
  ): boolean {
    return (
      this.sourcePort === sourcePort &&
      this.destinationPort === destinationPort &&
      this.#source === (source | 0) &&
      this.#destination === (destination | 0) &&
      this.protocol === protocol
    );
  }

  equals(other: Tuple): boolean {
    const { protocol, source, destination, sourcePort, destinationPort } = other;
    return this.matches(protocol, source, destination, sourcePort, destinationPort);
  }
}

/** A signed 32-bit hash of a tuple (rounds as in MurmurHash3), seeded per host. */
export function hashTuple(
  seed: number,
  protocol: number,
  source: Ipv4Address,
  destination: Ipv4Address,
  sourcePort: number,
  destinationPort: number,
): number {
  let hash = round(seed ^ protocol, source);
  hash = round(hash, destination);
  hash = round(hash, (sourcePort << 16) | destinationPort);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}

function round(hash: number, word: number): number {
  let mixed = Math.imul(word, 0xcc9e_2d51);
  mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b87_3593);
  const folded = hash ^ mixed;
  return Math.imul((folded << 13) | (folded >>> 19), 5) + 0xe654_6b64;
}

/** The destination "port" of an ICMP query: type and code. */
export function icmpPort(type: number, code: number): number {
  return (type << 8) | code;
}

/** The type in the answer to a query, and the other way round; null for messages that have none. */
export function answerType(type: number): number | null {
  switch (type) {
    case icmp.Type.Echo:
      return icmp.Type.EchoReply;
    case icmp.Type.EchoReply:
      return icmp.Type.Echo;
    case icmp.Type.TimestampRequest:
      return icmp.Type.TimestampReply;
    case icmp.Type.TimestampReply:
      return icmp.Type.TimestampRequest;
    case icmp.Type.InformationRequest:
      return icmp.Type.InformationReply;
    case icmp.Type.InformationReply:
      return icmp.Type.InformationRequest;
    case icmp.Type.AddressMaskRequest:
      return icmp.Type.AddressMaskReply;
    case icmp.Type.AddressMaskReply:
      return icmp.Type.AddressMaskRequest;
    default:
      return null;
  }
}

/** What stands in the source port of the opposite direction. */
export function invertedSourcePort(
  protocol: number,
  sourcePort: number,
  destinationPort: number,
): number {
  return protocol === IpProtocol.Icmp ? sourcePort : destinationPort;
}

/** What stands in the destination port of the opposite direction; -1 if nothing can answer. */
export function invertedDestinationPort(
  protocol: number,
  sourcePort: number,
  destinationPort: number,
): number {
  if (protocol !== IpProtocol.Icmp) return sourcePort;
  const type = answerType(destinationPort >>> 8);
  return type === null ? -1 : icmpPort(type, destinationPort & 0xff);
}
