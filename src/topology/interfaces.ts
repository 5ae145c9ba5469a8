// `interfaces:` of a host or node: where it is plugged in, its addresses, its MAC.

import { z } from 'zod';
import type { Path } from '../schema/position.ts';
import { interfaceAddress, mac, type Optional, type WrittenAddress } from '../schema/values.ts';
import { DEFAULT_MTU } from '../wire/ethernet.ts';
import {
  broadcastOf,
  cidrContains,
  formatCidr,
  formatIpv4,
  type Ipv4Address,
  type Ipv4Cidr,
  ipv4Address,
  isLoopback,
  isMulticast,
  networkOf,
} from '../wire/ipv4-address.ts';
import type { MacAddress } from '../wire/mac-address.ts';
import { cable, cableShape, linkProperties, type RawCable } from './cable.ts';
import type { Context } from './context.ts';
import type { InterfaceSpec, SegmentSpec } from './model.ts';
import { reportReservedInterface } from './reserved-names.ts';
import { mtu } from './segments.ts';
import { normalizeSnat, type RawSnat, snatSchema } from './snat.ts';
import { type RawSysctls, sysctlsSchema } from './sysctls.ts';

/** What the primary interface of a node takes too. */
export interface RawInterfaceExtras extends RawCable {
  readonly addresses?: readonly WrittenAddress[];
  readonly mac?: MacAddress;
  readonly mtu?: number;
  readonly snat?: RawSnat;
}

/** An interface as it is written. */
export interface RawInterface extends RawInterfaceExtras {
  /** Left out for interfaces that are attached to the kernel. */
  readonly segment?: string;
  readonly address?: WrittenAddress;
  readonly sysctls?: RawSysctls;
}

type CableShape = typeof cableShape;
interface ExtrasShape extends CableShape {
  readonly addresses: Optional<readonly WrittenAddress[]>;
  readonly mac: Optional<MacAddress>;
  readonly mtu: Optional<number>;
  readonly snat: Optional<RawSnat>;
}

/** The keys themselves, to be spread into a schema. */
export const interfaceExtrasShape: ExtrasShape = {
  addresses: z.array(interfaceAddress).exactOptional().describe('More addresses'),
  mac: mac.exactOptional().describe('Derived from lab, machine and interface when left out'),
  mtu: mtu.exactOptional(),
  snat: snatSchema.exactOptional().describe('Source NAT of what leaves here'),
  ...cableShape,
};

/** An interface of a host. */
export const interfaceSchema: z.ZodType<RawInterface> = z
  .strictObject({
    segment: z
      .string({ error: 'expected the name of a segment' })
      .exactOptional()
      .describe('Where it is plugged in; left out where `attach:` connects it to the kernel'),
    address: interfaceAddress
      .exactOptional()
      .describe("The primary address; the prefix length may be left to the segment's subnet"),
    ...interfaceExtrasShape,
    sysctls: sysctlsSchema.exactOptional(),
  })
  .meta({
    id: 'interface',
    description: 'An Ethernet interface; link properties are those of its cable',
  });

/** An address and where it was written. */
interface Placed {
  readonly given: WrittenAddress;
  readonly path: Path;
}

/** Everything but the MAC, which is derived once all fixed ones are known. */
export type Unaddressed = Omit<InterfaceSpec, 'mac'> & { readonly mac: MacAddress | null };

/** Null when the segment is unknown or broken. */
export function normalizeInterface(
  context: Context,
  name: string,
  raw: RawInterface,
  path: Path,
): Unaddressed | null {
  if (raw.segment === undefined) {
    if (!context.declared.isAttached(String(path.at(-3)), name)) {
      const at = [...path, 'segment'];
      const remedy = `"${name}" needs the key "segment"`;
      if (!context.damaged(path)) context.report(at, '"segment" is missing', remedy, 'key');
      return null;
    }
  } else if (!context.known(raw.segment, [...path, 'segment'], 'segment')) return null;
  return plug(context, name, raw.segment ?? null, raw, placedAddresses(raw, path), path);
}

/** `address` first, then `addresses`, each with its own place. */
export function placedAddresses(
  raw: { readonly address?: WrittenAddress; readonly addresses?: readonly WrittenAddress[] },
  path: Path,
): Placed[] {
  const placed: Placed[] = [];
  if (raw.address !== undefined) placed.push({ given: raw.address, path: [...path, 'address'] });
  for (const [index, given] of (raw.addresses ?? []).entries()) {
    placed.push({ given, path: [...path, 'addresses', index] });
  }
  return placed;
}

/** An interface on a segment that is known to be declared, or null for one that is attached to the kernel. */
export function plug(
  context: Context,
  name: string,
  segmentName: string | null,
  raw: RawInterfaceExtras,
  placed: readonly Placed[],
  path: Path,
): Unaddressed | null {
  reportReservedInterface(context, name, path);
  const segment = segmentName === null ? null : (context.segments.get(segmentName) ?? null);
  const addresses: Ipv4Cidr[] = [];
  for (const { given, path: at } of placed) {
    const alone =
      segmentName === null ? { ...given, prefixLength: given.prefixLength ?? 32 } : given;
    const cidr = resolveAddress(context, alone, segment, at);
    if (cidr === null) continue;
    if (addresses.some(({ address }) => address === cidr.address)) {
      context.report(at, `${formatIpv4(cidr.address)} is already an address of this interface`);
    } else {
      addresses.push(cidr);
    }
  }
  return {
    name,
    position: context.position(path, 'key'),
    segment: segmentName,
    addresses,
    mac: raw.mac ?? null,
    mtu: raw.mtu ?? segment?.mtu ?? DEFAULT_MTU,
    cable: cable(raw, segment?.link ?? linkProperties({})),
    snat: raw.snat === undefined ? [] : normalizeSnat(context, raw.snat, [...path, 'snat']),
  };
}

/** Gives the interface its MAC; `derive` is asked when none was written. */
export function withMac(
  given: Unaddressed,
  derive: (address: Ipv4Address | null) => MacAddress,
): InterfaceSpec {
  return { ...given, mac: given.mac ?? derive(given.addresses[0]?.address ?? null) };
}

/** Fills in the segment's prefix length, and checks that a station of the segment can have the address. */
export function resolveAddress(
  context: Context,
  given: WrittenAddress,
  segment: SegmentSpec | null,
  path: Path,
): Ipv4Cidr | null {
  const subnet = segment?.subnet ?? null;
  const text = formatIpv4(given.address);
  const prefixLength = given.prefixLength ?? subnet?.prefixLength ?? null;
  if (prefixLength === null) {
    // A broken segment has been reported already.
    if (segment !== null) {
      const message = `${text} needs a prefix length, for segment "${segment.name}" has no subnet`;
      context.report(path, message, `write ${text}/24, for example`);
    }
    return null;
  }
  const cidr = { address: given.address, prefixLength };
  if (isMulticast(given.address) || isLoopback(given.address) || given.address >>> 24 === 0) {
    context.report(path, `${text} cannot be the address of an interface`, 'use a unicast address');
    return null;
  }
  if (segment !== null && subnet !== null && !cidrContains(subnet, given.address)) {
    const message = `${text} is outside ${formatCidr(subnet)}, the subnet of segment "${segment.name}"`;
    context.report(path, message, `use ${describeHosts(subnet)}, or another segment`);
    return null;
  }
  const broadcast = broadcastOf(cidr);
  if (broadcast !== null && (given.address === broadcast || given.address === networkOf(cidr))) {
    const what = given.address === broadcast ? 'broadcast address' : 'own address';
    const network = { address: networkOf(cidr), prefixLength };
    context.report(
      path,
      `${text} is the ${what} of the network ${formatCidr(network)}`,
      `use ${describeHosts(network)}`,
    );
    return null;
  }
  return cidr;
}

/** 'an address from 192.168.50.1 to 192.168.50.254'. */
function describeHosts(subnet: Ipv4Cidr): string {
  const broadcast = broadcastOf(subnet);
  if (broadcast === null) return `an address of ${formatCidr(subnet)}`;
  const first = formatIpv4(ipv4Address(subnet.address + 1));
  return `an address from ${first} to ${formatIpv4(ipv4Address(broadcast - 1))}`;
}
