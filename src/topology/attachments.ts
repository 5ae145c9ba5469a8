// `attach:`: where the lab is joined to the real Linux kernel. Only `egresslab up` opens them, for the
// kernel's time can not be computed.
//
//   tap     a TAP device on a segment; the kernel's end is configured
//   tun     a TUN device as an emulated host's point-to-point interface
//   packet  an interface that exists already (veth, bridge port, NIC) on a segment, by AF_PACKET
//   raw     an emulated host's interface that speaks through the machine's own raw sockets

import { z } from 'zod';
import {
  ANY_ADDRESS,
  cidrContains,
  formatCidr,
  formatIpv4,
  type Ipv4Address,
  type Ipv4Cidr,
  networkOf,
} from '../wire/ipv4-address.ts';
import type { MacAddress } from '../wire/mac-address.ts';
import type { Context } from './context.ts';
import type { DerivedMacs } from './derived-mac.ts';
import { resolveAddress } from './interfaces.ts';
import type { InterfaceSpec } from './model.ts';
import type { Path, Position } from './position.ts';
import { DEFAULT_MTU } from './segments.ts';
import {
  type InterfaceAddress,
  integer,
  interfaceAddress,
  interfaceName,
  ipv4,
  mac,
  routeDestination,
} from './values.ts';

/** A route of the kernel's end. */
export interface KernelRoute {
  readonly to: Ipv4Cidr;
  readonly via: Ipv4Address | null;
}

interface AttachmentBase {
  /** As ports are called after it: 'egl0', for raw sockets the address. Unique in the lab. */
  readonly name: string;
  readonly position: Position;
  /** The network namespace of the kernel's end; null for that of the process. */
  readonly netns: string | null;
}

/** What the devices that we make have in common. */
interface MadeDevice extends AttachmentBase {
  /** False leaves the kernel's end as it is made: down, without address. */
  readonly configure: boolean;
  readonly mtu: number;
  readonly routes: readonly KernelRoute[];
  /** Large frames and unfinished checksums cross as they are (IFF_VNET_HDR). */
  readonly offload: boolean;
}

export interface TapAttachment extends MadeDevice {
  readonly kind: 'tap';
  readonly segment: string;
  /** The kernel's address; null for none. */
  readonly address: Ipv4Cidr | null;
  readonly mac: MacAddress;
}

export interface TunAttachment extends MadeDevice {
  readonly kind: 'tun';
  readonly host: string;
  readonly interface: string;
  /** The kernel's end of the point-to-point link. */
  readonly peer: Ipv4Cidr;
}

export interface PacketAttachment extends AttachmentBase {
  readonly kind: 'packet';
  readonly segment: string;
}

export interface RawAttachment extends AttachmentBase {
  readonly kind: 'raw';
  readonly host: string;
  readonly interface: string;
  /** An address of the machine, under which the emulated interface speaks. */
  readonly address: Ipv4Address;
}

export type AttachmentSpec = TapAttachment | TunAttachment | PacketAttachment | RawAttachment;

interface RawMade {
  readonly netns?: string;
  readonly configure?: boolean;
  readonly mtu?: number;
  readonly gateway?: Ipv4Address;
  readonly routes?: readonly { readonly to: Ipv4Cidr; readonly via?: Ipv4Address }[];
  readonly offload?: boolean;
}
interface RawTap extends RawMade {
  readonly tap: string;
  readonly segment: string;
  readonly address?: InterfaceAddress;
  readonly mac?: MacAddress;
}
interface RawTun extends RawMade {
  readonly tun: string;
  readonly host: string;
  readonly interface: string;
  readonly peer: InterfaceAddress;
}
interface RawPacket {
  readonly packet: string;
  readonly segment: string;
  readonly netns?: string;
}
interface RawRaw {
  readonly raw: Ipv4Address;
  readonly host: string;
  readonly interface: string;
}

export type RawAttachmentEntry = RawTap | RawTun | RawPacket | RawRaw;

/** ETH_MAX_MTU without the Ethernet header: the most a TAP device takes. */
const MAXIMUM_MTU = 65_521;

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
  .describe("The network namespace of the kernel's end; made if it is not there, and then removed");

const madeShape = {
  netns: netns.exactOptional(),
  configure: yesOrNo
    .exactOptional()
    .describe("False: the kernel's end is made but left down and without address"),
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

export const attachmentSchema: z.ZodType<RawAttachmentEntry> = z
  .union([
    z
      .strictObject({
        tap: interfaceName.describe('What the kernel shall call the TAP device'),
        segment,
        address: interfaceAddress.exactOptional().describe("The kernel's address"),
        mac: mac.exactOptional().describe("The kernel's MAC address"),
        ...madeShape,
      })
      .meta({ id: 'tapAttachment', description: 'A TAP device on a segment' }),
    z
      .strictObject({
        tun: interfaceName.describe('What the kernel shall call the TUN device'),
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
        raw: ipv4.describe('An address of this machine, under which the emulated host speaks'),
        host: hostName,
        interface: hostInterface,
      })
      .meta({ id: 'rawAttachment', description: "A host's interface through raw sockets" }),
  ])
  .meta({ id: 'attachment' });

/** Resolves names and checks addresses; to be called when all machines are known. */
export function normalizeAttachments(
  context: Context,
  macs: DerivedMacs,
  raw: readonly RawAttachmentEntry[],
  path: Path,
): AttachmentSpec[] {
  const attachments: AttachmentSpec[] = [];
  const ends = new Set<string>();
  for (const [index, given] of raw.entries()) {
    const at = [...path, index];
    const spec = normalizeAttachment(context, macs, given, at);
    if (spec === null) continue;
    if (attachments.some(({ name }) => name === spec.name)) {
      context.report(at, `${spec.name} is attached already`, 'each device is attached once');
      continue;
    }
    const end = 'host' in spec ? `${spec.host}/${spec.interface}` : null;
    if (end !== null && ends.has(end)) {
      context.report(at, `${end} is attached already`, 'an interface has one cable');
      continue;
    }
    if (end !== null) ends.add(end);
    attachments.push(spec);
  }
  return attachments;
}

function normalizeAttachment(
  context: Context,
  macs: DerivedMacs,
  raw: RawAttachmentEntry,
  path: Path,
): AttachmentSpec | null {
  const position = context.position(path);
  const base = { position, netns: ('netns' in raw ? raw.netns : null) ?? null };
  if ('tap' in raw) return normalizeTap(context, macs, raw, path, position);
  if ('packet' in raw) {
    if (!context.known(raw.segment, [...path, 'segment'], 'segment')) return null;
    return { ...base, kind: 'packet', name: raw.packet, segment: raw.segment };
  }
  const iface = pointToPoint(context, raw, path);
  if (iface === null) return null;
  const { host, interface: interfaceOf } = raw;
  if ('raw' in raw) {
    const text = formatIpv4(raw.raw);
    if (!iface.addresses.some(({ address }) => address === raw.raw)) {
      const message = `${host}/${interfaceOf} must have the address ${text}, for it speaks as this machine`;
      context.report([...path, 'raw'], message, `give the interface "address: ${text}/32"`);
      return null;
    }
    return { ...base, kind: 'raw', name: text, host, interface: interfaceOf, address: raw.raw };
  }
  return normalizeTun(context, raw, iface, path, position);
}

function normalizeTap(
  context: Context,
  macs: DerivedMacs,
  raw: RawTap,
  path: Path,
  position: Position,
): TapAttachment | null {
  if (!context.known(raw.segment, [...path, 'segment'], 'segment')) return null;
  const on = context.segments.get(raw.segment) ?? null;
  const address =
    raw.address === undefined
      ? null
      : resolveAddress(context, raw.address, on, [...path, 'address']);
  const mtu = raw.mtu ?? Math.min(on?.mtu ?? DEFAULT_MTU, MAXIMUM_MTU);
  return {
    kind: 'tap',
    name: raw.tap,
    position,
    segment: raw.segment,
    address,
    mac: raw.mac ?? macs.derive('kernel', raw.tap, address?.address ?? null),
    ...made(context, raw, mtu, address, path),
  };
}

function normalizeTun(
  context: Context,
  raw: RawTun,
  iface: InterfaceSpec,
  path: Path,
  position: Position,
): TunAttachment | null {
  const { host, interface: interfaceOf } = raw;
  const at = [...path, 'peer'];
  const peer = resolveAddress(
    context,
    { ...raw.peer, prefixLength: raw.peer.prefixLength ?? 32 },
    null,
    at,
  );
  if (peer === null) return null;
  const [own] = iface.addresses;
  if (own === undefined) {
    context.report(path, `${host}/${interfaceOf} has no address`, 'give it one under "hosts"');
    return null;
  }
  if (own.address === peer.address) {
    const message = `${formatIpv4(own.address)} is the address of ${host}/${interfaceOf} itself`;
    context.report(at, message, "write the kernel's address");
    return null;
  }
  if (peer.prefixLength < 32 && !cidrContains(peer, own.address)) {
    const message = `${formatCidr(peer)} does not hold ${formatIpv4(own.address)}, the address of ${host}/${interfaceOf}`;
    context.report(at, message, 'both ends of the link need addresses of one network');
    return null;
  }
  return {
    kind: 'tun',
    name: raw.tun,
    position,
    host,
    interface: interfaceOf,
    peer,
    ...made(context, raw, raw.mtu ?? iface.mtu, peer, path),
  };
}

/** What TAP and TUN devices share. */
function made(
  context: Context,
  raw: RawMade,
  mtu: number,
  own: Ipv4Cidr | null,
  path: Path,
): Omit<MadeDevice, 'name' | 'position'> {
  const configure = raw.configure ?? true;
  const routes: KernelRoute[] = (raw.routes ?? []).map(({ to, via = null }) => ({ to, via }));
  if (raw.gateway !== undefined) {
    routes.push({ to: EVERYWHERE, via: raw.gateway });
    if (own !== null && own.prefixLength < 32 && !cidrContains(own, raw.gateway)) {
      const network = formatCidr({ ...own, address: networkOf(own) });
      const message = `${formatIpv4(raw.gateway)} is not in ${network}, where the kernel could reach it`;
      context.report([...path, 'gateway'], message, "use an address of the lab's side");
    }
  }
  if (!configure && routes.length > 0) {
    const message = 'routes need a configured device';
    context.report([...path, 'configure'], message, 'leave out "configure: false", or the routes');
  }
  return { netns: raw.netns ?? null, configure, mtu, routes, offload: raw.offload ?? true };
}

const EVERYWHERE: Ipv4Cidr = { address: ANY_ADDRESS, prefixLength: 0 };

/** The interface that a `tun` or `raw` attachment is the cable of. */
function pointToPoint(context: Context, raw: RawTun | RawRaw, path: Path): InterfaceSpec | null {
  if (!context.known(raw.host, [...path, 'host'], 'host', 'node')) return null;
  const at = [...path, 'interface'];
  if (!context.declared.interfaces(raw.host).includes(raw.interface)) {
    context.unknown('interface', raw.interface, context.declared.interfaces(raw.host), at);
    return null;
  }
  const machine = context.machines.get(raw.host);
  const iface = machine?.interfaces.find(({ name }) => name === raw.interface);
  if (iface === undefined) return null;
  if (iface.segment !== null) {
    const message = `${raw.host}/${raw.interface} is on segment "${iface.segment}" already`;
    context.report(at, message, 'leave the "segment" of that interface out');
    return null;
  }
  return iface;
}
