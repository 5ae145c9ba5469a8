// One zone of Open vSwitch's connection tracking: 0 of the gateway router, with source NAT, and 64000 of
// br-ex, with marks. A connection is picked up from any packet but SYN+ACK, also in the middle
// (lib/conntrack-tcp.c, tcp_valid_new). Sequence numbers are not followed.

import {
  hashTuple,
  invertedDestinationPort,
  invertedSourcePort,
  type Tuple,
} from '../../../nat/conntrack/tuple.ts';
import type { Random } from '../../../sim/random.ts';
import type { Scheduler, Timer } from '../../../sim/scheduler.ts';
import { type Nanos, seconds } from '../../../sim/time.ts';
import type { Frame } from '../../../wire/frame.ts';
import * as ipv4 from '../../../wire/ipv4.ts';
import type { Ipv4Address } from '../../../wire/ipv4-address.ts';
import { IpProtocol } from '../../../wire/numbers.ts';
import * as tcp from '../../../wire/tcp.ts';
import { FlowKey } from './flow-key.ts';
import { choosePort, type DatapathType } from './port-choice.ts';
import { rewriteError, rewritePacket } from './rewrite.ts';
import { ZoneConnection } from './zone-connection.ts';

const SWEEP_INTERVAL: Nanos = seconds(60);
/** Fragments of one packet come within this time, or never. */
const FRAGMENT_LIFETIME: Nanos = seconds(15);

interface FirstFragment {
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  readonly tuple: Tuple<ZoneConnection>;
  readonly expires: Nanos;
}

/** One zone of connection tracking. */
export class CtZone {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #datapath: DatapathType;
  readonly #buckets = new Map<number, Tuple<ZoneConnection>>();
  /** By protocol and identification. */
  readonly #fragments = new Map<number, FirstFragment>();
  readonly #key = new FlowKey();
  #tcpFlags = 0;
  #trackable = false;
  #sweeper: Timer | null = null;
  #sequence = 0;
  /** What `track` found: the connection, and whether the packet goes its reply direction. */
  connection: ZoneConnection | null = null;
  isReply = false;
  /** +est or +rel: the packet belongs to a connection that was answered, or is an error about one. */
  isKnown = false;

  constructor(scheduler: Scheduler, random: Random, datapath: DatapathType) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#datapath = datapath;
  }

  /** Looks a packet with a sound IPv4 header up; false when no connection has it. */
  track(frame: Frame, l3: number): boolean {
    const key = this.#key;
    this.connection = null;
    this.isReply = false;
    this.isKnown = false;
    this.#trackable = key.read(frame, l3);
    if (!this.#trackable) return false;
    const tuple = key.isLaterFragment ? this.#ofFragment(frame, l3) : this.#find(key);
    this.#tcpFlags = key.isError || key.isLaterFragment ? 0 : tcpFlagsOf(frame, l3);
    if (tuple === null) return false;
    const { connection, isReply } = tuple;
    if (isNewSyn(this.#tcpFlags) && connection.closed) {
      this.#remove(connection);
      return false;
    }
    this.connection = connection;
    this.isReply = isReply;
    if (!key.isError) connection.update(this.#scheduler.now, isReply, this.#tcpFlags);
    this.isKnown = key.isError || connection.answered;
    if (ipv4.isFragment(frame, l3) && !key.isLaterFragment)
      this.#rememberFragment(frame, l3, tuple);
    return true;
  }

  /** ct(commit, ct_mark): what was tracked last gets the mark; a connection begins if there is none. */
  commit(mark: number): void {
    const connection = this.connection ?? this.#begin(null);
    if (connection !== null) connection.mark = mark;
  }

  /**
   * ct(commit, nat(src=address)): tracks the packet and translates it as its connection was translated
   * when it began, whatever the address says now. False when it leaves as it came.
   */
  translateSource(frame: Frame, l3: number, address: Ipv4Address): boolean {
    if (!this.track(frame, l3)) {
      this.connection = this.#begin(address);
      const tuple = this.connection?.original;
      const isFirst = ipv4.isFragment(frame, l3) && !this.#key.isLaterFragment;
      if (tuple !== undefined && isFirst) this.#rememberFragment(frame, l3, tuple);
    }
    return this.#translate(frame, l3);
  }

  /** ct(nat): translates a packet that answers a translated connection; false when there is none. */
  untranslate(frame: Frame, l3: number): boolean {
    return this.track(frame, l3) && this.#translate(frame, l3);
  }

  /** Every connection that lives, oldest first. */
  connections(): ZoneConnection[] {
    const { now } = this.#scheduler;
    const found = new Set<ZoneConnection>();
    for (const head of this.#buckets.values()) {
      for (let tuple: Tuple<ZoneConnection> | null = head; tuple !== null; tuple = tuple.next) {
        if (tuple.connection.expires > now) found.add(tuple.connection);
      }
    }
    return [...found].sort((a, b) => a.sequence - b.sequence);
  }

  /** `ovs-appctl dpctl/flush-conntrack`; a power failure. */
  flush(): void {
    this.#buckets.clear();
    this.#fragments.clear();
  }

  sweep(): void {
    const { now } = this.#scheduler;
    this.#sweeper = null;
    const expired = new Set<ZoneConnection>();
    for (const head of this.#buckets.values()) {
      for (let tuple: Tuple<ZoneConnection> | null = head; tuple !== null; tuple = tuple.next) {
        if (tuple.connection.expires <= now) expired.add(tuple.connection);
      }
    }
    for (const connection of expired) this.#remove(connection);
    for (const [id, { expires }] of this.#fragments) {
      if (expires <= now) this.#fragments.delete(id);
    }
    if (this.#buckets.size > 0) this.#watch();
  }

  #translate(frame: Frame, l3: number): boolean {
    const { connection } = this;
    if (connection === null || !connection.translated) return false;
    const { original, reply } = connection;
    const rewrite = this.#key.isError ? rewriteError : rewritePacket;
    if (this.isReply) rewrite(frame, l3, 'destination', original.source, original.sourcePort);
    else rewrite(frame, l3, 'source', reply.destination, this.#translatedPort(connection));
    return true;
  }

  #translatedPort({ original, reply }: ZoneConnection): number {
    return original.protocol === IpProtocol.Icmp ? reply.sourcePort : reply.destinationPort;
  }

  /** A connection for the packet tracked last; `address` null: not translated. */
  #begin(address: Ipv4Address | null): ZoneConnection | null {
    const key = this.#key;
    if (!this.#trackable || key.isError || key.isLaterFragment || isSynAck(this.#tcpFlags))
      return null;
    const { protocol, source, destination, sourcePort, destinationPort } = key;
    const back = invertedDestinationPort(protocol, sourcePort, destinationPort);
    if (back < 0) return null;
    const from = address ?? source;
    const reply = (port: number) => ({
      protocol,
      source: destination,
      destination: from,
      sourcePort: invertedSourcePort(protocol, port, destinationPort),
      destinationPort: invertedDestinationPort(protocol, port, destinationPort),
    });
    const port = choosePort(
      this.#datapath,
      protocol,
      sourcePort,
      (candidate) => this.#find(reply(candidate)) !== null,
      this.#random,
    );
    if (port < 0) return null;
    const { now } = this.#scheduler;
    const connection = new ZoneConnection(
      key,
      reply(port),
      address !== null,
      ++this.#sequence,
      now,
    );
    connection.update(now, false, this.#tcpFlags);
    this.#insert(connection.original);
    this.#insert(connection.reply);
    this.#watch();
    return connection;
  }

  #find(numbers: {
    readonly protocol: number;
    readonly source: Ipv4Address;
    readonly destination: Ipv4Address;
    readonly sourcePort: number;
    readonly destinationPort: number;
  }): Tuple<ZoneConnection> | null {
    const { protocol, source, destination, sourcePort, destinationPort } = numbers;
    const hash = hashTuple(0, protocol, source, destination, sourcePort, destinationPort);
    let tuple = this.#buckets.get(hash) ?? null;
    while (tuple !== null) {
      if (tuple.matches(protocol, source, destination, sourcePort, destinationPort)) break;
      tuple = tuple.next;
    }
    if (tuple === null || tuple.connection.expires > this.#scheduler.now) return tuple;
    this.#remove(tuple.connection);
    return null;
  }

  #insert(tuple: Tuple<ZoneConnection>): void {
    const { protocol, source, destination, sourcePort, destinationPort } = tuple;
    tuple.hash = hashTuple(0, protocol, source, destination, sourcePort, destinationPort);
    tuple.next = this.#buckets.get(tuple.hash) ?? null;
    this.#buckets.set(tuple.hash, tuple);
  }

  #remove({ original, reply }: ZoneConnection): void {
    this.#unlink(original);
    this.#unlink(reply);
  }

  #unlink(tuple: Tuple<ZoneConnection>): void {
    const head = this.#buckets.get(tuple.hash) ?? null;
    if (head === tuple) {
      if (tuple.next === null) this.#buckets.delete(tuple.hash);
      else this.#buckets.set(tuple.hash, tuple.next);
      return;
    }
    for (let before = head; before !== null; before = before.next) {
      if (before.next === tuple) before.next = tuple.next;
    }
  }

  #rememberFragment(frame: Frame, l3: number, tuple: Tuple<ZoneConnection>): void {
    this.#fragments.set(fragmentId(frame, l3), {
      source: ipv4.source(frame, l3),
      destination: ipv4.destination(frame, l3),
      tuple,
      expires: this.#scheduler.now + FRAGMENT_LIFETIME,
    });
  }

  #ofFragment(frame: Frame, l3: number): Tuple<ZoneConnection> | null {
    const first = this.#fragments.get(fragmentId(frame, l3));
    if (first === undefined || first.expires <= this.#scheduler.now) return null;
    const { source, destination } = this.#key;
    return first.source === source && first.destination === destination ? first.tuple : null;
  }

  #watch(): void {
    this.#sweeper ??= this.#scheduler.after(SWEEP_INTERVAL, sweepZone, this, null, {
      background: true,
    });
  }
}

function sweepZone(zone: CtZone): void {
  zone.sweep();
}

function fragmentId(frame: Frame, l3: number): number {
  return ipv4.identification(frame, l3) * 256 + ipv4.protocol(frame, l3);
}

function tcpFlagsOf(frame: Frame, l3: number): number {
  if (ipv4.protocol(frame, l3) !== IpProtocol.Tcp) return 0;
  const l4 = l3 + ipv4.headerLength(frame, l3);
  return l4 + tcp.HEADER_LENGTH <= frame.end ? tcp.flags(frame, l4) : 0;
}

function isNewSyn(flags: number): boolean {
  return (flags & (tcp.Flag.Syn | tcp.Flag.Ack)) === tcp.Flag.Syn;
}

function isSynAck(flags: number): boolean {
  const both = tcp.Flag.Syn | tcp.Flag.Ack;
  return (flags & both) === both;
}
