// Connection tracking of one host (nf_conntrack_core.c): recognizes every packet as the beginning or
// part of a connection, as an error about one, or as invalid. It registers three hooks:
//
//   Prerouting -400          fragments become whole packets: later ones have no ports
//   Prerouting, Output -200  the packet is looked up; if unknown, a connection is made
//   Input, Postrouting last  the connection enters the table, now that nothing dropped the packet
//
// Left out: helpers and expectations, zones, accounting, and hash chains limited in length.

import type { DropReason } from '../../link/drop-reason.ts';
import type { Nanos } from '../../sim/time.ts';
import { HookPoint, HookPriority } from '../../stack/hooks.ts';
import { type Packet, Verdict } from '../../stack/packet.ts';
import type { NetworkStack } from '../../stack/stack.ts';
import type { HostConf } from '../../stack/sysctl/values.ts';
import * as icmp from '../../wire/icmp.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import { NatDrop } from '../drop-reason.ts';
import { Quote } from '../quote.ts';
import { type Exemption, Exemptions } from '../snat/exemptions.ts';
import { begin as beginTcp, isWellFormed as isWellFormedTcp, TcpTracker } from '../tcp/tracker.ts';
import type { TcpTracking } from '../tcp/tracking.ts';
import { Connection, ConnectionStatus, connectionOf } from './connection.ts';
import { ConnectionTable } from './connection-table.ts';
import { type ConntrackCounters, newCounters } from './counters.ts';
import {
  isIcmpRequest,
  isWellFormedIcmp,
  isWellFormedUdp,
  trackGeneric,
  trackIcmp,
  trackUdp,
} from './datagram-trackers.ts';
import { TableKeeper } from './table-keeper.ts';
import { Track } from './track.ts';
import { answerType, icmpPort, invertedDestinationPort, invertedSourcePort } from './tuple.ts';

/** Connection tracking of one host. */
export class Conntrack {
  readonly counters: ConntrackCounters = newCounters();
  /** For NAT: finds and occupies tuples. */
  readonly table: ConnectionTable;
  readonly #stack: NetworkStack;
  readonly #conf: HostConf;
  readonly #tcp: TcpTracker;
  readonly #quote = new Quote();
  readonly #exemptions = new Exemptions();
  readonly #arrivals: ((connection: Connection) => void)[] = [];
  readonly #departures: ((connection: Connection) => void)[] = [];
  readonly #keeper: TableKeeper;
  #sequence = 0;

  constructor(stack: NetworkStack) {
    this.#stack = stack;
    this.#conf = stack.sysctl.host;
    const seed = stack.random.fork('conntrack').uint32();
    this.table = new ConnectionTable(seed, (connection) => {
      for (const listener of this.#departures) listener(connection);
    });
    this.#keeper = new TableKeeper(stack.scheduler, this.#conf, this.table, (count) => {
      this.counters.earlyDrop += count;
    });
    this.#tcp = new TcpTracker(this.#conf, (connection) => this.table.remove(connection));
    const { hooks } = stack;
    const confirm = (packet: Packet): Verdict => this.#confirm(packet);
    hooks.register(HookPoint.Prerouting, HookPriority.Defrag, (packet) => this.#defragment(packet));
    hooks.register(HookPoint.Prerouting, HookPriority.Conntrack, (packet) => this.#arrive(packet));
    hooks.register(HookPoint.Output, HookPriority.Conntrack, (packet) =>
      this.#track(packet, false),
    );
    hooks.register(HookPoint.Input, HookPriority.ConntrackConfirm, confirm);
    hooks.register(HookPoint.Postrouting, HookPriority.ConntrackConfirm, confirm);
    stack.onPower((on) => {
      if (!on) this.reset();
    });
  }

  /** `conntrack -C`: connections that live now. */
  get count(): number {
    return this.entries().length;
  }

  /** The connections that live now, oldest first. */
  entries(): readonly Connection[] {
    return this.table.live(this.#stack.scheduler.now);
  }

  /** `conntrack -F`: forgets everything; returns how many connections that were. */
  flush(): number {
    return this.table.removeWhere(() => true);
  }

  /** `conntrack -D`: forgets the connections for which `matches` is true; returns how many. */
  delete(matches: (connection: Connection) => boolean): number {
    return this.table.removeWhere(matches);
  }

  /** Power off: everything is forgotten and no timer runs. */
  reset(): void {
    this.flush();
    this.#keeper.reset();
  }

  /** Leaves packets untracked, in both directions of travel, until the returned function is called. */
  exempt(exemption: Exemption): () => void {
    return this.#exemptions.add(exemption);
  }

  /** Calls `entered` for every connection that enters the table, and `left` when it leaves. */
  observe(entered: (connection: Connection) => void, left: (connection: Connection) => void): void {
    this.#arrivals.push(entered);
    this.#departures.push(left);
  }

  #defragment(packet: Packet): Verdict {
    if (!packet.isFragment) return Verdict.Accept;
    return this.#stack.ipv4.reassembly.collect(packet) ? Verdict.Accept : Verdict.Stolen;
  }

  #arrive(packet: Packet): Verdict {
    return packet.ingress === this.#stack.loopback
      ? this.#resume(packet)
      : this.#track(packet, true);
  }

  /** A packet of this host to itself has been tracked on its way out. */
  #resume(packet: Packet): Verdict {
    const { protocol, source, destination, sourcePort, frame, l4, end } = packet;
    let { destinationPort } = packet;
    if (protocol === IpProtocol.Icmp) {
      if (end - l4 < icmp.HEADER_LENGTH) return Verdict.Accept;
      const type = icmp.type(frame, l4);
      if (icmp.isError(type)) {
        this.#relate(packet);
        return Verdict.Accept;
      }
      destinationPort = icmpPort(type, icmp.code(frame, l4));
    }
    const { now } = this.#stack.scheduler;
    const tuple = this.table.find(protocol, source, destination, sourcePort, destinationPort, now);
    if (tuple !== null) {
      packet.connection = tuple.connection;
      packet.isReply = tuple.isReply;
    }
    return Verdict.Accept;
  }

  /** nf_conntrack_in. */
  #track(packet: Packet, arriving: boolean): Verdict {
    // An error of this host goes with what it complains of.
    if (packet.connection !== null) return Verdict.Accept;
    if (this.#exemptions.cover(packet)) return Verdict.Accept;
    if (packet.isFragment) return this.#invalidate(packet);
    // A checksum that is yet to be finished cannot be wrong (CHECKSUM_PARTIAL).
    const unfinished = packet.frame.offload !== null;
    const verify = arriving && !unfinished && this.#conf.nf_conntrack_checksum > 0;
    const { now } = this.#stack.scheduler;
    switch (packet.protocol) {
      case IpProtocol.Tcp:
        if (!isWellFormedTcp(packet, verify)) return this.#invalidate(packet);
        return this.#follow(packet, packet.destinationPort, now);
      case IpProtocol.Udp:
        if (!isWellFormedUdp(packet, verify)) return this.#invalidate(packet);
        return this.#follow(packet, packet.destinationPort, now);
      case IpProtocol.Icmp:
        if (!isWellFormedIcmp(packet, verify)) return this.#invalidate(packet);
        return this.#trackIcmp(packet, now);
      default:
        return this.#follow(packet, 0, now);
    }
  }

  #trackIcmp(packet: Packet, now: Nanos): Verdict {
    const { frame, l4 } = packet;
    const type = icmp.type(frame, l4);
    if (icmp.isError(type)) {
      if (this.#relate(packet)) return Verdict.Accept;
      this.counters.error++;
      return this.#invalidate(packet);
    }
    if (answerType(type) === null) return this.#invalidate(packet);
    return this.#follow(packet, icmpPort(type, icmp.code(frame, l4)), now);
  }

  /** nf_conntrack_inet_error: finds the connection of the packet that an error quotes. */
  #relate(packet: Packet): boolean {
    const quote = this.#quote;
    if (!quote.read(packet)) return false;
    const { protocol, source, destination } = quote;
    const sourcePort = invertedSourcePort(protocol, quote.sourcePort, quote.destinationPort);
    const destinationPort = invertedDestinationPort(
      protocol,
      quote.sourcePort,
      quote.destinationPort,
    );
    const { now } = this.#stack.scheduler;
    const tuple = this.table.find(protocol, destination, source, sourcePort, destinationPort, now);
    // Whoever sent it: it must at least be addressed to the sender of what it quotes.
    if (tuple === null || tuple.destination !== packet.destination) return false;
    packet.connection = tuple.connection;
    packet.isReply = tuple.isReply;
    return true;
  }

  /** resolve_normal_ct, then the protocol's tracker. */
  #follow(packet: Packet, destinationPort: number, now: Nanos): Verdict {
    const { protocol, source, destination, sourcePort } = packet;
    const tuple = this.table.find(protocol, source, destination, sourcePort, destinationPort, now);
    if (tuple === null) return this.#begin(packet, destinationPort, now);
    const { connection, isReply } = tuple;
    const track = this.#advance(connection, packet, isReply, now);
    if (track === Track.Reopen) return this.#begin(packet, destinationPort, now);
    if (track === Track.Invalid) return this.#invalidate(packet);
    if (isReply) connection.status |= ConnectionStatus.SeenReply;
    packet.connection = connection;
    packet.isReply = isReply;
    return Verdict.Accept;
  }

  #begin(packet: Packet, destinationPort: number, now: Nanos): Verdict {
    const { protocol, source, destination, sourcePort } = packet;
    let tcp: TcpTracking | null = null;
    if (protocol === IpProtocol.Tcp) {
      tcp = beginTcp(packet, this.#conf);
      if (tcp === null) return this.#invalidate(packet);
    } else if (protocol === IpProtocol.Icmp && !isIcmpRequest(destinationPort >>> 8)) {
      return this.#invalidate(packet);
    }
    const original = { protocol, source, destination, sourcePort, destinationPort };
    const connection = new Connection(++this.#sequence, now, original, tcp);
    if (!this.#keeper.makeRoom(connection)) {
      this.counters.drop++;
      this.#drop(NatDrop.ConntrackTableFull, packet);
      return Verdict.Drop;
    }
    if (this.#advance(connection, packet, false, now) !== Track.Accept) {
      return this.#invalidate(packet);
    }
    packet.connection = connection;
    packet.isReply = false;
    return Verdict.Accept;
  }

  #advance(connection: Connection, packet: Packet, isReply: boolean, now: Nanos): Track {
    if (connection.tcp !== null) {
      return this.#tcp.track(connection, connection.tcp, packet, isReply, now);
    }
    switch (packet.protocol) {
      case IpProtocol.Udp:
        trackUdp(connection, this.#conf, now);
        break;
      case IpProtocol.Icmp:
        trackIcmp(connection, this.#conf, now);
        break;
      default:
        trackGeneric(connection, this.#conf, now);
    }
    return Track.Accept;
  }

  /** __nf_conntrack_confirm: the first packet got through, so the connection counts. */
  #confirm(packet: Packet): Verdict {
    const connection = connectionOf(packet);
    if (connection === null || (connection.status & ConnectionStatus.Confirmed) !== 0)
      return Verdict.Accept;
    // Not by the error that kept the first packet from getting through.
    if (packet.isReply) return Verdict.Accept;
    if (!this.table.insert(connection)) {
      // NAT found no free tuple and left a taken one.
      this.counters.insertFailed++;
      this.counters.drop++;
      this.#drop(NatDrop.SnatPortsExhausted, packet);
      return Verdict.Drop;
    }
    for (const listener of this.#arrivals) listener(connection);
    this.#keeper.watch();
    return Verdict.Accept;
  }

  #invalidate(packet: Packet): Verdict {
    this.counters.invalid++;
    packet.isInvalid = true;
    packet.connection = null;
    return Verdict.Accept;
  }

  #drop(reason: DropReason, packet: Packet): void {
    this.#stack.drops.count(reason, packet.ingress?.name ?? 'conntrack', packet.frame);
  }
}
