// How an attachment is written. One strict object per kind, told apart by the key that marks it.

import { z } from 'zod';
import {
  integer,
  interfaceAddress,
  interfaceName,
  ipv4,
  mac,
  routeDestination,
  type WrittenAddress,
} from '../../schema/values.ts';
import type { Ipv4Address, Ipv4Cidr } from '../../wire/ipv4-address.ts';
import type { MacAddress } from '../../wire/mac-address.ts';

/** Keys of devices that the lab makes in the kernel. */
export interface RawMade {
  readonly netns?: string;
  readonly configure?: boolean;
  readonly mtu?: number;
  readonly gateway?: Ipv4Address;
  readonly routes?: readonly { readonly to: Ipv4Cidr; readonly via?: Ipv4Address }[];
  readonly offload?: boolean;
}
/** A TAP device as it is written. */
export interface RawTap extends RawMade {
  readonly tap: string;
  readonly segment: string;
  readonly address?: WrittenAddress;
  readonly mac?: MacAddress;
}
/** A TUN device as it is written. */
export interface RawTun extends RawMade {
  readonly tun: string;
  readonly host: string;
  readonly interface: string;
  readonly peer: WrittenAddress;
}
/** An existing interface as it is written. */
export interface RawPacketSocket {
  readonly packet: string;
  readonly segment: string;
  readonly netns?: string;
}
/** A raw attachment as it is written. */
export interface RawRaw {
  readonly raw: Ipv4Address;
  readonly host: string;
  readonly interface: string;
}

/** An entry of `attach:` as it is written. */
export type RawAttachmentEntry = RawTap | RawTun | RawPacketSocket | RawRaw;

/** ETH_MAX_MTU without the Ethernet header: the most a TAP device takes. */
export const MAXIMUM_MTU: number = 65_521;

const yesOrNo: z.ZodType<boolean> = z.boolean({ error: 'expected true or false' });
const segment: z.ZodType<string> = z.string({ error: 'expected the name of a segment' });
const hostName: z.ZodType<string> = z.string({ error: 'expected the name of a host or node' });
const hostInterface: z.ZodType<string> = z
  .string({ error: 'expected the name of an interface' })
  .describe('An interface of the host that is written without a segment');

/** iproute2 makes a file of that name. */
const netns: z.ZodType<string, string> = z
  .string({ error: 'expected the name of a network namespace' })
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/, {
    error: 'the name of a namespace has 1 to 64 letters, digits, ".", "_" or "-"',
  })
  .describe(
    "The network namespace of the kernel's end; created if it does not exist, and then removed at the end",
  );

const madeShape = {
  netns: netns.exactOptional(),
  configure: yesOrNo
    .exactOptional()
    .describe("False: the kernel's end is created, but left down and without an address"),
  mtu: integer(68, MAXIMUM_MTU, 'an MTU').exactOptional(),
  gateway: ipv4.exactOptional().describe("The next hop of the kernel's default route"),
  routes: z
    .array(
      z.strictObject({ to: routeDestination, via: ipv4.exactOptional().describe('The next hop') }),
    )
    .exactOptional()
    .describe('More routes of the kernel into the lab'),
  offload: yesOrNo
    .exactOptional()
    .describe('False: the kernel finishes checksums and cuts segments itself (slower)'),
};

/** An entry of `attach:`. */
export const attachmentSchema: z.ZodType<RawAttachmentEntry> = z
  .union([
    z
      .strictObject({
        tap: interfaceName.describe('Name of the TAP device in the kernel'),
        segment,
        address: interfaceAddress.exactOptional().describe("The kernel's address"),
        mac: mac.exactOptional().describe("The kernel's MAC address"),
        ...madeShape,
      })
      .meta({ id: 'tapAttachment', description: 'A TAP device on a segment' }),
    z
      .strictObject({
        tun: interfaceName.describe('Name of the TUN device in the kernel'),
        host: hostName,
        interface: hostInterface,
        peer: interfaceAddress.describe("The kernel's address on the point-to-point link"),
        ...madeShape,
      })
      .meta({ id: 'tunAttachment', description: "A TUN device as a host's point-to-point link" }),
    z
      .strictObject({
        packet: interfaceName.describe('An interface that exists: veth, bridge port, NIC'),
        segment,
        netns: netns.exactOptional(),
      })
      .meta({ id: 'packetAttachment', description: 'An existing interface on a segment' }),
    z
      .strictObject({
        raw: ipv4.describe('An address of this machine that the emulated host uses'),
        host: hostName,
        interface: hostInterface,
      })
      .meta({ id: 'rawAttachment', description: "A host's interface through raw sockets" }),
  ])
  .meta({ id: 'attachment' });
