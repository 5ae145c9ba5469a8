// The leaves of a topology: one schema per kind of value, each turning text into the number it means.
// The texts after "expected" are what a user reads when it cannot.

import { z } from 'zod';
import { parseBitRate, parseByteSize, parseDuration } from '../base/quantity.ts';
import type { Epoch } from '../sim/epoch.ts';
import type { Nanos } from '../sim/time.ts';
import { type Ipv4Address, type Ipv4Cidr, parseCidr, parseIpv4 } from '../wire/ipv4-address.ts';
import { isGroupMac, type MacAddress, parseMac, ZERO_MAC } from '../wire/mac-address.ts';
import type { AddressRange, PortRange } from '../wire/ranges.ts';
import { parseEpoch } from './epoch.ts';

/** Made from a text. */
export type Leaf<T> = z.ZodType<T, string>;
/** A key that may be left out. */
export type Optional<T> = z.ZodExactOptional<z.ZodType<T>>;

/**
 * A text that means something: `expected` completes "expected ...", `parse` returns null when the
 * text does not mean it. `id` names it in the JSON Schema.
 */
export function leaf<T>(
  id: string,
  expected: string,
  examples: readonly string[],
  parse: (text: string) => T | null,
): Leaf<T> {
  const error = `expected ${expected}`;
  return z
    .string({ error })
    .meta({ id, description: capitalize(expected), examples: [...examples] })
    .transform((text, context) => {
      const value = parse(text);
      if (value !== null) return value;
      context.issues.push({ code: 'custom', message: error, input: text });
      return z.NEVER;
    });
}

/** '1.5s', '200ms'; in nanoseconds. */
export const duration: Leaf<Nanos> = leaf(
  'duration',
  'a duration with its unit, such as 250ms or 5s',
  ['50us', '250ms', '5s', '10m'],
  parseDuration,
);

/** A duration of more than zero. */
export const positiveDuration: Leaf<Nanos> = leaf(
  'positiveDuration',
  'a duration above zero with its unit, such as 250ms or 5s',
  ['50us', '250ms', '5s', '10m'],
  (text) => {
    const nanos = parseDuration(text);
    return nanos === null || nanos === 0 ? null : nanos;
  },
);

/** '100mbit'; in bits per second. */
export const bitRate: Leaf<number> = leaf(
  'bitRate',
  'a rate with its unit, such as 100Mbit or 1Gbit',
  ['64Kbit', '100Mbit', '1Gbit'],
  (text) => {
    const rate = parseBitRate(text);
    return rate === null || rate === 0 ? null : rate;
  },
);

/** '512kB'; in octets. */
export const byteSize: Leaf<number> = leaf(
  'byteSize',
  'a size with its unit, such as 64KiB',
  ['1500B', '64KiB', '1MiB'],
  parseByteSize,
);

/** The calendar date of time zero. */
export const epoch: Leaf<Epoch> = leaf(
  'epoch',
  'a date and time with its zone (RFC 3339), such as 2020-05-09T08:00:00Z',
  ['2020-05-09T08:00:00Z'],
  parseEpoch,
);

/** An IPv4 address. */
export const ipv4: Leaf<Ipv4Address> = leaf(
  'ipv4Address',
  'an IPv4 address, such as 192.168.50.10',
  ['192.168.50.10'],
  parseIpv4,
);

/** Text that is an IPv4 address, kept as text because an API object will carry it. */
export const egressIp: Leaf<string> = leaf(
  'egressIP',
  'an egress IP: an IPv4 address, such as 192.168.50.120',
  ['192.168.50.120'],
  (text) => (parseIpv4(text) === null ? null : text),
);

/** Text that is a CIDR, kept as text: whether host bits matter is up to the SDN's profile. */
export const egressCidr: Leaf<string> = leaf(
  'egressCIDR',
  'a network, such as 192.168.50.0/24',
  ['192.168.50.0/24'],
  (text) => (parseCidr(text) === null ? null : text),
);

/** A network without host bits. */
export const network: Leaf<Ipv4Cidr> = leaf(
  'network',
  'a network without host bits, such as 192.168.50.0/24',
  ['192.168.50.0/24'],
  (text) => {
    const cidr = parseCidr(text);
    return cidr !== null && isCanonical(cidr) ? cidr : null;
  },
);

/** An address whose prefix length may be left to the segment; then prefixLength is null. */
export interface WrittenAddress {
  readonly address: Ipv4Address;
  readonly prefixLength: number | null;
}

/** An address with or without a prefix length. */
export const interfaceAddress: Leaf<WrittenAddress> = leaf(
  'interfaceAddress',
  'an address with its prefix length, such as 192.168.50.10/24',
  ['192.168.50.10/24'],
  (text) => {
    const cidr = parseCidr(text);
    if (cidr !== null) return cidr;
    const address = parseIpv4(text);
    return address === null ? null : { address, prefixLength: null };
  },
);

/** An address or a network; an address stands for itself alone (/32). */
export const addressOrNetwork: Leaf<Ipv4Cidr> = leaf(
  'addressOrNetwork',
  'an address or a network, such as 192.168.50.10 or 192.168.50.0/24',
  ['192.168.50.10', '192.168.50.0/24'],
  (text) => {
    const cidr = parseCidr(text);
    if (cidr !== null) return isCanonical(cidr) ? cidr : null;
    const address = parseIpv4(text);
    return address === null ? null : { address, prefixLength: 32 };
  },
);

/** What a route leads to. */
export const routeDestination: Leaf<Ipv4Cidr> = leaf(
  'routeDestination',
  '"default", a network or an address, such as 10.0.0.0/8',
  ['default', '10.0.0.0/8', '10.1.2.3'],
  (text) => {
    const parsed = text === 'default' ? '0.0.0.0/0' : text;
    const cidr = parseCidr(parsed.includes('/') ? parsed : `${parsed}/32`);
    return cidr !== null && isCanonical(cidr) ? cidr : null;
  },
);

/** 'a-b', or a single address. */
export const addressRange: Leaf<AddressRange> = leaf(
  'addressRange',
  'an address or a range, such as 203.0.113.1 or 203.0.113.1-203.0.113.4',
  ['203.0.113.1', '203.0.113.1-203.0.113.4'],
  (text) => {
    const [first = '', last = first, ...rest] = text.split('-').map((part) => part.trim());
    const low = parseIpv4(first);
    const high = parseIpv4(last);
    if (low === null || high === null || rest.length > 0 || high < low) return null;
    return { low, high };
  },
);

/** A MAC address of six octets in hexadecimal. */
export const mac: Leaf<MacAddress> = leaf(
  'mac',
  'the MAC address of a station, such as 02:00:00:00:00:0a',
  ['02:00:00:00:00:0a'],
  (text) => {
    const address = parseMac(text);
    return address === null || address === ZERO_MAC || isGroupMac(address) ? null : address;
  },
);

const PORT_EXPECTED = 'expected a port, 1 to 65535';

/** A TCP or UDP port: 1 to 65535. */
export const port: z.ZodType<number> = z
  .int({ error: PORT_EXPECTED })
  .min(1, { error: PORT_EXPECTED })
  .max(65_535, { error: PORT_EXPECTED })
  .meta({ id: 'port', description: 'A TCP or UDP port' });

/** 5432, '1024-2047' or 'any' (then null). */
export const ports: z.ZodType<PortRange | null> = z.union([
  port.transform((single) => ({ low: single, high: single })),
  leaf('portRange', 'a port, a range such as 1024-2047, or any', ['1024-2047', 'any'], parsePorts),
]);

function parsePorts(text: string): PortRange | null {
  if (text === 'any') return ANY_PORT;
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text);
  const low = Number(match?.[1] ?? 0);
  const high = Number(match?.[2] ?? 0);
  return low >= 1 && high >= low && high <= 65_535 ? { low, high } : null;
}

/** What `tcp: any` means. */
export const ANY_PORT: PortRange = { low: 0, high: 65_535 };

/** 0.1 or '10%'. */
export const probability: z.ZodType<number> = z.union([
  z
    .number({ error: 'expected a probability, such as 0.1 or 10%' })
    .min(0, { error: 'expected a probability, 0 to 1 (or 0% to 100%)' })
    .max(1, { error: 'expected a probability, 0 to 1 (or 0% to 100%)' }),
  leaf('percentage', 'a probability, such as 0.1 or 10%', ['10%'], parsePercentage),
]);

/** '10%' → 0.1; null outside 0% to 100%. */
export function parsePercentage(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?) ?%$/.exec(text);
  if (match === null) return null;
  const ratio = Number(match[1]) / 100;
  return ratio <= 1 ? ratio : null;
}

const NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** What hosts, segments, nodes, pods, namespaces and flows are called. */
export const name: z.ZodType<string, string> = z.string({ error: 'expected a name' }).regex(NAME, {
  error: 'a name has 1 to 63 letters, digits, ".", "_" or "-", and a letter or digit at both ends',
});

/** What Kubernetes lets objects be called (RFC 1123). */
export const objectName: z.ZodType<string, string> = z
  .string({ error: 'expected a name' })
  .regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/, {
    error:
      'a name in the cluster has 1 to 63 lower-case letters, digits, "." or "-", and a letter or digit at both ends',
  });

/** IFNAMSIZ is 16 with the final zero; dev_valid_name() refuses '/', ':' and blanks. */
export const interfaceName: z.ZodType<string, string> = z
  .string({ error: 'expected the name of an interface' })
  .regex(/^(?!\.{1,2}$)[^\s/:]{1,15}$/u, {
    error: 'the name of an interface has 1 to 15 characters, without blanks, "/" and ":"',
  });

/** A whole number from `low` to `high`. */
export function integer(low: number, high: number, what: string): z.ZodType<number> {
  const error = `expected ${what}, ${low} to ${high}`;
  return z.int({ error }).min(low, { error }).max(high, { error });
}

/** A mapping; an entry that is left empty is reported as such, not as a type of zod's. */
export function mapping<T>(
  key: z.ZodType<string, string>,
  value: z.ZodType<T>,
): z.ZodType<Record<string, T>> {
  return z.record(key, value, { error: 'expected a mapping of names to values' });
}

/** One value or a list of them. */
export function oneOrMore<T>(value: z.ZodType<T>): z.ZodType<readonly T[]> {
  return z.union([z.array(value), value.transform((single) => [single])]);
}

function isCanonical(cidr: Ipv4Cidr): boolean {
  return cidr.prefixLength === 32 || cidr.address % 2 ** (32 - cidr.prefixLength) === 0;
}

function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
