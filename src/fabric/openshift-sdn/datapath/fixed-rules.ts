// The iptables rules that every OpenShift SDN node has (pkg/network/node/iptables.go): its chains are
// jumped to from the top, so they stand before what the administrator writes. Left out: the jump for
// kube-proxy's masquerade mark, which nothing in a lab sets.

import { present } from '../../../base/assert.ts';
import type { FilterChain } from '../../../nat/filter/filter.ts';
import type { FilterRule, FilterRuleSpec } from '../../../nat/filter/rule.ts';
import type { Netfilter } from '../../../nat/netfilter.ts';
import type { SnatRuleSpec } from '../../../nat/snat/rule.ts';
import type { Ipv4Cidr } from '../../../wire/ipv4-address.ts';
import { IpProtocol, WellKnownPort } from '../../../wire/numbers.ts';

/** What the rules name, and how the release writes them. */
export interface FixedRuleOptions {
  readonly clusterNetwork: Ipv4Cidr;
  /** The interface from which the node's pods come. */
  readonly tun: string;
  readonly blocksOnlySyns: boolean;
}

/** The rules of every node of a cluster: they name nothing of one node, so all nodes share them. */
export interface FixedRules {
  readonly input: readonly FilterRuleSpec[];
  readonly forward: readonly FilterRuleSpec[];
  readonly output: readonly FilterRuleSpec[];
  readonly snat: SnatRuleSpec;
}

/** Of the machine config server, whose answers hold secrets. */
const MACHINE_CONFIG_PORTS = [22_623, 22_624];

/** The rules of a cluster's nodes. */
export function fixedRules({ blocksOnlySyns, clusterNetwork, tun }: FixedRuleOptions): FixedRules {
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
  const vxlan = WellKnownPort.Vxlan;
  return {
    input: [
      {
        match: { protocol: IpProtocol.Udp, destinationPorts: { low: vxlan, high: vxlan } },
        action: 'accept',
        comment: 'VXLAN',
      },
      { match: { inInterface: tun }, action: 'accept', comment: 'traffic from the pod network' },
    ],
    forward: [
      {
        match: { from: [clusterNetwork], states: ['invalid'] },
        action: 'drop',
        comment: 'nothing leaves untranslated',
      },
      { match: { to: [clusterNetwork] }, action: 'accept', comment: 'to the pod network' },
      { match: { from: [clusterNetwork] }, action: 'accept', comment: 'from the pod network' },
      ...blocked,
    ],
    output: blocked,
    // OPENSHIFT-MASQUERADE-2
    snat: {
      match: { source: clusterNetwork, notDestination: clusterNetwork },
      target: { kind: 'masquerade' },
      comment: 'pods leave with the node address',
    },
  };
}

/** Sets the rules up. Returns the last one of OPENSHIFT-FIREWALL-ALLOW: what egress IPs refuse comes next. */
export function installFixedRules({ filter, snat }: Netfilter, rules: FixedRules): FilterRule {
  prepend(filter.output, rules.output);
  prepend(filter.forward, rules.forward);
  snat.prepend(rules.snat);
  return prepend(filter.input, rules.input);
}

/** Puts rules before all others, in this order; returns the last. */
function prepend(chain: FilterChain, specs: readonly FilterRuleSpec[]): FilterRule {
  const rules = specs.toReversed().map((spec) => chain.prepend(spec));
  return present(rules[0], 'there are rules to set up');
}
