// The iptables rules of an OpenShift SDN node (pkg/network/node/iptables.go): what pods send leaves
// with the node's address, unless a mark says that it leaves with an egress IP; new connections to an
// egress IP are refused.

import type { FilterRule } from '../../../nat/filter/rule.ts';
import type { Netfilter } from '../../../nat/netfilter.ts';
import type { SnatRule } from '../../../nat/snat/rule.ts';
import type { Interface } from '../../../stack/device/interface.ts';
import { formatIpv4, type Ipv4Address, type Ipv4Cidr } from '../../../wire/ipv4-address.ts';

interface Installed {
  readonly mark: number;
  readonly address: Ipv4Address;
  readonly snat: readonly SnatRule[];
  readonly reject: FilterRule;
}

/** The iptables rules of one node for egress IPs. */
export class EgressRules {
  readonly #netfilter: Netfilter;
  readonly #clusterNetwork: Ipv4Cidr;
  readonly #masqueradesInternal: boolean;
  #installed: Installed[] = [];

  /** Sets up the rules that every node has. `tun` is where its pods come from. */
  constructor(
    netfilter: Netfilter,
    clusterNetwork: Ipv4Cidr,
    tun: Interface,
    masqueradesInternal: boolean,
  ) {
    this.#netfilter = netfilter;
    this.#clusterNetwork = clusterNetwork;
    this.#masqueradesInternal = masqueradesInternal;
    // OPENSHIFT-FIREWALL-ALLOW: before any egress IP's REJECT.
    netfilter.filter.input.append({
      match: { inInterface: tun.name },
      action: 'accept',
      comment: 'traffic from the pod network',
    });
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
  add(mark: number, address: Ipv4Address, owner: string | null): void {
    if (this.#find(mark, address) !== undefined) return;
    const source = this.#clusterNetwork;
    const of = owner === null ? '' : ` of ${owner}`;
    const snat = [
      this.#netfilter.snat.prepend({
        match: { source, mark },
        target: { kind: 'snat', addresses: [{ low: address, high: address }] },
        comment: `egress IP ${formatIpv4(address)}${of}`,
      }),
    ];
    if (this.#masqueradesInternal) {
      snat.push(
        this.#netfilter.snat.prepend({
          match: { source, destination: source, mark },
          target: { kind: 'masquerade' },
          comment: 'marked, but stays inside the cluster network',
        }),
      );
    }
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
    for (const rule of installed.snat) this.#netfilter.snat.rules.remove(rule);
    this.#netfilter.filter.input.rules.remove(installed.reject);
    this.#installed = this.#installed.filter((each) => each !== installed);
  }
}
