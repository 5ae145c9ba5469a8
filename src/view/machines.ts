// The machines of a lab: hosts, nodes and pods.

import type { Lab } from '../lab/lab.ts';
import type { NetworkStack } from '../stack/stack.ts';
import { formatIpv4 } from '../wire/ipv4-address.ts';

/** One host, node or pod. */
export interface MachineRow {
  readonly name: string;
  readonly kind: 'host' | 'node' | 'pod';
  readonly state: 'up' | 'off';
  /** Without prefix lengths and without loopback's. */
  readonly addresses: readonly string[];
}

/** One machine or (null) all, in the order of the topology; pods last. @throws EgressLabError EGL_UNKNOWN_MACHINE */
export function machineRows(lab: Lab, of: string | null): MachineRow[] {
  const stacks = of === null ? lab.stacks() : [lab.stack(of)];
  return stacks.map((stack) => machineRow(lab, stack));
}

function machineRow(lab: Lab, stack: NetworkStack): MachineRow {
  const { name } = stack;
  const isNode = lab.cluster?.nodes.has(name) === true;
  const addresses = stack.interfaces
    .filter((iface) => iface !== stack.loopback)
    .flatMap((iface) => iface.addresses.map(({ address }) => formatIpv4(address)));
  return {
    name,
    kind: lab.machines.has(name) ? (isNode ? 'node' : 'host') : 'pod',
    state: stack.powered ? 'up' : 'off',
    addresses,
  };
}
