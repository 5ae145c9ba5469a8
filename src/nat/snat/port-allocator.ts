// Which source address and port a new connection gets (get_unique_tuple, nf_nat_core.c). Only the
// reply tuple must be unique: (peer, peer port, public address, public port, protocol). In this order:
//
//   1  as it is, if that is in the range and free
//   2  what another connection of the same source has got already, if free
//   3  an address of the range, and the port unchanged, if free
//   4  that address, and a port of the range or of the class of the original port, searched from a
//      random one upwards: 1-511, 512-1023 -> 600-1023, 1024-65535; ICMP identifiers 0-65535
//
// If nothing is free the connection keeps a taken tuple, and the packet dies when it is confirmed.

import type { Random } from '../../sim/random.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import type { PortRange } from '../../wire/ranges.ts';
import {
  type Connection,
  ConnectionStatus,
  type ConnectionTuple,
} from '../conntrack/connection.ts';
import type { ConnectionTable } from '../conntrack/connection-table.ts';
import { TrackedState } from '../tcp/states.ts';
import type { TcpTracking } from '../tcp/tracking.ts';
import type { AddressPool } from './address-pool.ts';
import type { SourceIndex } from './source-index.ts';

/** What a rule allows a connection to become (struct nf_nat_range2). */
export interface SourceRange {
  readonly addresses: AddressPool;
  /** Null: the class of the original port. */
  readonly ports: PortRange | null;
  /** `--random`, `--random-fully`: the original port is never kept, nor another one reused. */
  readonly random: boolean;
  /** The address depends on the source alone. */
  readonly persistent: boolean;
}

/** NF_NAT_MAX_ATTEMPTS: how many ports in a row are tried, halved in each further round. */
const ATTEMPTS = 128;
const FEWEST_ATTEMPTS = 16;
/** NF_NAT_HARDER_THRESH: in the last ones a TCP connection in TIME_WAIT may be thrown out. */
const HARDER = 32;

const IDENTIFIERS: PortRange = { low: 0, high: 0xffff };
const CREDENTIALS: PortRange = { low: 1, high: 511 };
const PRIVILEGED: PortRange = { low: 600, high: 1023 };
const REGISTERED: PortRange = { low: 1024, high: 0xffff };

/** Finds free reply tuples. */
export class PortAllocator {
  readonly #table: ConnectionTable;
  readonly #index: SourceIndex;
  readonly #random: Random;

  constructor(table: ConnectionTable, index: SourceIndex, random: Random) {
    this.#table = table;
    this.#index = index;
    this.#random = random;
  }

  /** Gives a connection that is not confirmed yet its public source, within `range`. */
  assignSource(connection: Connection, range: SourceRange, now: Nanos): void {
    const { mappedSource, mappedSourcePort } = connection;
    if (!range.random) {
      if (isInRange(range, connection, mappedSource, mappedSourcePort)) {
        if (!this.#isTaken(connection, now)) return;
      } else if (this.#reuse(connection, range, now)) {
        return;
      }
    }
    const destination = connection.mappedDestination;
    const address = range.addresses.pick(mappedSource, destination, range.persistent);
    connection.mapSource(address, mappedSourcePort);
    const { ports } = range;
    if (!range.random) {
      if (ports === null) {
        if (!this.#isTaken(connection, now)) return;
      } else if (isPortIn(ports, connection, mappedSourcePort)) {
        if (ports.low === ports.high || !this.#isTaken(connection, now)) return;
      }
    }
    this.#search(connection, address, ports, true, now);
  }

  /**
   * The null binding of the destination that a new connection gets before it is routed. It can change
   * nothing, except the identifier of a ping that clashes: Linux then counts up from 0.
   */
  bindDestination(connection: Connection, now: Nanos): void {
    if (connection.protocol !== IpProtocol.Icmp || !this.#isTaken(connection, now)) return;
    this.#search(connection, connection.mappedSource, null, false, now);
  }

  /** What another connection of this source is mapped to, if it is in range and free here. */
  #reuse(connection: Connection, range: SourceRange, now: Nanos): boolean {
    const { mappedSource, mappedSourcePort } = connection;
    const found = this.#index.find(
      connection,
      (other) =>
        other.expires > now &&
        isInRange(range, connection, other.mappedSource, other.mappedSourcePort),
    );
    if (found === null) return false;
    connection.mapSource(found.mappedSource, found.mappedSourcePort);
    if (!this.#isTaken(connection, now)) return true;
    connection.mapSource(mappedSource, mappedSourcePort);
    return false;
  }

  /** nf_nat_l4proto_unique_tuple. */
  #search(
    connection: Connection,
    address: Ipv4Address,
    wanted: PortRange | null,
    randomStart: boolean,
    now: Nanos,
  ): void {
    const ports = wanted ?? portClass(connection.protocol, connection.mappedSourcePort);
    if (ports === null) return;
    const size = ports.high - ports.low + 1;
    let attempts = Math.min(size, ATTEMPTS);
    let offset = randomStart ? this.#draw() : 0;
    for (;;) {
      for (let left = attempts; left > 0; left--, offset++) {
        connection.mapSource(address, ports.low + (offset % size));
        if (!this.#isTaken(connection, now, left)) return;
      }
      if (attempts >= size || attempts < FEWEST_ATTEMPTS) return;
      attempts = Math.floor(attempts / 2);
      offset = this.#draw();
    }
  }

  #draw(): number {
    return this.#random.integer(0, 0xffff);
  }

  /** True if the connection's reply tuple belongs to another one. */
  #isTaken(connection: Connection, now: Nanos, attemptsLeft: number = ATTEMPTS): boolean {
    const found = this.#findReply(connection, now);
    if (found === null) return false;
    const other = found.connection;
    if (other.original.equals(connection.original)) return false;
    if (attemptsLeft > HARDER || found.isReply === false) return true;
    if (!mayGiveWay(other, connection)) return true;
    this.#table.remove(other);
    return false;
  }

  #findReply(connection: Connection, now: Nanos): ConnectionTuple | null {
    const { protocol, source, destination, sourcePort, destinationPort } = connection.reply;
    return this.#table.find(protocol, source, destination, sourcePort, destinationPort, now);
  }
}

function isInRange(
  range: SourceRange,
  connection: Connection,
  source: Ipv4Address,
  port: number,
): boolean {
  if (!range.addresses.contains(source)) return false;
  return range.ports === null || isPortIn(range.ports, connection, port);
}

/** Protocols without ports are in every range (l4proto_in_range). */
function isPortIn(ports: PortRange, connection: Connection, port: number): boolean {
  const { protocol } = connection;
  if (portClass(protocol, port) === null) return true;
  return port >= ports.low && port <= ports.high;
}

/** From where to where a port may move if the rule names no range; null: there are no ports. */
function portClass(protocol: number, port: number): PortRange | null {
  if (protocol === IpProtocol.Icmp) return IDENTIFIERS;
  if (protocol !== IpProtocol.Tcp && protocol !== IpProtocol.Udp) return null;
  if (port < 512) return CREDENTIALS;
  return port < 1024 ? PRIVILEGED : REGISTERED;
}

/** A translated connection in TIME_WAIT or CLOSE, whose sequence numbers the new one's SYN has passed. */
function mayGiveWay(old: Connection, newcomer: Connection): boolean {
  if (old.tcp === null || newcomer.tcp === null || !old.has(ConnectionStatus.SourceNat))
    return false;
  if (newcomer.tcp.state !== TrackedState.SynSent) return false;
  return old.tcp.state >= TrackedState.TimeWait && isAhead(newcomer.tcp, old.tcp);
}

function isAhead(newer: TcpTracking, older: TcpTracking): boolean {
  return ((newer.original.end - older.original.end) | 0) > 0;
}
