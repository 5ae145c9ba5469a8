// The iptables rules that egress IPs bring to an OpenShift SDN node (pkg/network/node/iptables.go): what
// pods send with the mark of a namespace leaves with its egress IP; new connections to one are refused.
// What stands there without any is in `fixed-rules.ts`.

import type { FilterRule } from '../../../nat/filter/rule.ts';
import type { Netfilter } from '../../../nat/netfilter.ts';
import type { SnatRule } from '../../../nat/snat/rule.ts';
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
  readonly #anchor: FilterRule;
  readonly #masqueradesInternal: boolean;
  #installed: Installed[] = [];

  /** `anchor` is the rule of INPUT behind which new inbound is refused. */
  constructor(
    netfilter: Netfilter,
    clusterNetwork: Ipv4Cidr,
    anchor: FilterRule,
    masqueradesInternal: boolean,
  ) {
    this.#netfilter = netfilter;
    this.#clusterNetwork = clusterNetwork;
    this.#anchor = anchor;
    this.#masqueradesInternal = masqueradesInternal;
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
    const behind = this.#installed.at(-1)?.reject ?? this.#anchor;
    const reject = this.#netfilter.filter.input.insertAfter(behind, {
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
