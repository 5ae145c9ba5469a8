// `snat:` on an interface: source NAT of what leaves there, as `iptables -t nat -A POSTROUTING -o`
// with -j MASQUERADE or -j SNAT. The first rule that matches a new connection decides.

import { z } from 'zod';
import type { Path } from '../schema/position.ts';
import { ANY_PORT, addressOrNetwork, addressRange, oneOrMore, ports } from '../schema/values.ts';
import type { Ipv4Cidr } from '../wire/ipv4-address.ts';
import type { AddressRange, PortRange } from '../wire/ranges.ts';
import type { Context } from './context.ts';
import type { InterfaceSnatRule, TransportName } from './model.ts';

interface RawSnatRule {
  readonly from?: Ipv4Cidr;
  readonly destination?: Ipv4Cidr;
  readonly protocol?: TransportName;
  readonly to?: readonly AddressRange[];
  readonly ports?: PortRange | null;
  readonly random?: boolean;
  readonly randomFully?: boolean;
  readonly persistent?: boolean;
}

/** `snat:` as it is written. */
export type RawSnat = 'masquerade' | readonly RawSnatRule[];

/** A protocol that a rule can name. */
export const transport: z.ZodType<TransportName> = z.enum(['tcp', 'udp', 'icmp']);
const flag: z.ZodType<boolean> = z.boolean({ error: 'expected true or false' });

const rule: z.ZodType<RawSnatRule> = z
  .strictObject({
    from: addressOrNetwork.exactOptional().describe('Source before translation'),
    destination: addressOrNetwork.exactOptional(),
    protocol: transport.exactOptional(),
    to: oneOrMore(addressRange)
      .exactOptional()
      .describe("New source; without it the interface's own address (masquerade)"),
    ports: ports.exactOptional().describe('Source ports to choose from'),
    random: flag.exactOptional(),
    randomFully: flag.exactOptional(),
    persistent: flag.exactOptional(),
  })
  .meta({ id: 'snatRule' });

/** `snat:`, masquerading alone or rules. */
export const snatSchema: z.ZodType<RawSnat> = z.union([
  z.literal('masquerade', { error: 'expected "masquerade", a rule or a list of rules' }),
  z.array(rule),
  rule.transform((single) => [single]),
]);

/** The rules, in the order of the file. */
export function normalizeSnat(context: Context, raw: RawSnat, path: Path): InterfaceSnatRule[] {
  if (raw === 'masquerade') return [{ ...EVERYTHING, position: context.position(path) }];
  return raw.map((given, index) => {
    const single = !context.isList(path);
    const at = single ? path : [...path, index];
    const range = given.ports ?? null;
    if (range !== null && given.protocol === 'icmp') {
      context.report([...at, 'ports'], 'ICMP has no ports', 'leave "ports" or "protocol" out');
    }
    return {
      position: context.position(at),
      source: given.from ?? null,
      destination: given.destination ?? null,
      protocol: given.protocol ?? null,
      to: given.to ?? 'masquerade',
      ports: range === ANY_PORT ? null : range,
      random: given.random ?? false,
      randomFully: given.randomFully ?? false,
      persistent: given.persistent ?? false,
    };
  });
}

const EVERYTHING: Omit<InterfaceSnatRule, 'position'> = {
  source: null,
  destination: null,
  protocol: null,
  to: 'masquerade',
  ports: null,
  random: false,
  randomFully: false,
  persistent: false,
};
