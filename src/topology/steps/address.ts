// `addAddress: 192.168.50.120/24` and `removeAddress: 192.168.50.120`, as `ip address` does.

import { z } from 'zod';
import type { Path } from '../../schema/position.ts';
import { interfaceAddress, ipv4, type WrittenAddress } from '../../schema/values.ts';
import {
  cidrContains,
  formatIpv4,
  type Ipv4Address,
  type Ipv4Cidr,
} from '../../wire/ipv4-address.ts';
import type { Context } from '../context.ts';
import { defineStep, type StepDefinition, stepShape } from './definition.ts';
import type { InterfaceReference, StepBase } from './step.ts';

/** The gratuitous ARP that follows an added address: `arping -U` sends requests, `arping -A` replies. */
export type AnnounceOption = 'none' | 'request' | 'reply';

/** Puts an address on an interface, as `ip addr add`. */
export interface AddAddressStep extends StepBase {
  readonly kind: 'add-address';
  readonly on: InterfaceReference;
  readonly address: Ipv4Cidr;
  readonly announce: AnnounceOption;
}

/** Takes an address off, as `ip addr del`. */
export interface RemoveAddressStep extends StepBase {
  readonly kind: 'remove-address';
  readonly on: InterfaceReference;
  readonly address: Ipv4Address;
}

/** What every machine has, though no topology says so. */
const LOOPBACK = 'lo';

const interfaceText = z.string({ error: 'expected "host/interface"' });
const announcement: z.ZodType<boolean | AnnounceOption> = z.union([
  z.boolean({ error: 'expected true, false, request, reply or none' }),
  z.enum(['none', 'request', 'reply']),
]);

/** `addAddress:` as a scenario writes it. */
export const addAddress: StepDefinition<AddAddressStep> = defineStep(
  'addAddress',
  z
    .strictObject({
      ...stepShape,
      addAddress: interfaceAddress,
      to: interfaceText.describe(
        '"host/interface" ("host/lo" too), or a host for its first interface',
      ),
      announce: announcement
        .exactOptional()
        .describe('Gratuitous ARP: request (or true), reply, none (or false, the default)'),
    })
    .meta({ id: 'addAddressStep' }),
  (context, raw, base, path) => {
    const on = context.interface(raw.to, [...path, 'to'], LOOPBACK);
    if (on === null) return null;
    const address = withPrefix(context, raw.addAddress, on, [...path, 'addAddress']);
    if (address === null) return null;
    return { ...base, kind: 'add-address', on, address, announce: announce(raw.announce) };
  },
);

/** `removeAddress:` as a scenario writes it. */
export const removeAddress: StepDefinition<RemoveAddressStep> = defineStep(
  'removeAddress',
  z
    .strictObject({
      ...stepShape,
      removeAddress: ipv4,
      from: interfaceText.describe('"host/interface", or a host for its first interface'),
    })
    .meta({ id: 'removeAddressStep' }),
  (context, raw, base, path) => {
    const on = context.interface(raw.from, [...path, 'from'], LOOPBACK);
    return on === null ? null : { ...base, kind: 'remove-address', on, address: raw.removeAddress };
  },
);

function announce(given: boolean | AnnounceOption | undefined): AnnounceOption {
  if (given === undefined || given === false) return 'none';
  return given === true ? 'request' : given;
}

/** The segment's prefix length where none is written. */
function withPrefix(
  context: Context,
  given: WrittenAddress,
  on: InterfaceReference,
  path: Path,
): Ipv4Cidr | null {
  const { address, prefixLength } = given;
  if (prefixLength !== null) return { address, prefixLength };
  if (on.interface === LOOPBACK) return { address, prefixLength: 32 };
  const spec = context.machines
    .get(on.machine)
    ?.interfaces.find(({ name }) => name === on.interface);
  if (spec?.segment === null) return { address, prefixLength: 32 };
  const segment = spec === undefined ? undefined : context.segments.get(spec.segment);
  // A broken machine or segment has been reported already.
  if (segment === undefined) return null;
  if (segment.subnet !== null && cidrContains(segment.subnet, address)) {
    return { address, prefixLength: segment.subnet.prefixLength };
  }
  const message = `${formatIpv4(address)} needs a prefix length, for it is outside the segment's subnet`;
  context.report(path, message, `write ${formatIpv4(address)}/32 or its network's length`);
  return null;
}
