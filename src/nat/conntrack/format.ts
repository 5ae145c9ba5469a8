// Connections as `conntrack -L` prints them, one line each:
//
//   tcp      6 431999 ESTABLISHED src=10.1.0.11 dst=192.0.2.10 sport=40000 dport=80
//            src=192.0.2.10 dst=192.0.2.100 sport=80 dport=40000 [ASSURED] mark=0 use=1

import type { Nanos } from '../../sim/time.ts';
import { formatIpv4 } from '../../wire/ipv4-address.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import { protocolName } from '../protocol-name.ts';
import { TCP_STATE_NAMES } from '../tcp/states.ts';
import { type Connection, Status } from './connection.ts';
import type { Tuple } from './tuple.ts';

/** The state of a TCP connection ('ESTABLISHED'); null for other protocols. */
export function stateName(connection: Connection): string | null {
  return connection.tcp === null ? null : (TCP_STATE_NAMES[connection.tcp.state] ?? null);
}

/** Whole seconds that are left, as Linux rounds them: down. */
export function secondsLeft(connection: Connection, now: Nanos): number {
  return Math.max(0, Math.floor((connection.expires - now) / 1e9));
}

/** One line of `conntrack -L`. */
export function formatConnection(connection: Connection, now: Nanos): string {
  const { protocol, original, reply, mark } = connection;
  const name = (protocolName(protocol) ?? 'unknown').padEnd(8);
  const parts = [`${name} ${protocol} ${secondsLeft(connection, now)}`];
  const state = stateName(connection);
  if (state !== null) parts.push(state);
  parts.push(formatTuple(original));
  if (!connection.has(Status.SeenReply)) parts.push('[UNREPLIED]');
  parts.push(formatTuple(reply));
  if (connection.has(Status.Assured)) parts.push('[ASSURED]');
  parts.push(`mark=${mark} use=1`);
  return parts.join(' ');
}

function formatTuple(tuple: Tuple): string {
  const { protocol, source, destination, sourcePort, destinationPort } = tuple;
  const addresses = `src=${formatIpv4(source)} dst=${formatIpv4(destination)}`;
  switch (protocol) {
    case IpProtocol.Tcp:
    case IpProtocol.Udp:
      return `${addresses} sport=${sourcePort} dport=${destinationPort}`;
    case IpProtocol.Icmp: {
      const type = destinationPort >>> 8;
      return `${addresses} type=${type} code=${destinationPort & 0xff} id=${sourcePort}`;
    }
    default:
      return addresses;
  }
}
