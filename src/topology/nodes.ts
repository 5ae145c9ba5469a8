// `cluster.nodes`: Linux machines with a primary interface on the cluster's segment, a role, a pod subnet,
// and what the fabric wants to know of each.

import { z } from 'zod';
import { DEFAULT_NODE_INTERFACE } from '../schema/declared.ts';
import { type Labels, metadataShape } from '../schema/labels.ts';
import type { Path } from '../schema/position.ts';
import { interfaceAddress, interfaceName, network, type WrittenAddress } from '../schema/values.ts';
import type { Ipv4Cidr } from '../wire/ipv4-address.ts';
import type { Context } from './context.ts';
import type { DerivedMacs } from './derived-mac.ts';
import { type Dialect, sectionShape } from './dialect.ts';
import {
  interfaceExtrasShape,
  placedAddresses,
  plug,
  type RawInterface,
  type RawInterfaceExtras,
} from './interfaces.ts';
import {
  interfacesSchema,
  machineShape,
  normalizeInterfaces,
  normalizeMachine,
  type RawMachine,
} from './machines.ts';
import type { NodeSpec } from './model.ts';

/** A node as it is written. */
export interface RawNode extends RawMachine, RawInterfaceExtras {
  readonly role: 'master' | 'worker';
  readonly address: WrittenAddress;
  readonly interface: string;
  readonly subnet?: Ipv4Cidr;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly interfaces?: Readonly<Record<string, RawInterface>>;
}

const role: z.ZodType<'master' | 'worker'> = z.enum(['master', 'worker']);

/** One node, with the keys of the fabrics. */
export function nodeSchema(dialect: Dialect): z.ZodType<RawNode> {
  const own = {
    role: role.prefault('worker'),
    address: interfaceAddress.describe("The primary address, on the cluster's segment"),
    interface: interfaceName.prefault(DEFAULT_NODE_INTERFACE).describe('The primary interface'),
    subnet: network.exactOptional().describe('Pod addresses; the next free /23 when left out'),
  };
  const rest = {
    ...metadataShape,
    interfaces: interfacesSchema.exactOptional().describe('More interfaces (a multi-homed node)'),
    ...interfaceExtrasShape,
    ...machineShape,
  };
  return z.strictObject({ ...own, ...sectionShape(dialect, 'node'), ...rest }).meta({
    id: 'node',
    description: 'A node; link properties are those of its primary interface',
  });
}

/** Null when something was wrong that a cluster cannot do without, and reported. */
export function normalizeNode(
  context: Context,
  macs: DerivedMacs,
  name: string,
  raw: RawNode,
  segment: string,
  subnet: Ipv4Cidr,
  path: Path,
): NodeSpec | null {
  const primary = context.declared.has('segment', segment)
    ? plug(context, raw.interface, segment, raw, placedAddresses(raw, path), path)
    : null;
  const extra = normalizeInterfaces(context, raw.interfaces ?? {}, [...path, 'interfaces']);
  if (extra.some((other) => other.name === raw.interface)) {
    const at = [...path, 'interfaces', raw.interface];
    const message = `"${raw.interface}" is already the primary interface`;
    context.report(at, message, 'choose another name', 'key');
  }
  const interfaces = primary === null ? extra : [primary, ...extra];
  const forwarding = { ...raw, forwarding: true };
  const machine = normalizeMachine(context, macs, name, forwarding, interfaces, path);
  const address = primary?.addresses[0];
  if (address === undefined) return null;
  return {
    name,
    position: context.position(path, 'key'),
    role: raw.role,
    labels: raw.labels ?? {},
    annotations: raw.annotations ?? {},
    machine,
    primaryInterface: raw.interface,
    address,
    subnet,
  };
}
