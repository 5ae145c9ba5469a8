// What NAT does to a packet of a translated connection (nf_nat_manip_pkt): one end of it becomes what
// the connection's opposite tuple says.

import type { Packet } from '../../stack/packet.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import { type Connection, ConnectionStatus } from '../conntrack/connection.ts';

/** Which end of a packet a hook may change. */
export const Manipulation = { Source: 0, Destination: 1 } as const;
export type Manipulation = (typeof Manipulation)[keyof typeof Manipulation];

/** Was this end of the connection translated, seen in the direction of the packet? */
export function concerns(packet: Packet, connection: Connection, what: Manipulation): boolean {
  // In the reply direction source and destination change their roles.
  const isSource = (what === Manipulation.Source) !== packet.isReply;
  return (
    (connection.status &
      (isSource ? ConnectionStatus.SourceNat : ConnectionStatus.DestinationNat)) !==
    0
  );
}

/** nf_nat_manip_pkt: one end of the packet becomes what the opposite tuple says. */
export function translate(packet: Packet, connection: Connection, what: Manipulation): void {
  if (!concerns(packet, connection, what)) return;
  const opposite = packet.isReply ? connection.original : connection.reply;
  const isQuery = connection.protocol === IpProtocol.Icmp;
  if (what === Manipulation.Source) packet.source = opposite.destination;
  else packet.destination = opposite.source;
  if (isQuery) {
    packet.sourcePort = opposite.sourcePort;
    packet.destinationPort = opposite.sourcePort;
  } else if (what === Manipulation.Source) {
    packet.sourcePort = opposite.destinationPort;
  } else {
    packet.destinationPort = opposite.sourcePort;
  }
}

/** nf_nat_oif_changed: a masqueraded connection now leaves elsewhere, under a wrong address. */
export function hasMoved(packet: Packet, connection: Connection): boolean {
  const { masqueradeInterface } = connection;
  return masqueradeInterface !== null && !packet.isReply && packet.egress !== masqueradeInterface;
}
