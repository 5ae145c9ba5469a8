// The sockets of a machine, as rows and as `ss -tan` prints them.

import type { NetworkStack } from '../stack/stack.ts';
import { TcpState } from '../stack/tcp/state.ts';
import { ANY_ADDRESS, formatIpv4, type Ipv4Address } from '../wire/ipv4-address.ts';

/** One TCP or UDP socket. */
export interface SocketRow {
  readonly machine: string;
  readonly protocol: 'tcp' | 'udp';
  /** 'ESTAB' and the like; 'UNCONN' is every UDP socket. */
  readonly state: string;
  /** Octets that wait to be read; of a listener, connections that are half open. */
  readonly receiveQueue: number;
  /** Octets not yet acknowledged; of a listener, the backlog. */
  readonly sendQueue: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** Null for a socket without a peer. */
  readonly remoteAddress: string | null;
  readonly remotePort: number | null;
}

const HEADINGS = ['State', 'Recv-Q', 'Send-Q', 'Local Address:Port', 'Peer Address:Port'] as const;

/** TCP listeners, TCP connections, UDP sockets of a machine. */
export function socketRows(stack: NetworkStack): SocketRow[] {
  return [...listenerRows(stack), ...connectionRows(stack), ...udpRows(stack)];
}

function listenerRows({ name, tcp }: NetworkStack): SocketRow[] {
  return tcp.listeners().map(({ address, backlog, halfOpen, port }) => ({
    machine: name,
    protocol: 'tcp',
    state: TcpState.Listen,
    receiveQueue: halfOpen,
    sendQueue: backlog,
    localAddress: place(address),
    localPort: port,
    remoteAddress: null,
    remotePort: null,
  }));
}

function connectionRows({ name, tcp }: NetworkStack): SocketRow[] {
  return tcp.connections().map((connection) => ({
    machine: name,
    protocol: 'tcp',
    state: connection.state,
    receiveQueue: connection.receiver.queued,
    sendQueue: connection.sender.outstanding + connection.sender.unsent,
    localAddress: place(connection.localAddress),
    localPort: connection.localPort,
    remoteAddress: place(connection.remoteAddress),
    remotePort: connection.remotePort,
  }));
}

function udpRows({ name, udp }: NetworkStack): SocketRow[] {
  return udp.sockets().map(({ localAddress, localPort }) => ({
    machine: name,
    protocol: 'udp',
    state: 'UNCONN',
    receiveQueue: 0,
    sendQueue: 0,
    localAddress: place(localAddress),
    localPort,
    remoteAddress: null,
    remotePort: null,
  }));
}

/** `ss -tan` on one machine: the heading, listeners, connections. */
export function socketLines(stack: NetworkStack): string[] {
  return socketTable([...listenerRows(stack), ...connectionRows(stack)]);
}

/** The heading of `ss` and a line for each socket. */
export function socketTable(rows: readonly SocketRow[]): string[] {
  const cells = rows.map((row) => [
    row.state,
    String(row.receiveQueue),
    String(row.sendQueue),
    `${row.localAddress}:${row.localPort}`,
    row.remoteAddress === null ? '0.0.0.0:*' : `${row.remoteAddress}:${row.remotePort}`,
  ]);
  const lines = [[...HEADINGS], ...cells];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function place(address: Ipv4Address): string {
  return address === ANY_ADDRESS ? '0.0.0.0' : formatIpv4(address);
}
