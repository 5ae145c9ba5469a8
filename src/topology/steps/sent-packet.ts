// The IPv4 packets and the raw octets of a `send` step, with the words of the `frame` expectation.

import { z } from 'zod';
import type { Path } from '../../schema/position.ts';
import { integer, oneOrMore } from '../../schema/values.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import { Flag } from '../../wire/tcp.ts';
import type { Context } from '../context.ts';
import { resolveAddress } from '../targets.ts';

/** What follows the IPv4 header. */
export type TransportSpec =
  | {
      readonly kind: 'tcp';
      readonly sourcePort: number;
      readonly destinationPort: number;
      /** Bits of wire/tcp.ts Flag. */
      readonly flags: number;
      readonly sequence: number;
      readonly acknowledgment: number;
      readonly window: number;
    }
  | { readonly kind: 'udp'; readonly sourcePort: number; readonly destinationPort: number }
  | {
      readonly kind: 'icmp';
      readonly type: number;
      readonly code: number;
      /** Octets 4 to 7; of an echo the identifier and the sequence number. */
      readonly rest: number;
    }
  /** Nothing but data, as the protocol number says. */
  | { readonly kind: 'other' };

/** An IPv4 packet as it is written; checksums and lengths are right. */
export interface Ipv4PacketSpec {
  /** Null: the interface's primary address at that moment. */
  readonly source: Ipv4Address | null;
  readonly destination: Ipv4Address;
  readonly timeToLive: number;
  readonly identification: number;
  readonly dontFragment: boolean;
  readonly protocol: number;
  readonly transport: TransportSpec;
  readonly data: Uint8Array;
}

type FlagName = 'fin' | 'syn' | 'rst' | 'psh' | 'ack' | 'urg';
type IcmpName = keyof typeof ICMP_TYPES;

const FLAGS: Readonly<Record<FlagName, number>> = {
  fin: Flag.Fin,
  syn: Flag.Syn,
  rst: Flag.Rst,
  psh: Flag.Psh,
  ack: Flag.Ack,
  urg: Flag.Urg,
};

const ICMP_TYPES = {
  'echo-reply': 0,
  unreachable: 3,
  redirect: 5,
  'echo-request': 8,
  'time-exceeded': 11,
} as const;

const octet = integer(0, 255, 'a number from 0 to 255');
const word = integer(0, 0xffff, 'a number from 0 to 65535');
const long = integer(0, 0xffff_ffff, 'a number from 0 to 4294967295');
const flag: z.ZodType<FlagName> = z.enum(Object.keys(FLAGS) as FlagName[]);
const icmpName: z.ZodType<IcmpName> = z.enum(Object.keys(ICMP_TYPES) as IcmpName[]);
const target = z.string({ error: 'expected an address or the name of a pod, host or node' });
const endpoints = { from: word, to: word };

/** A packet as the file has it. */
export interface RawPacket {
  readonly ip?: {
    readonly from?: string;
    readonly to: string;
    readonly ttl?: number;
    readonly id?: number;
    readonly dontFragment?: boolean;
    readonly protocol?: number;
  };
  readonly tcp?: {
    readonly from: number;
    readonly to: number;
    readonly flags?: readonly FlagName[];
    readonly sequence?: number;
    readonly acknowledgment?: number;
    readonly window?: number;
  };
  readonly udp?: { readonly from: number; readonly to: number };
  readonly icmp?: {
    readonly type: IcmpName | number;
    readonly code?: number;
    readonly id?: number;
    readonly sequence?: number;
  };
  readonly data?: string;
}

type Optional<K extends keyof RawPacket> = z.ZodExactOptional<
  z.ZodType<Exclude<RawPacket[K], undefined>>
>;

/** The keys of a packet in the `send` step. */
export const packetShape: { readonly [K in keyof Required<RawPacket>]: Optional<K> } = {
  ip: z
    .strictObject({
      from: target.exactOptional().describe("The interface's primary address when left out"),
      to: target,
      ttl: octet.exactOptional().describe('64 when left out'),
      id: word.exactOptional().describe('Identification; 0 when left out'),
      dontFragment: z.boolean({ error: 'expected true or false' }).exactOptional(),
      protocol: octet.exactOptional().describe('Where none of tcp, udp and icmp is given'),
    })
    .exactOptional()
    .describe('An IPv4 header; its lengths and checksums are right'),
  tcp: z
    .strictObject({
      ...endpoints,
      flags: oneOrMore(flag).exactOptional().describe('None when left out'),
      sequence: long.exactOptional(),
      acknowledgment: long.exactOptional(),
      window: word.exactOptional().describe('65535 when left out'),
    })
    .exactOptional(),
  udp: z.strictObject(endpoints).exactOptional(),
  icmp: z
    .strictObject({
      type: z.union([icmpName, octet]),
      code: octet.exactOptional(),
      id: word.exactOptional(),
      sequence: word.exactOptional(),
    })
    .exactOptional(),
  data: z
    .string({ error: 'expected a text' })
    .exactOptional()
    .describe('What follows the headers, as text'),
};

/** Null when there is none, or when something was wrong, and reported. */
export function normalizePacket(
  context: Context,
  raw: RawPacket,
  path: Path,
): Ipv4PacketSpec | null {
  const kinds = (['tcp', 'udp', 'icmp'] as const).filter((key) => raw[key] !== undefined);
  const { ip } = raw;
  if (ip === undefined) {
    const [stray] = [...kinds, ...(raw.data === undefined ? [] : ['data'])];
    if (stray !== undefined)
      context.reportMissing(path, `"${stray}" needs "ip"`, 'add ip: { to: ... }');
    return null;
  }
  const [kind, second] = kinds;
  if (kind !== undefined && second !== undefined) {
    context.report(path, `${kind} and ${second} cannot be combined`, 'make a step of each');
    return null;
  }
  if (kind === undefined && ip.protocol === undefined) {
    const remedy = 'add tcp, udp, icmp or ip.protocol';
    context.reportMissing([...path, 'ip'], 'this packet has no protocol', remedy);
    return null;
  }
  const destination = resolveAddress(context, ip.to, [...path, 'ip', 'to']);
  const source =
    ip.from === undefined ? null : resolveAddress(context, ip.from, [...path, 'ip', 'from']);
  if (destination === null || (ip.from !== undefined && source === null)) return null;
  return {
    source: source?.address ?? null,
    destination: destination.address,
    timeToLive: ip.ttl ?? 64,
    identification: ip.id ?? 0,
    dontFragment: ip.dontFragment ?? false,
    protocol: ip.protocol ?? (kind === undefined ? 0 : PROTOCOLS[kind]),
    transport: transportOf(raw),
    data: new TextEncoder().encode(raw.data ?? ''),
  };
}

const PROTOCOLS = { tcp: IpProtocol.Tcp, udp: IpProtocol.Udp, icmp: IpProtocol.Icmp } as const;

function transportOf({ icmp, tcp, udp }: RawPacket): TransportSpec {
  if (tcp !== undefined) {
    return {
      kind: 'tcp',
      sourcePort: tcp.from,
      destinationPort: tcp.to,
      flags: (tcp.flags ?? []).reduce((bits, name) => bits | FLAGS[name], 0),
      sequence: tcp.sequence ?? 0,
      acknowledgment: tcp.acknowledgment ?? 0,
      window: tcp.window ?? 0xffff,
    };
  }
  if (udp !== undefined) return { kind: 'udp', sourcePort: udp.from, destinationPort: udp.to };
  if (icmp !== undefined) {
    const { code = 0, id = 0, sequence = 0, type } = icmp;
    return {
      kind: 'icmp',
      type: typeof type === 'number' ? type : ICMP_TYPES[type],
      code,
      rest: ((id << 16) | sequence) >>> 0,
    };
  }
  return { kind: 'other' };
}

/** Octets as pairs of hexadecimal digits; blanks and colons between them do not count. */
export const hexOctets: z.ZodType<Uint8Array, string> = z
  .string({ error: 'expected octets, such as "ff ff ff ff ff ff 02 00 ..."' })
  .transform((text, issues) => {
    const digits = text.replace(/[\s:]/g, '');
    if (!/^([0-9a-fA-F]{2})*$/.test(digits)) {
      issues.addIssue({ code: 'custom', message: 'expected pairs of hexadecimal digits' });
      return z.NEVER;
    }
    const octets = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    if (octets.length < SHORTEST || octets.length > LONGEST) {
      const message = `expected a frame of ${SHORTEST} to ${LONGEST} octets`;
      issues.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
    return octets;
  });

/** An Ethernet header, and an IPv4 packet of full length behind one. */
const SHORTEST = 14;
const LONGEST = 65_549;
