// What an sdn pod does to its own node for the egress IPs that are active on it (pkg/network/node/
// egressip.go): the secondary address, its two announcements two seconds apart, the SNAT rule for the
// namespace's mark. Nothing is announced on release, and a pod that dies releases nothing.

import type { Emitter } from '../../../sim/event-log.ts';
import type { Scheduler } from '../../../sim/scheduler.ts';
import { type Nanos, seconds } from '../../../sim/time.ts';
import {
  cidrContains,
  formatCidr,
  formatIpv4,
  type Ipv4Address,
  networkOf,
  parseIpv4,
} from '../../../wire/ipv4-address.ts';
import type { OpenshiftSdnEvents } from '../events.ts';
import type { ArpingAnnouncement, EgressNode, PrimaryInterface } from './egress-node.ts';
import type { Klog } from './klog.ts';
import { markForVnid } from './mark.ts';
import type { Profile } from './profile.ts';

/** Between `arping -A` (a reply) and `arping -U` (a request). */
const SECOND_ANNOUNCEMENT_DELAY: Nanos = seconds(2);
/** Between attempts to put a lost address back. */
const REASSIGN_PAUSE = seconds(1);

/** What it needs of its node. */
export interface LocalEgressOptions {
  readonly node: EgressNode;
  /** The node's own address. */
  readonly nodeIp: Ipv4Address;
  readonly profile: Profile;
  readonly klog: Klog;
  readonly scheduler: Scheduler;
  readonly events: Emitter<OpenshiftSdnEvents>;
}

interface Claim {
  readonly vnid: number;
  /** For people. */
  readonly namespace: string;
  /** Remembered even if the rest of the assignment failed. */
  readonly mark: number;
  assigned: boolean;
}

/** The egress IPs that one sdn pod has on its node. */
export class LocalEgress {
  readonly #options: LocalEgressOptions;
  readonly #claims = new Map<string, Claim>();
  #unsubscribe: (() => void) | null = null;
  #dead = false;

  constructor(options: LocalEgressOptions) {
    this.#options = options;
  }

  /** The mark of a claimed IP's namespace; null when the IP is not claimed here. */
  markOf(egressIp: string): number | null {
    return this.#claims.get(egressIp)?.mark ?? null;
  }

  /** False when this node was to take the IP and could not. */
  isAssigned(egressIp: string): boolean {
    return this.#claims.get(egressIp)?.assigned ?? false;
  }

  /** The tracker made the IP active here. */
  claim(egressIp: string, vnid: number, namespace: string): void {
    const mark = markForVnid(vnid, this.#options.profile);
    const claim: Claim = { vnid, namespace, mark, assigned: false };
    this.#claims.set(egressIp, claim);
    this.#guard();
    const error = this.#assign(egressIp, claim);
    if (error === null) return;
    this.#options.klog.log('assign-failed', `Error assigning Egress IP "${egressIp}": ${error}`);
    this.#emit('egress-ip-claim-failed', { ip: egressIp, vnid, error });
  }

  /** The tracker took it away from here. */
  release(egressIp: string): void {
    const claim = this.#claims.get(egressIp);
    this.#claims.delete(egressIp);
    this.#guard();
    const error = claim === undefined ? null : this.#unassign(egressIp, claim);
    if (error === null) return;
    this.#options.klog.log('release-failed', `Error releasing Egress IP "${egressIp}": ${error}`);
  }

  /** After the first lists: takes off what an earlier life of this pod left behind. */
  cleanUp(): void {
    const { klog, node, nodeIp, profile } = this.#options;
    if (profile.quirks.has('stale-addresses-kept')) return;
    const link = node.primaryInterface(nodeIp);
    if (link === null) {
      const text = `unable to get egress link details: ${missingLink(nodeIp)}`;
      klog.log('stale-address-failed', `${profile.staleCheckErrorPrefix}${text}`);
      return;
    }
    const claimed = [...this.#claims.keys()].flatMap((ip) => parseIpv4(ip) ?? []);
    for (const address of node.egressAddresses(link.name)) {
      if (claimed.includes(address)) continue;
      klog.log('stale-address', `Cleaning up stale egress IP ${formatIpv4(address)}`);
      const { prefixLength } = link.address;
      node.removeEgressAddress(link.name, { address, prefixLength });
      this.#emit('stale-egress-ip-removed', { ip: formatIpv4(address), interface: link.name });
    }
    const rules = node.retainSnat(claimed);
    if (rules > 0) klog.log('stale-rules', `Deleted ${rules} stale egress IP rules`);
  }

  /** The pod died: addresses and rules stay, what it still meant to say is never said. */
  stop(): void {
    this.#dead = true;
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  #assign(egressIp: string, claim: Claim): string | null {
    const { klog, node, nodeIp } = this.#options;
    const link = node.primaryInterface(nodeIp);
    const address = parseIpv4(egressIp);
    if (address === nodeIp) return `desired egress IP "${egressIp}" is the node IP`;
    if (link === null) return `unable to get egress link details: ${missingLink(nodeIp)}`;
    if (address === null || !cidrContains(link.address, address)) {
      const { prefixLength } = link.address;
      const network = formatCidr({ address: networkOf(link.address), prefixLength });
      return `egress IP "${egressIp}" is not in local network ${network} of interface ${link.name}`;
    }
    const { prefixLength } = link.address;
    const outcome = node.addEgressAddress(link.name, { address, prefixLength });
    if (outcome.kind === 'failed') {
      return `could not add egress IP "${egressIp}" to ${link.name}: ${outcome.error}`;
    }
    if (outcome.kind === 'unchanged') {
      klog.log('address-exists', `Egress IP "${egressIp}" already exists on ${link.name}`);
    }
    claim.assigned = true;
    this.#emit('egress-ip-claimed', { ip: egressIp, vnid: claim.vnid, interface: link.name });
    this.#announce(link, address);
    node.addSnat(claim.mark, address, claim.namespace);
    return null;
  }

  #unassign(egressIp: string, claim: Claim): string | null {
    const { klog, node, nodeIp } = this.#options;
    const address = parseIpv4(egressIp);
    if (address === nodeIp || address === null) return null;
    const link = node.primaryInterface(nodeIp);
    if (link === null) return `unable to get egress link details: ${missingLink(nodeIp)}`;
    const { prefixLength } = link.address;
    const outcome = node.removeEgressAddress(link.name, { address, prefixLength });
    if (outcome.kind === 'failed') {
      return `could not delete egress IP "${egressIp}" from ${link.name}: ${outcome.error}`;
    }
    if (outcome.kind === 'unchanged') {
      const text = `Could not delete egress IP "${egressIp}" from ${link.name}: no such address`;
      klog.log('address-absent', text);
    } else {
      this.#emit('egress-ip-released', { ip: egressIp, vnid: claim.vnid, interface: link.name });
    }
    node.removeSnat(claim.mark, address);
    return null;
  }

  #announce(link: PrimaryInterface, address: Ipv4Address): void {
    const { klog, profile, scheduler } = this.#options;
    if (profile.quirks.has('no-announcement')) return;
    if (!this.#arping(link, address, 'reply', 1)) {
      const text = `Failed to send ARP claim for egress IP "${formatIpv4(address)}": exit status 2 ()`;
      klog.log('arp-failed', text);
      return;
    }
    const second = (): void => {
      // Its result is ignored, but arping cannot bind to an address that has gone meanwhile.
      const present = this.#options.node.egressAddresses(link.name).includes(address);
      if (!this.#dead && present) this.#arping(link, address, 'request', 2);
    };
    scheduler.after(SECOND_ANNOUNCEMENT_DELAY, second, null, null);
  }

  #arping(
    link: PrimaryInterface,
    address: Ipv4Address,
    form: ArpingAnnouncement,
    round: 1 | 2,
  ): boolean {
    const { node } = this.#options;
    const ip = formatIpv4(address);
    const number = `${round}/2`;
    const sent = node.sendArp(
      link.name,
      address,
      form,
      `announce ${number} of ${ip} by ${node.name}`,
    );
    if (sent) this.#emit('egress-ip-announced', { ip, form, number, interface: link.name });
    return sent;
  }

  /** HEAD adds an address again that another program removed, while anything at all is claimed. */
  #guard(): void {
    const { node, profile } = this.#options;
    if (!profile.readdsLostAddresses) return;
    if (this.#claims.size === 0) {
      this.#unsubscribe?.();
      this.#unsubscribe = null;
    } else {
      this.#unsubscribe ??= node.onAddressLost((address) => this.#putBack(formatIpv4(address)));
    }
  }

  #putBack(egressIp: string): void {
    const { klog, scheduler } = this.#options;
    const claim = this.#claims.get(egressIp);
    if (claim === undefined || this.#dead) return;
    klog.log('address-lost', `Egress IP ${egressIp} removed from the interface...`);
    klog.log('address-missing', `Assigning missing egress IP ${egressIp}`);
    const error = this.#assign(egressIp, claim);
    if (error !== null) {
      scheduler.after(REASSIGN_PAUSE, () => this.#putBack(egressIp), null, null);
    }
  }

  #emit<K extends keyof OpenshiftSdnEvents>(kind: K, fields: OpenshiftSdnEvents[K]): void {
    const { events, node } = this.#options;
    events.emit(node.name, kind, fields);
  }
}

function missingLink(nodeIp: Ipv4Address): string {
  return `no interface has address ${formatIpv4(nodeIp)}`;
}
