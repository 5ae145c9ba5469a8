// Tracked connections, as rows and as `conntrack -L` prints them, one line each:
//
//   tcp      6 431999 ESTABLISHED src=10.1.0.11 dst=192.0.2.10 sport=40000 dport=80
//            src=192.0.2.10 dst=192.0.2.100 sport=80 dport=40000 [ASSURED] mark=0 use=1

import { z } from 'zod';
import type { ZoneEntry, ZoneTuple } from '../fabric/logical.ts';
import { type Connection, ConnectionStatus } from '../nat/conntrack/connection.ts';
import type { Netfilter } from '../nat/netfilter.ts';
import { protocolName } from '../nat/protocol-name.ts';
import { TCP_STATE_NAMES } from '../nat/tcp/states.ts';
import type { Nanos } from '../sim/time.ts';
import { formatIpv4 } from '../wire/ipv4-address.ts';
import { IpProtocol } from '../wire/numbers.ts';

/** One direction of a connection. */
export interface TupleRow {
  readonly source: string;
  readonly destination: string;
  /** Null for protocols without ports. */
  readonly ports: { readonly source: number; readonly destination: number } | null;
  /** Null for all protocols but ICMP. */
  readonly icmp: { readonly type: number; readonly code: number; readonly id: number } | null;
}

/** One connection that a machine tracks. */
export interface ConntrackRow {
  readonly machine: string;
  /** Of Open vSwitch, beside the kernel's own: 0 of a gateway router, 64000 of br-ex. */
  readonly zone?: number;
  /** Counts the connections of the machine, or of the zone, oldest first: the order of the table. */
  readonly sequence: number;
  /** 'tcp', 'udp', 'icmp', 'unknown'. */
  readonly protocol: string;
  /** The number in the IPv4 header. */
  readonly protocolNumber: number;
  /** 'ESTABLISHED'; null for protocols without states. */
  readonly state: string | null;
  readonly original: TupleRow;
  readonly reply: TupleRow;
  /** An answer was seen. */
  readonly replied: boolean;
  readonly assured: boolean;
  readonly mark: number;
  /** What its packets say in captures when it is translated: 'snat 10.11.0.2:40000 → …'; null when it is not. */
  readonly translation: string | null;
  /** Lab time of its first packet. */
  readonly since: Nanos;
  /** Lab time from which on it counts as gone unless a packet comes. */
  readonly deadline: Nanos;
}

const tupleRowSchema: z.ZodType<TupleRow> = z.strictObject({
  source: z.string(),
  destination: z.string(),
  ports: z.strictObject({ source: z.int(), destination: z.int() }).nullable(),
  icmp: z.strictObject({ type: z.int(), code: z.int(), id: z.int() }).nullable(),
});

/** Validates a ConntrackRow. */
export const conntrackRowSchema: z.ZodType<ConntrackRow> = z.strictObject({
  machine: z.string(),
  zone: z.int().exactOptional(),
  sequence: z.int(),
  protocol: z.string(),
  protocolNumber: z.int(),
  state: z.string().nullable(),
  original: tupleRowSchema,
  reply: tupleRowSchema,
  replied: z.boolean(),
  assured: z.boolean(),
  mark: z.int(),
  translation: z.string().nullable(),
  since: z.int(),
  deadline: z.int(),
});

/** What `machine` tracks, oldest first; empty where no part of netfilter tracks connections. */
export function conntrackRows(machine: string, netfilter: Netfilter): ConntrackRow[] {
  return netfilter.connections().map((connection) => conntrackRow(machine, connection));
}

/** What the switches of `machine` track. */
export function zoneRows(machine: string, entries: readonly ZoneEntry[]): ConntrackRow[] {
  return entries.map(
    ({ deadline, mark, original, protocol, replied, reply, sequence, since, state, ...entry }) => ({
      machine,
      zone: entry.zone,
      sequence,
      protocol: protocolName(protocol) ?? 'unknown',
      protocolNumber: protocol,
      state,
      original: tupleRow({ ...original, protocol }),
      reply: tupleRow({ ...reply, protocol }),
      replied,
      assured: replied,
      mark,
      translation: entry.translated ? translationOf(original, reply) : null,
      since,
      deadline,
    }),
  );
}

function translationOf(original: ZoneTuple, reply: ZoneTuple): string {
  return `snat ${formatIpv4(original.source)} → ${formatIpv4(reply.destination)}`;
}

/** The row made last of each connection: most stand still between two looks, and there may be thousands. */
const lastRows = new WeakMap<Connection, { readonly status: number; readonly row: ConntrackRow }>();

/** One connection that `machine` tracks; the same object as before when nothing has changed. */
export function conntrackRow(machine: string, connection: Connection): ConntrackRow {
  const last = lastRows.get(connection);
  if (
    last?.status === connection.status &&
    last.row.machine === machine &&
    last.row.deadline === connection.expires &&
    last.row.state === stateName(connection) &&
    last.row.mark === connection.mark
  ) {
    return last.row;
  }
  const row = makeRow(machine, connection);
  lastRows.set(connection, { status: connection.status, row });
  return row;
}

function makeRow(machine: string, connection: Connection): ConntrackRow {
  const { created, expires, mark, original, protocol, reply, sequence } = connection;
  const isTranslated =
    (connection.status & (ConnectionStatus.SourceNat | ConnectionStatus.DestinationNat)) !== 0;
  return {
    machine,
    sequence,
    protocol: protocolName(protocol) ?? 'unknown',
    protocolNumber: protocol,
    state: stateName(connection),
    original: tupleRow(original),
    reply: tupleRow(reply),
    replied: connection.has(ConnectionStatus.SeenReply),
    assured: connection.has(ConnectionStatus.Assured),
    mark,
    translation: isTranslated ? connection.text : null,
    since: created,
    deadline: expires,
  };
}

function stateName({ tcp }: Connection): string | null {
  return tcp === null ? null : (TCP_STATE_NAMES[tcp.state] ?? null);
}

function tupleRow(tuple: ZoneTuple & { readonly protocol: number }): TupleRow {
  const { protocol, destination, destinationPort, source, sourcePort } = tuple;
  const hasPorts = protocol === IpProtocol.Tcp || protocol === IpProtocol.Udp;
  return {
    source: formatIpv4(source),
    destination: formatIpv4(destination),
    ports: hasPorts ? { source: sourcePort, destination: destinationPort } : null,
    icmp:
      protocol === IpProtocol.Icmp
        ? { type: destinationPort >>> 8, code: destinationPort & 0xff, id: sourcePort }
        : null,
  };
}

/** Whole seconds that are left at `now`, as Linux rounds them: down. */
export function secondsLeft({ deadline }: Pick<ConntrackRow, 'deadline'>, now: Nanos): number {
  return Math.max(0, Math.floor((deadline - now) / 1e9));
}

/** One line of `conntrack -L` at `now`. */
export function conntrackLine(row: ConntrackRow, now: Nanos): string {
  const parts = [`${row.protocol.padEnd(8)} ${row.protocolNumber} ${secondsLeft(row, now)}`];
  if (row.state !== null) parts.push(row.state);
  parts.push(tupleText(row.original));
  if (!row.replied) parts.push('[UNREPLIED]');
  parts.push(tupleText(row.reply));
  if (row.assured) parts.push('[ASSURED]');
  const zone = row.zone === undefined || row.zone === 0 ? '' : ` zone=${row.zone}`;
  parts.push(`mark=${row.mark}${zone} use=1`);
  return parts.join(' ');
}

function tupleText({ destination, icmp, ports, source }: TupleRow): string {
  const addresses = `src=${source} dst=${destination}`;
  if (ports !== null) return `${addresses} sport=${ports.source} dport=${ports.destination}`;
  if (icmp !== null) return `${addresses} type=${icmp.type} code=${icmp.code} id=${icmp.id}`;
  return addresses;
}

/** `conntrack -L` on one machine at `now`. */
export function conntrackLines(netfilter: Netfilter, now: Nanos): string[] {
  return conntrackRows('', netfilter).map((row) => conntrackLine(row, now));
}
