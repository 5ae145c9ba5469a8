// `snat:` and `firewall:` of a machine as rules of its netfilter. What is not asked for is not attached.

import type { FilterMatch, FilterRuleSpec } from '../nat/filter/rule.ts';
import type { Netfilter } from '../nat/netfilter.ts';
import type { SnatMatch, SnatRuleSpec, SnatTarget } from '../nat/snat/rule.ts';
import type {
  FirewallRule,
  InterfaceSnatRule,
  MachineSpec,
  TransportName,
} from '../topology/model.ts';
import { IpProtocol } from '../wire/numbers.ts';

/** The numbers of the protocols that rules name. */
export const PROTOCOL_NUMBERS: Readonly<Record<TransportName, number>> = {
  icmp: IpProtocol.Icmp,
  tcp: IpProtocol.Tcp,
  udp: IpProtocol.Udp,
};

/** Rules of nat POSTROUTING, interface by interface, in the order of the file. */
export function applySnat(netfilter: Netfilter, spec: MachineSpec): void {
  for (const { name, snat } of spec.interfaces) {
    for (const rule of snat) {
      netfilter.snat.append(snatRule(rule, name));
    }
  }
}

/** Rules of the filter table; what matches none is accepted. */
export function applyFirewall(netfilter: Netfilter, rules: readonly FirewallRule[]): void {
  for (const rule of rules) {
    netfilter.filter.chain(rule.chain).append(firewallRule(rule));
  }
}

/** A rule of nat POSTROUTING for what leaves by `outInterface`. */
export function snatRule(rule: InterfaceSnatRule, outInterface: string): SnatRuleSpec {
  return { match: snatMatch(rule, outInterface), target: snatTarget(rule) };
}

/** A rule of the filter table. */
export function firewallRule(rule: FirewallRule): FilterRuleSpec {
  return { match: filterMatch(rule), action: rule.action };
}

function snatMatch(rule: InterfaceSnatRule, outInterface: string): SnatMatch {
  return {
    outInterface,
    ...(rule.source === null ? {} : { source: rule.source }),
    ...(rule.destination === null ? {} : { destination: rule.destination }),
    ...(rule.protocol === null ? {} : { protocol: PROTOCOL_NUMBERS[rule.protocol] }),
  };
}

function snatTarget(rule: InterfaceSnatRule): SnatTarget {
  const random = rule.random || rule.randomFully;
  const ports = rule.ports === null ? {} : { ports: rule.ports };
  if (rule.to === 'masquerade') return { kind: 'masquerade', random, ...ports };
  return { kind: 'snat', addresses: rule.to, random, persistent: rule.persistent, ...ports };
}

function filterMatch(rule: FirewallRule): FilterMatch {
  return {
    ...(rule.from.length === 0 ? {} : { from: rule.from }),
    ...(rule.to.length === 0 ? {} : { to: rule.to }),
    ...(rule.protocol === null ? {} : { protocol: PROTOCOL_NUMBERS[rule.protocol] }),
    ...(rule.ports === null ? {} : { destinationPorts: rule.ports }),
    ...(rule.icmpType === null ? {} : { icmpType: rule.icmpType }),
    ...(rule.inInterface === null ? {} : { inInterface: rule.inInterface }),
    ...(rule.outInterface === null ? {} : { outInterface: rule.outInterface }),
    ...(rule.states.length === 0 ? {} : { states: rule.states }),
  };
}
