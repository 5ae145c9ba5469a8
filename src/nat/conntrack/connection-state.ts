// What a packet is to its connection, as `-m conntrack --ctstate` sees it.

import type { Packet } from '../../stack/packet.ts';
import * as icmp from '../../wire/icmp.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import { ConnectionStatus, connectionOf } from './connection.ts';

/** 'untracked': conntrack does not run here, or was told to leave the packet alone. */
export type ConnectionState = 'new' | 'established' | 'related' | 'invalid' | 'untracked';

/** The state of a packet that has passed conntrack. */
export function stateOf(packet: Packet): ConnectionState {
  if (packet.isInvalid) return 'invalid';
  const connection = connectionOf(packet);
  if (connection === null) return 'untracked';
  // Without helpers only refusals are related to a connection that they are not part of.
  if (packet.isRelated || isIcmpError(packet)) return 'related';
  return packet.isReply || connection.has(ConnectionStatus.SeenReply) ? 'established' : 'new';
}

/** True for ICMP messages that quote another packet. */
export function isIcmpError(packet: Packet): boolean {
  const { protocol, frame, l4, end } = packet;
  return (
    protocol === IpProtocol.Icmp &&
    end - l4 >= icmp.HEADER_LENGTH &&
    icmp.isError(icmp.type(frame, l4))
  );
}
