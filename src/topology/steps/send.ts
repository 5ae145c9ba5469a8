// `send: { arp: {...} }, from: worker01/eth0`: a frame made by hand, however wrong, as a program with
// a raw socket sends it: ARP, an IPv4 packet, or raw octets, with the words of the `frame` expectation.

import { z } from 'zod';
import type { Path } from '../../schema/position.ts';
import { integer, ipv4, positiveDuration } from '../../schema/values.ts';
import { type Nanos, seconds } from '../../sim/time.ts';
import { Operation } from '../../wire/arp.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import type { MacAddress } from '../../wire/mac-address.ts';
import type { Context } from '../context.ts';
import { resolveMac } from '../targets.ts';
import { defineStep, type StepDefinition, stepShape } from './definition.ts';
import {
  hexOctets,
  type Ipv4PacketSpec,
  normalizePacket,
  packetShape,
  type RawPacket,
} from './sent-packet.ts';
import type { InterfaceReference, StepBase } from './step.ts';

/** What is null is what an honest host would write. */
export interface ArpFrameSpec {
  /** RFC 826 ar$op. */
  readonly operation: number;
  /** Null: the interface's. */
  readonly senderMac: MacAddress | null;
  /** Null: the interface's primary address at that moment. */
  readonly senderIp: Ipv4Address | null;
  /** Null: zero. */
  readonly targetMac: MacAddress | null;
  readonly targetIp: Ipv4Address;
}

/** What a program with a raw socket hands over. */
export type SentFrame =
  | { readonly kind: 'arp'; readonly arp: ArpFrameSpec }
  | { readonly kind: 'ipv4'; readonly packet: Ipv4PacketSpec }
  /** A whole frame, from its Ethernet header on. */
  | { readonly kind: 'octets'; readonly octets: Uint8Array };

/** The addresses of an Ethernet header. */
export interface EthernetSpec {
  /** Null: the interface's MAC. */
  readonly source: MacAddress | null;
  /** Null: broadcast for ARP; what ARP finds for a packet. */
  readonly destination: MacAddress | null;
}

/** Sends an ARP frame made by hand. */
export interface SendStep extends StepBase {
  readonly kind: 'send';
  readonly on: InterfaceReference;
  readonly frame: SentFrame;
  readonly ethernet: EthernetSpec;
  readonly count: number;
  readonly interval: Nanos;
  /** Shown in captures; null: who sent it. */
  readonly note: string | null;
}

type OperationName = 'request' | 'reply';

const OPERATIONS: Readonly<Record<OperationName, number>> = {
  request: Operation.Request,
  reply: Operation.Reply,
};

const operation: z.ZodType<OperationName | number> = z.union([
  z.enum(['request', 'reply']),
  integer(0, 0xffff, 'request, reply or a number'),
]);

const macText = z.string({ error: 'expected a MAC address or the machine that has it' });

interface RawArp {
  readonly operation?: OperationName | number;
  readonly senderMac?: string;
  readonly senderIp?: Ipv4Address;
  readonly targetMac?: string;
  readonly targetIp: Ipv4Address;
}

const arpSchema: z.ZodType<RawArp> = z
  .strictObject({
    operation: operation.exactOptional().describe('request when left out'),
    senderMac: macText.exactOptional().describe("The interface's own when left out"),
    senderIp: ipv4.exactOptional().describe("The interface's primary address when left out"),
    targetMac: macText.exactOptional().describe('00:00:00:00:00:00 when left out'),
    targetIp: ipv4,
  })
  .meta({
    id: 'arpFrame',
    description:
      'An ARP packet; MAC addresses may be given by the machine that has them, or as "broadcast"',
  });

interface RawFrame extends RawPacket {
  readonly ethernet?: { readonly from?: string; readonly to?: string };
  readonly arp?: RawArp;
  readonly hex?: Uint8Array;
}

const frameSchema: z.ZodType<RawFrame> = z
  .strictObject({
    ethernet: z
      .strictObject({ from: macText.exactOptional(), to: macText.exactOptional() })
      .exactOptional()
      .describe(
        "From the interface's own MAC when left out; ARP goes to broadcast then, and a packet to what ARP finds",
      ),
    arp: arpSchema.exactOptional(),
    ...packetShape,
    hex: hexOctets
      .exactOptional()
      .describe('A whole frame in hexadecimal digits, from its Ethernet header on'),
  })
  .meta({ id: 'sentFrame' });

/** `send:` as a scenario writes it. */
export const send: StepDefinition<SendStep> = defineStep(
  'send',
  z
    .strictObject({
      ...stepShape,
      send: frameSchema,
      from: z
        .string({ error: 'expected "host/interface"' })
        .describe('"host/interface", or a host for its first interface'),
      count: integer(1, 100_000, 'a number of frames').exactOptional().describe('1 when left out'),
      interval: positiveDuration.exactOptional().describe('1s when left out'),
      comment: z
        .string({ error: 'expected a text' })
        .exactOptional()
        .describe('Comment on the frame in captures'),
    })
    .meta({ id: 'sendStep', description: 'A hand-made frame' }),
  (context, raw, base, path) => {
    const on = context.interface(raw.from, [...path, 'from']);
    const at = [...path, 'send'];
    const frame = readFrame(context, raw.send, at);
    const { ethernet } = raw.send;
    const source = macOf(context, ethernet?.from, [...at, 'ethernet', 'from']);
    const destination = macOf(context, ethernet?.to, [...at, 'ethernet', 'to']);
    if (on === null || frame === null) return null;
    return {
      ...base,
      kind: 'send',
      on,
      frame,
      ethernet: { source, destination },
      count: raw.count ?? 1,
      interval: raw.interval ?? seconds(1),
      note: raw.comment ?? null,
    };
  },
);

/** By any of these a frame is described. */
const FRAME_KEYS = ['arp', 'ip', 'tcp', 'udp', 'icmp', 'data', 'hex'] as const;

/** One of ARP, IPv4 and raw octets; null when something was wrong, and reported. */
function readFrame(context: Context, raw: RawFrame, at: Path): SentFrame | null {
  const { arp, ethernet, hex, ...packet } = raw;
  const others = Object.keys(packet).filter((key) => Object.hasOwn(raw, key));
  const kinds = [
    ...(arp === undefined ? [] : ['arp']),
    ...(hex === undefined ? [] : ['hex']),
    ...(others.length === 0 ? [] : [others[0] ?? 'ip']),
  ];
  if (FRAME_KEYS.some((key) => context.damaged([...at, key]))) return null;
  if (kinds.length !== 1) {
    const message =
      kinds.length === 0 ? 'this sends nothing' : `${kinds.join(' and ')} cannot be combined`;
    context.report(at, message, 'give one of arp, ip and hex');
    return null;
  }
  if (hex !== undefined) {
    if (ethernet === undefined) return { kind: 'octets', octets: hex };
    const remedy = 'write the addresses into its first twelve octets';
    context.report([...at, 'ethernet'], '"hex" has its own Ethernet header', remedy, 'key');
    return null;
  }
  if (arp === undefined) {
    if (ethernet?.from !== undefined && ethernet.to === undefined) {
      const message = 'a packet with a source MAC address needs a destination, too';
      context.report([...at, 'ethernet'], message, 'add "to"');
      return null;
    }
    const read = normalizePacket(context, packet, at);
    return read === null ? null : { kind: 'ipv4', packet: read };
  }
  return {
    kind: 'arp',
    arp: {
      operation:
        typeof arp.operation === 'number' ? arp.operation : OPERATIONS[arp.operation ?? 'request'],
      senderMac: macOf(context, arp.senderMac, [...at, 'arp', 'senderMac']),
      senderIp: arp.senderIp ?? null,
      targetMac: macOf(context, arp.targetMac, [...at, 'arp', 'targetMac']),
      targetIp: arp.targetIp,
    },
  };
}

function macOf(context: Context, text: string | undefined, path: Path): MacAddress | null {
  return text === undefined ? null : (resolveMac(context, text, path)?.mac ?? null);
}
