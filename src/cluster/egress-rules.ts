// The iptables rules of an OpenShift SDN node (pkg/network/node/iptables.go): what pods send leaves
// with the node's address, unless a mark says that it leaves with an egress IP; new connections to an
// egress IP are refused.

import type { FilterRule } from '../nat/filter-rule.ts';
import type { Netfilter } from '../nat/netfilter.ts';
import type { SnatRule } from '../nat/snat-rule.ts';
import { formatIpv4, type Ipv4Address, type Ipv4Cidr } from '../wire/ipv4-address.ts';

interface Installed {
  readonly mark: number;
  readonly address: Ipv4Address;
  readonly snat: SnatRule;
  readonly reject: FilterRule;
}

export class EgressRules {
  readonly #netfilter: Netfilter;
  readonly #clusterNetwork: Ipv4Cidr;
  #installed: Installed[] = [];

  /** Sets up the rules that every node has. */
  constructor(netfilter: Netfilter, clusterNetwork: Ipv4Cidr) {
    this.#netfilter = netfilter;
    this.#clusterNetwork = clusterNetwork;
    // OPENSHIFT-MASQUERADE-2
    netfilter.snat.append({
      match: { source: clusterNetwork, notDestination: clusterNetwork },
      target: { kind: 'masquerade' },
      comment: 'pods leave with the node address',
    });
    netfilter.filter.forward.append({
      match: { from: [clusterNetwork], states: ['invalid'] },
      action: 'drop',
      comment: 'nothing leaves untranslated',
    });
  }

  /** Marked packets of the cluster network leave with this source; new inbound to it is rejected. */
  add(mark: number, address: Ipv4Address): void {
    if (this.#find(mark, address) !== undefined) return;
    const snat = this.#netfilter.snat.prepend({
      match: { source: this.#clusterNetwork, mark },
      target: { kind: 'snat', addresses: [{ low: address, high: address }] },
      comment: `egress IP ${formatIpv4(address)}`,
    });
    const reject = this.#netfilter.filter.input.append({
      match: { to: [{ address, prefixLength: 32 }], states: ['new'] },
      action: 'reject',
      comment: `new inbound to egress IP ${formatIpv4(address)}`,
    });
    this.#installed.push({ mark, address, snat, reject });
  }

  /** Takes both rules out; no-op when they are not there. */
  remove(mark: number, address: Ipv4Address): void {
    const installed = this.#find(mark, address);
    if (installed !== undefined) this.#takeOut(installed);
  }

  /** Takes out the rules of all other addresses; returns how many SNAT rules went. */
  retain(addresses: readonly Ipv4Address[]): number {
    const stale = this.#installed.filter(({ address }) => !addresses.includes(address));
    for (const each of stale) this.#takeOut(each);
    return stale.length;
  }

  #find(mark: number, address: Ipv4Address): Installed | undefined {
    return this.#installed.find((each) => each.mark === mark && each.address === address);
  }

  #takeOut(installed: Installed): void {
    this.#netfilter.snat.rules.remove(installed.snat);
    this.#netfilter.filter.input.rules.remove(installed.reject);
    this.#installed = this.#installed.filter((each) => each !== installed);
  }
}
