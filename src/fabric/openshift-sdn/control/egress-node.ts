// The only door between the control plane and a node's data plane: what an agent (a privileged pod on
// the node's host network) can do to its node. `datapath/node.ts` implements it with addresses, ARP frames,
// SNAT rules and the pod switch; test/contract/egress-node.ts says what every implementation does.
// Verbs act at once and outlive the agent: an agent that dies undoes nothing.

import type { AnnouncementForm } from '../../../wire/announcement.ts';
import type { Ipv4Address, Ipv4Cidr } from '../../../wire/ipv4-address.ts';
import type { Dialer } from '../../dialer.ts';

/** Where a node's own address lives. */
export interface PrimaryInterface {
  readonly name: string;
  /** The node's address with its prefix length. */
  readonly address: Ipv4Cidr;
}

/** Where a namespace's packets leave when several egress IPs serve it: one entry per usable IP. */
export type EgressBucket =
  /** By this node: mark the packet and route it; the SNAT rule for the mark picks the source. */
  | { readonly kind: 'local'; readonly mark: number }
  /** By the node with this host address: into the overlay, VNI = VNID. */
  | { readonly kind: 'remote'; readonly hostIp: Ipv4Address };

/** What becomes of a namespace's packets to external destinations on this node. */
export type NamespaceEgress =
  /** They leave with the node's own address. */
  | { readonly kind: 'normal' }
  /** None leaves: the namespace has egress IPs and none is usable. */
  | { readonly kind: 'dropped' }
  /** A bucket is chosen per connection, by a hash over its 5-tuple. Never empty. */
  | {
      readonly kind: 'via';
      readonly buckets: readonly EgressBucket[];
      /** Commit to conntrack before the overlay, so that the answer is known as one (OVS ct(commit)). */
      readonly commit: boolean;
    };

/** What became of `ip addr add` or `del`. */
export type AddressOutcome =
  | { readonly kind: 'done' }
  /** EEXIST on adding, EADDRNOTAVAIL on removing: nothing was to be done. */
  | { readonly kind: 'unchanged' }
  /** The kernel refused; its words. */
  | { readonly kind: 'failed'; readonly error: string };

/** arping -A sends a reply, arping -U a request; both broadcast and gratuitous (iputils send_pack). */
export type ArpingAnnouncement = Exclude<AnnouncementForm, 'kernel'>;

/** What OVS counts about one peer: packets, since the node started. */
export interface TunnelCounters {
  /** Any VXLAN packet from the peer (table 10, tun_src). */
  readonly received: number;
  /** Egress-IP traffic sent to the peer (table 100, tun_dst), all VNIDs together. */
  readonly sent: number;
}

/** One node, as its sdn pod sees it. */
export interface EgressNode extends Dialer {
  readonly name: string;
  /** The interface that carries this address, or null when none does. */
  primaryInterface(nodeIp: Ipv4Address): PrimaryInterface | null;
  /** Adds a secondary address labelled as an egress IP (`<interface>:eip`); announces nothing. */
  addEgressAddress(interfaceName: string, address: Ipv4Cidr): AddressOutcome;
  /** Takes the address off; says nothing on the wire. */
  removeEgressAddress(interfaceName: string, address: Ipv4Cidr): AddressOutcome;
  /** The addresses labelled as egress IPs, no matter who added them and when. */
  egressAddresses(interfaceName: string): readonly Ipv4Address[];
  /** Broadcasts one gratuitous ARP frame; false when the address is not on the interface, since arping cannot bind to it then. `note` becomes the packet's comment. */
  sendArp(
    interfaceName: string,
    address: Ipv4Address,
    form: ArpingAnnouncement,
    note: string,
  ): boolean;
  /** Marked packets of the cluster network leave with this source; new inbound to it is rejected. `owner` (a namespace) is for captures. */
  addSnat(mark: number, address: Ipv4Address, owner?: string): void;
  /** Takes that rule and the reject rule out; no-op when they are not there. */
  removeSnat(mark: number, address: Ipv4Address): void;
  /** Takes out all SNAT and reject rules for addresses other than these; returns how many SNAT rules went. */
  retainSnat(addresses: readonly Ipv4Address[]): number;
  /** Programs a namespace, replacing what it had, in one step. */
  setNamespaceEgress(vnid: number, egress: NamespaceEgress): void;
  /**
   * Makes the pod switch ready, with all namespaces `normal`. False: it stood already, because the node has
   * had power since.
   */
  setUpPodSwitch(): boolean;
  /** Packet counters of the overlay for one peer. */
  tunnelCounters(hostIp: Ipv4Address): TunnelCounters;
  /** Calls `listener` whenever an egress address vanishes other than by `removeEgressAddress`; until the returned function is called. */
  onAddressLost(listener: (address: Ipv4Address) => void): () => void;
}
