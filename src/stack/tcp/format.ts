// The sockets of a host as `ss -tan` prints them.

import { ANY_ADDRESS, formatIpv4, type Ipv4Address } from '../../wire/ipv4-address.ts';
import { TcpState } from './state.ts';
import type { Tcp } from './tcp.ts';

const HEADINGS = ['State', 'Recv-Q', 'Send-Q', 'Local Address:Port', 'Peer Address:Port'] as const;

/** Listeners first, then connections; the first line is the heading. */
export function formatSockets(tcp: Tcp): string[] {
  const rows: string[][] = [[...HEADINGS]];
  for (const { halfOpen, backlog, address, port } of tcp.listeners()) {
    const local = `${place(address)}:${port}`;
    rows.push([TcpState.Listen, String(halfOpen), String(backlog), local, '0.0.0.0:*']);
  }
  for (const connection of tcp.connections()) {
    const { sender, receiver, localAddress, localPort, remoteAddress, remotePort } = connection;
    rows.push([
      connection.state,
      String(receiver.queued),
      String(sender.outstanding + sender.unsent),
      `${place(localAddress)}:${localPort}`,
      `${place(remoteAddress)}:${remotePort}`,
    ]);
  }
  const widths = HEADINGS.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function place(address: Ipv4Address): string {
  return address === ANY_ADDRESS ? '0.0.0.0' : formatIpv4(address);
}
