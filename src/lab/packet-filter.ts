// `snat:` and `firewall:` of a machine as rules of its netfilter. What is not asked for is not attached.

import type { FilterMatch } from '../nat/filter/rule.ts';
import type { Netfilter } from '../nat/netfilter.ts';
import type { SnatMatch, SnatTarget } from '../nat/snat/rule.ts';
import type { FirewallRule, MachineSpec, SnatRule, TransportName } from '../topology/model.ts';
import { IpProtocol } from '../wire/numbers.ts';

const PROTOCOLS: Readonly<Record<TransportName, number>> = {
  icmp: IpProtocol.Icmp,
  tcp: IpProtocol.Tcp,
  udp: IpProtocol.Udp,
};

/** Rules of nat POSTROUTING, interface by interface, in the order of the file. */
export function applySnat(netfilter: Netfilter, spec: MachineSpec): void {
  for (const { name, snat } of spec.interfaces) {
    for (const rule of snat) {
      netfilter.snat.append({ match: snatMatch(rule, name), target: snatTarget(rule) });
    }
  }
}

/** Rules of the filter table; what matches none is accepted. */
export function applyFirewall(netfilter: Netfilter, rules: readonly FirewallRule[]): void {
  for (const rule of rules) {
    const { chain, action } = rule;
    netfilter.filter.chain(chain).append({ match: filterMatch(rule), action });
  }
}

function snatMatch(rule: SnatRule, outInterface: string): SnatMatch {
  return {
    outInterface,
    ...(rule.source === null ? {} : { source: rule.source }),
    ...(rule.destination === null ? {} : { destination: rule.destination }),
    ...(rule.protocol === null ? {} : { protocol: PROTOCOLS[rule.protocol] }),
  };
}

function snatTarget(rule: SnatRule): SnatTarget {
  const random = rule.random || rule.randomFully;
  const ports = rule.ports === null ? {} : { ports: rule.ports };
  if (rule.to === 'masquerade') return { kind: 'masquerade', random, ...ports };
  return { kind: 'snat', addresses: rule.to, random, persistent: rule.persistent, ...ports };
}

function filterMatch(rule: FirewallRule): FilterMatch {
  return {
    ...(rule.from.length === 0 ? {} : { from: rule.from }),
    ...(rule.to.length === 0 ? {} : { to: rule.to }),
    ...(rule.protocol === null ? {} : { protocol: PROTOCOLS[rule.protocol] }),
    ...(rule.ports === null ? {} : { destinationPorts: rule.ports }),
    ...(rule.icmpType === null ? {} : { icmpType: rule.icmpType }),
    ...(rule.inInterface === null ? {} : { inInterface: rule.inInterface }),
    ...(rule.outInterface === null ? {} : { outInterface: rule.outInterface }),
    ...(rule.states.length === 0 ? {} : { states: rule.states }),
  };
}
