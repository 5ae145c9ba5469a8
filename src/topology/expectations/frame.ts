// A frame that must, or must not, have crossed a captured port until now:
// `frame: { arp: { operation: reply, senderIp: 192.168.50.120 } }, on: db/eth0, count: 0`.

import { z } from 'zod';
import type { Path } from '../../schema/position.ts';
import { addressOrNetwork, integer, ipv4, oneOrMore, port } from '../../schema/values.ts';
import type { Ipv4Address, Ipv4Cidr } from '../../wire/ipv4-address.ts';
import { Flag } from '../../wire/tcp.ts';
import { MAXIMUM_VNI } from '../../wire/vxlan.ts';
import type { Context } from '../context.ts';
import type { PortSelector } from '../model.ts';
import { normalizeWindow, resolveMac, resolvePorts } from '../targets.ts';
import {
  countComparison,
  defineExpectation,
  type ExpectationDefinition,
  windowShape,
} from './definition.ts';
import type { Comparisons, ExpectationBase, MacReference, Window } from './expectation.ts';
import { AT_LEAST_ONE } from './expectation.ts';

/** What is null is not checked. */
export interface ArpMatch {
  readonly operation: 'request' | 'reply' | null;
  readonly senderMac: MacReference | null;
  readonly senderIp: Ipv4Address | null;
  readonly targetMac: MacReference | null;
  readonly targetIp: Ipv4Address | null;
  /** Sender and target IP equal. */
  readonly gratuitous: boolean | null;
}

/** What a TCP segment must look like. */
export interface TcpMatch {
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  /** Flags that must be set, as bits (wire/tcp.ts Flag). */
  readonly flagsSet: number;
  /** Flags that must not be set. */
  readonly flagsClear: number;
}

/** What a UDP datagram must look like. */
export interface UdpMatch {
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
}

/** What an ICMP message must look like. */
export interface IcmpMatch {
  readonly type: number | null;
  readonly code: number | null;
}

/** All given parts must match the same frame. With `vxlan`, `inner` is matched inside. */
export interface FrameMatch {
  readonly sourceMac: MacReference | null;
  readonly destinationMac: MacReference | null;
  /** Seen from the captured port's machine. */
  readonly direction: 'in' | 'out' | null;
  readonly arp: ArpMatch | null;
  readonly ipSource: Ipv4Cidr | null;
  readonly ipDestination: Ipv4Cidr | null;
  readonly icmp: IcmpMatch | null;
  readonly tcp: TcpMatch | null;
  readonly udp: UdpMatch | null;
  readonly vxlan: { readonly vni: number | null; readonly inner: FrameMatch | null } | null;
  /** A part of one of its capture comments. */
  readonly comment: string | null;
}

/** `frame:` which frames crossed a port, and how many. */
export interface FrameExpectation extends ExpectationBase {
  readonly kind: 'frame';
  readonly match: FrameMatch;
  /** Ports on which to look; each is captured, whatever `capture:` says, while the run lasts. */
  readonly on: PortSelector | null;
  readonly window: Window | null;
  /** How many such frames, over all those ports; by default at least one. */
  readonly count: Comparisons;
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

/** IANA ICMP types that the lab sends. */
const ICMP_TYPES = {
  'echo-reply': 0,
  unreachable: 3,
  redirect: 5,
  'echo-request': 8,
  'time-exceeded': 11,
} as const;

interface RawEndpoints {
  readonly from?: number;
  readonly to?: number;
}

interface RawFrame {
  readonly ethernet?: { readonly from?: string; readonly to?: string };
  readonly direction?: 'in' | 'out';
  readonly arp?: {
    readonly operation?: 'request' | 'reply';
    readonly senderMac?: string;
    readonly senderIp?: Ipv4Address;
    readonly targetMac?: string;
    readonly targetIp?: Ipv4Address;
    readonly gratuitous?: boolean;
  };
  readonly ip?: { readonly from?: Ipv4Cidr; readonly to?: Ipv4Cidr };
  readonly icmp?: IcmpName | { readonly type?: number; readonly code?: number };
  readonly tcp?: RawEndpoints & {
    readonly flags?: readonly FlagName[];
    readonly without?: readonly FlagName[];
  };
  readonly udp?: RawEndpoints;
  readonly vxlan?: { readonly vni?: number; readonly inner?: RawFrame };
  readonly comment?: string;
}

const macText = z.string({ error: 'expected a MAC address or the machine that has it' });
const flag: z.ZodType<FlagName> = z.enum(Object.keys(FLAGS) as FlagName[]);
const octet = integer(0, 255, 'a number');

const frameSchema: z.ZodType<RawFrame> = z
  .strictObject({
    ethernet: z
      .strictObject({ from: macText.exactOptional(), to: macText.exactOptional() })
      .exactOptional()
      .describe('MAC addresses, the machines that have them, or "broadcast"'),
    direction: z.enum(['in', 'out']).exactOptional().describe('As the captured port sees it'),
    arp: z
      .strictObject({
        operation: z.enum(['request', 'reply']).exactOptional(),
        senderMac: macText.exactOptional(),
        senderIp: ipv4.exactOptional(),
        targetMac: macText.exactOptional(),
        targetIp: ipv4.exactOptional(),
        gratuitous: z
          .boolean({ error: 'expected true or false' })
          .exactOptional()
          .describe('Whether sender and target IP are the same'),
      })
      .exactOptional(),
    ip: z
      .strictObject({
        from: addressOrNetwork.exactOptional(),
        to: addressOrNetwork.exactOptional(),
      })
      .exactOptional(),
    icmp: z
      .union([
        z.enum(Object.keys(ICMP_TYPES) as IcmpName[]),
        z.strictObject({ type: octet.exactOptional(), code: octet.exactOptional() }),
      ])
      .exactOptional(),
    tcp: z
      .strictObject({
        from: port.exactOptional(),
        to: port.exactOptional(),
        flags: oneOrMore(flag).exactOptional().describe('All of these are set'),
        without: oneOrMore(flag).exactOptional().describe('None of these is set'),
      })
      .exactOptional()
      .describe('Ports and flags; {} is any TCP segment'),
    udp: z
      .strictObject({ from: port.exactOptional(), to: port.exactOptional() })
      .exactOptional()
      .describe('Ports; {} is any UDP datagram'),
    vxlan: z
      .strictObject({
        vni: integer(0, MAXIMUM_VNI, 'a VNI').exactOptional(),
        inner: z.lazy(() => frameSchema).exactOptional(),
      })
      .exactOptional(),
    comment: z.string().exactOptional().describe('A part of a comment in the capture'),
  })
  .meta({ id: 'frameMatch', description: 'All given keys must match the same frame' });

/** `frame:` as a scenario writes it. */
export const frame: ExpectationDefinition<FrameExpectation> = defineExpectation(
  'frame',
  z
    .strictObject({
      frame: frameSchema,
      on: z
        .string({ error: 'expected a port, such as "db/eth0"' })
        .exactOptional()
        .describe('Where to look: "db/eth0"; all captured ports when left out'),
      count: countComparison.exactOptional().describe('">= 1" when left out; 0: must not appear'),
      ...windowShape,
    })
    .meta({ id: 'frameExpectation', description: 'A frame that did, or did not, cross a port' }),
  (context, raw, base, path, at) => {
    const match = normalizeMatch(context, raw.frame, [...path, 'frame']);
    return {
      ...base,
      kind: 'frame',
      match,
      on: raw.on === undefined ? null : resolvePorts(context, raw.on, [...path, 'on']),
      window: normalizeWindow(context, raw, at, path),
      count: raw.count ?? AT_LEAST_ONE,
    };
  },
);

function normalizeMatch(context: Context, raw: RawFrame, path: Path): FrameMatch {
  const mac = (text: string | undefined, ...at: readonly string[]): MacReference | null =>
    text === undefined ? null : resolveMac(context, text, [...path, ...at]);
  const transports = (['arp', 'icmp', 'tcp', 'udp', 'vxlan'] as const).filter(
    (key) => raw[key] !== undefined,
  );
  if (transports.length > 1) {
    const message = `no frame is ${transports.join(' and ')} at once`;
    context.report(path, message, 'put what VXLAN carries into "inner"');
  }
  if (raw.arp !== undefined && raw.ip !== undefined) {
    const remedy = 'use senderIp and targetIp';
    context.report([...path, 'ip'], 'an ARP frame has no IP header', remedy, 'key');
  }
  const { arp, vxlan } = raw;
  return {
    sourceMac: mac(raw.ethernet?.from, 'ethernet', 'from'),
    destinationMac: mac(raw.ethernet?.to, 'ethernet', 'to'),
    direction: raw.direction ?? null,
    arp:
      arp === undefined
        ? null
        : {
            operation: arp.operation ?? null,
            senderMac: mac(arp.senderMac, 'arp', 'senderMac'),
            senderIp: arp.senderIp ?? null,
            targetMac: mac(arp.targetMac, 'arp', 'targetMac'),
            targetIp: arp.targetIp ?? null,
            gratuitous: arp.gratuitous ?? null,
          },
    ipSource: raw.ip?.from ?? null,
    ipDestination: raw.ip?.to ?? null,
    icmp: icmpMatch(raw.icmp),
    tcp:
      raw.tcp === undefined
        ? null
        : {
            ...portsOf(raw.tcp),
            flagsSet: bitsOf(raw.tcp.flags ?? []),
            flagsClear: bitsOf(raw.tcp.without ?? []),
          },
    udp: raw.udp === undefined ? null : portsOf(raw.udp),
    vxlan:
      vxlan === undefined
        ? null
        : {
            vni: vxlan.vni ?? null,
            inner:
              vxlan.inner === undefined
                ? null
                : normalizeMatch(context, vxlan.inner, [...path, 'vxlan', 'inner']),
          },
    comment: raw.comment ?? null,
  };
}

function icmpMatch(raw: RawFrame['icmp']): IcmpMatch | null {
  if (raw === undefined) return null;
  if (typeof raw === 'string') return { type: ICMP_TYPES[raw], code: null };
  return { type: raw.type ?? null, code: raw.code ?? null };
}

function portsOf(raw: RawEndpoints): UdpMatch {
  return { sourcePort: raw.from ?? null, destinationPort: raw.to ?? null };
}

function bitsOf(names: readonly FlagName[]): number {
  return names.reduce((bits, name) => bits | FLAGS[name], 0);
}
