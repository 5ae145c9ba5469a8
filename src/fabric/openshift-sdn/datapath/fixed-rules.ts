// The iptables rules that every OpenShift SDN node has (pkg/network/node/iptables.go): its chains are
// jumped to from the top, so they stand before what the administrator writes. Left out: the jump for
// kube-proxy's masquerade mark, which nothing in a lab sets.

import { present } from '../../../base/assert.ts';
import type { FilterChain } from '../../../nat/filter/filter.ts';
import type { FilterRule, FilterRuleSpec } from '../../../nat/filter/rule.ts';
import type { Netfilter } from '../../../nat/netfilter.ts';
import type { Interface } from '../../../stack/device/interface.ts';
import type { Ipv4Cidr } from '../../../wire/ipv4-address.ts';
import { IpProtocol, WellKnownPort } from '../../../wire/numbers.ts';

/** What the rules of one node name, and how its release writes them. */
export interface FixedRuleOptions {
  readonly clusterNetwork: Ipv4Cidr;
  /** Where the node's pods come from. */
  readonly tun: Interface;
  readonly blocksOnlySyns: boolean;
}

/** Of the machine config server, whose answers hold secrets. */
const MACHINE_CONFIG_PORTS = [22_623, 22_624];

/** Sets the rules up. Returns the last one of OPENSHIFT-FIREWALL-ALLOW: what egress IPs refuse comes next. */
export function installFixedRules(netfilter: Netfilter, options: FixedRuleOptions): FilterRule {
  const { clusterNetwork, tun, blocksOnlySyns } = options;
  const { filter, snat } = netfilter;
  const blocked = MACHINE_CONFIG_PORTS.map(
    (port): FilterRuleSpec => ({
      match: {
        protocol: IpProtocol.Tcp,
        destinationPorts: { low: port, high: port },
        ...(blocksOnlySyns ? { syn: true } : {}),
      },
      action: 'reject',
      comment: 'machine config server',
    }),
  );
  prepend(filter.output, blocked);
  prepend(filter.forward, [
    {
      match: { from: [clusterNetwork], states: ['invalid'] },
      action: 'drop',
      comment: 'nothing leaves untranslated',
    },
    { match: { to: [clusterNetwork] }, action: 'accept', comment: 'to the pod network' },
    { match: { from: [clusterNetwork] }, action: 'accept', comment: 'from the pod network' },
    ...blocked,
  ]);
  // OPENSHIFT-MASQUERADE-2
  snat.prepend({
    match: { source: clusterNetwork, notDestination: clusterNetwork },
    target: { kind: 'masquerade' },
    comment: 'pods leave with the node address',
  });
  const port = WellKnownPort.Vxlan;
  return prepend(filter.input, [
    {
      match: { protocol: IpProtocol.Udp, destinationPorts: { low: port, high: port } },
      action: 'accept',
      comment: 'VXLAN',
    },
    { match: { inInterface: tun.name }, action: 'accept', comment: 'traffic from the pod network' },
  ]);
}

/** Puts rules before all others, in this order; returns the last. */
function prepend(chain: FilterChain, specs: readonly FilterRuleSpec[]): FilterRule {
  const rules = specs.toReversed().map((spec) => chain.prepend(spec));
  return present(rules[0], 'there are rules to set up');
}
