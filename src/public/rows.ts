// The tables of a lab as rows: what `ip`, `bridge`, `conntrack` and `ss` print, as plain data.

import type { Machine as MachineModel } from '../lab/machine.ts';
import type { Segment as SegmentModel } from '../lab/segment.ts';
import { type Connection as ConnectionModel, Status } from '../nat/conntrack/connection.ts';
import { stateName } from '../nat/conntrack/format.ts';
import type { Tuple } from '../nat/conntrack/tuple.ts';
import { protocolText } from '../nat/protocol-name.ts';
import type { Nanos } from '../sim/time.ts';
import {
  type NeighborStateName,
  neighborStateName,
  VALID_STATES,
} from '../stack/neighbor/state.ts';
import type { NetworkStack } from '../stack/stack.ts';
import { formatCidr, formatIpv4, networkOf } from '../wire/ipv4-address.ts';
import { formatMac } from '../wire/mac-address.ts';

/** One entry of a neighbor table, `ip neigh`. */
export interface NeighborRow {
  readonly interface: string;
  readonly address: string;
  /** Null while none is known. */
  readonly mac: string | null;
  readonly state: NeighborStateName;
}

/** One address of an interface, `ip addr`. */
export interface AddressRow {
  readonly interface: string;
  readonly address: string;
  readonly prefixLength: number;
}

/** One route, `ip route`. */
export interface RouteRow {
  /** '0.0.0.0/0' is the default route. */
  readonly destination: string;
  readonly type: 'unicast' | 'unreachable' | 'prohibit' | 'blackhole';
  readonly via: string | null;
  readonly interface: string | null;
  readonly source: string | null;
  readonly metric: number;
}

/** One learned MAC address of a segment's switch, `bridge fdb`. */
export interface FdbRow {
  readonly mac: string;
  /** 'worker02.enp1s0'. */
  readonly port: string;
  /** When it was last seen. */
  readonly lastSeen: Nanos;
}

/** One direction of a tracked connection. Ports are 0 for protocols without. */
export interface TupleRow {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** One tracked connection, `conntrack -L`. */
export interface ConntrackRow {
  /** 'tcp', 'udp', 'icmp', or the number. */
  readonly protocol: string;
  /** 'ESTABLISHED'; null for protocols other than TCP. */
  readonly state: string | null;
  readonly original: TupleRow;
  readonly reply: TupleRow;
  readonly assured: boolean;
  readonly seenReply: boolean;
  readonly mark: number;
  /** When it will be forgotten, unless a packet comes. */
  readonly expires: Nanos;
}

/** One TCP socket, `ss -tan`. */
export interface SocketRow {
  /** 'LISTEN', 'ESTAB' …, as `ss` prints it. */
  readonly state: string;
  readonly localAddress: string;
  readonly localPort: number;
  /** Null for a listener. */
  readonly remoteAddress: string | null;
  readonly remotePort: number | null;
}

export function neighborRows(stack: NetworkStack): NeighborRow[] {
  return stack.neighbors.entries().map(({ iface, address, mac, state }) => ({
    interface: iface.name,
    address: formatIpv4(address),
    mac: (state & VALID_STATES) === 0 ? null : formatMac(mac),
    state: neighborStateName(state),
  }));
}

export function addressRows(stack: NetworkStack): AddressRow[] {
  return stack.interfaces.flatMap((iface) =>
    iface.addresses.map(({ address, prefixLength }) => ({
      interface: iface.name,
      address: formatIpv4(address),
      prefixLength,
    })),
  );
}

export function routeRows(stack: NetworkStack): RouteRow[] {
  return stack.routes.routes.map(({ destination, type, via, iface, source, metric }) => ({
    destination: formatCidr({ ...destination, address: networkOf(destination) }),
    type,
    via: via === null ? null : formatIpv4(via),
    interface: iface?.name ?? null,
    source: source === null ? null : formatIpv4(source),
    metric,
  }));
}

export function socketRows({ tcp }: NetworkStack): SocketRow[] {
  const listeners = tcp.listeners().map(({ address, port }) => ({
    state: 'LISTEN',
    localAddress: formatIpv4(address),
    localPort: port,
    remoteAddress: null,
    remotePort: null,
  }));
  const connections = tcp.connections().map((connection) => ({
    state: connection.state,
    localAddress: formatIpv4(connection.localAddress),
    localPort: connection.localPort,
    remoteAddress: formatIpv4(connection.remoteAddress),
    remotePort: connection.remotePort,
  }));
  return [...listeners, ...connections];
}

export function fdbRows({ bridge, spec }: SegmentModel, now: Nanos): FdbRow[] {
  return [...bridge.table.entries(now)].map(([mac, { port, lastSeen }]) => ({
    mac: formatMac(mac),
    port: port.name.slice(spec.name.length + 1),
    lastSeen,
  }));
}

export function conntrackRows({ netfilter }: MachineModel): ConntrackRow[] {
  return netfilter.connections().map(conntrackRow);
}

function conntrackRow(connection: ConnectionModel): ConntrackRow {
  const { protocol, original, reply, mark, expires } = connection;
  return {
    protocol: protocolText(protocol),
    state: stateName(connection),
    original: tupleRow(original),
    reply: tupleRow(reply),
    assured: connection.has(Status.Assured),
    seenReply: connection.has(Status.SeenReply),
    mark,
    expires,
  };
}

function tupleRow({ source, destination, sourcePort, destinationPort }: Tuple): TupleRow {
  return {
    source: formatIpv4(source),
    destination: formatIpv4(destination),
    sourcePort,
    destinationPort,
  };
}
