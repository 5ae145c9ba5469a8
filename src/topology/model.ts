// The parts of a valid topology: every name resolved, every default filled in, every text turned into
// the number it means. Plain data that knows no running thing; `lab` builds from it. `topology.ts` is
// the whole.
//
// Durations are Nanos, rates bits per second, sizes octets, probabilities 0..1. `null` means "absent
// by design". Lists keep the order of the file.

import type { AnswerSource } from '../apps/service.ts';
import type { ClusterPlan, NamespacePlan, NodePlan, PodPlan } from '../fabric/plan.ts';
import type { ChannelSettings } from '../link/channel.ts';
import type { Position } from '../schema/position.ts';
import type { Nanos } from '../sim/time.ts';
import type { RouteType } from '../stack/ipv4/route-table.ts';
import type { Rule } from '../stack/ipv4/rule.ts';
import type { NeighborProfileName, ResponderStyle } from '../stack/neighbor/profile.ts';
import type { Ipv4Address, Ipv4Cidr } from '../wire/ipv4-address.ts';
import type { MacAddress } from '../wire/mac-address.ts';
import type { AddressRange, PortRange } from '../wire/ranges.ts';

/** What a switch does with frames to a MAC address that it has not learned. */
export type UnknownUnicast = 'flood' | 'drop';

/** One shared software switch. */
export interface SegmentSpec {
  readonly name: string;
  readonly position: Position;
  /** Canonical (no host bits); null when the segment has no subnet of its own. */
  readonly subnet: Ipv4Cidr | null;
  readonly fdbAgeing: Nanos;
  readonly fdbLimit: number;
  /** What the switch does with unicast to a MAC address that it has not seen. */
  readonly unknownUnicast: UnknownUnicast;
  readonly mtu: number;
  /** What each cable of the segment is like unless its interface says otherwise (already merged there). */
  readonly link: LinkProperties;
}

/** A cable between two segments: daisy chains and, with two of them, loops. */
export interface SegmentLinkSpec {
  /** As steps name it; by default 'a-b'. */
  readonly name: string;
  readonly position: Position;
  readonly a: string;
  readonly b: string;
  readonly link: LinkProperties;
}

/** One direction of a cable, as `link` runs it. */
export type LinkProperties = ChannelSettings;

/** A machine's own cable to its segment, each direction by itself. */
export interface CableSpec {
  /** What the machine transmits. */
  readonly out: LinkProperties;
  /** What the machine receives. */
  readonly in: LinkProperties;
  readonly outUp: boolean;
  readonly inUp: boolean;
}

/** One kernel setting in the kernel's unit: the arguments of stack/sysctl/tree.ts SysctlTree.set. */
export interface SysctlSetting {
  readonly position: Position;
  /** 'arp_ignore' or 'net.ipv4.conf.eth0.arp_ignore', always with dots. */
  readonly name: string;
  readonly value: number;
  /** The interface under which a short name stood; null for the whole host or a full name. */
  readonly interface: string | null;
}

/** An Ethernet interface of a machine. */
export interface InterfaceSpec {
  readonly name: string;
  readonly position: Position;
  /** Null when the kernel is at the other end (`attach:` with tun or raw). */
  readonly segment: string | null;
  /** The first is the primary one; may be empty. */
  readonly addresses: readonly Ipv4Cidr[];
  /** As given, or derived from lab, machine and interface. */
  readonly mac: MacAddress;
  readonly mtu: number;
  readonly cable: CableSpec;
  /** Source NAT of what leaves here, first match wins. */
  readonly snat: readonly InterfaceSnatRule[];
}

/** What both a plain host and a cluster node are: a Linux machine with interfaces. */
export interface MachineSpec {
  readonly name: string;
  readonly position: Position;
  readonly interfaces: readonly InterfaceSpec[];
  /** Addresses on `lo` beside 127.0.0.1. */
  readonly loopback: readonly Ipv4Cidr[];
  /** What the machine believes of the ARP it hears. */
  readonly observer: NeighborProfileName;
  /** Who answers ARP requests for its addresses. */
  readonly responder: ResponderStyle;
  /** The longest time that the removal of an address takes. */
  readonly addressRemoval: Nanos;
  readonly forwarding: boolean;
  readonly routes: readonly RouteSpec[];
  /** In the order of adding. */
  readonly rules: readonly RuleSpec[];
  readonly services: readonly ServiceSpec[];
  readonly firewall: readonly FirewallRule[];
  /** To be applied in this order once the interfaces exist: the host's own, then each interface's. */
  readonly sysctls: readonly SysctlSetting[];
}

/** A static route as in `ip route add`; the connected ones are implied by the addresses. */
export interface RouteSpec {
  readonly position: Position;
  readonly type: RouteType;
  /** Canonical; 0.0.0.0/0 is the default route. */
  readonly to: Ipv4Cidr;
  readonly via: Ipv4Address | null;
  /** The interface; resolved from `via` when it was not given; null for the types without one. */
  readonly dev: string | null;
  readonly source: Ipv4Address | null;
  readonly metric: number;
  /** The number of its table; 254 is main. */
  readonly table: number;
}

/** A rule of policy routing as in `ip rule add`. */
export interface RuleSpec extends Omit<Rule, 'priority'> {
  readonly position: Position;
  /** Null: before all that were added so far. */
  readonly priority: number | null;
}

/** The protocols that rules can name. */
export type TransportName = 'tcp' | 'udp' | 'icmp';

/** One rule of nat POSTROUTING on one interface. */
export interface InterfaceSnatRule {
  readonly position: Position;
  readonly source: Ipv4Cidr | null;
  readonly destination: Ipv4Cidr | null;
  readonly protocol: TransportName | null;
  /** 'masquerade' takes the interface's own address at the time of the packet. */
  readonly to: 'masquerade' | readonly AddressRange[];
  readonly ports: PortRange | null;
  readonly random: boolean;
  readonly randomFully: boolean;
  readonly persistent: boolean;
}

/** The services that a machine can run. */
export type AppName = 'whoami' | 'echo' | 'discard' | 'sink' | 'chargen';

/** Something that listens. */
export interface ServiceSpec {
  readonly position: Position;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** Bound to one address, or null for all. */
  readonly address: Ipv4Address | null;
  readonly app: AppName;
  /** Where UDP answers come from when it listens on all addresses. */
  readonly answerFrom: AnswerSource;
}

/** What becomes of a packet that a rule matches. */
export type FirewallAction = 'accept' | 'drop' | 'reject';
/** Where a rule looks: at what comes in for the machine, at what it forwards, at what it sends. */
export type FirewallChain = 'input' | 'forward' | 'output';
/** How conntrack sees a packet, as `ctstate` names it. */
export type ConntrackState = 'new' | 'established' | 'related' | 'invalid';

/** One rule; the first that matches decides, and what matches none is accepted. */
export interface FirewallRule {
  readonly position: Position;
  readonly chain: FirewallChain;
  readonly action: FirewallAction;
  /** Any of these; empty means any at all. */
  readonly from: readonly Ipv4Cidr[];
  readonly to: readonly Ipv4Cidr[];
  readonly protocol: TransportName | null;
  /** Destination ports; null means any. */
  readonly ports: PortRange | null;
  /** ICMP type; null means any. */
  readonly icmpType: number | null;
  readonly inInterface: string | null;
  readonly outInterface: string | null;
  /** Any of these; empty means any at all. */
  readonly states: readonly ConntrackState[];
}

/** A cluster as the topology describes it; `fabric/plan.ts` is what its fabric gets to see of it. */
export interface ClusterSpec extends ClusterPlan {
  readonly position: Position;
  /** The segment of the primary interfaces. */
  readonly segment: string;
  readonly nodes: readonly NodeSpec[];
  readonly namespaces: readonly NamespaceSpec[];
  readonly pods: readonly PodSpec[];
}

/** A node of the cluster, with the machine that it is. */
export interface NodeSpec extends NodePlan {
  readonly position: Position;
  /** The node as a machine; its first interface is the primary one. */
  readonly machine: MachineSpec;
}

/** A namespace of the cluster. */
export interface NamespaceSpec extends NamespacePlan {
  readonly position: Position;
}

/** Its MAC address is 0a:58 and the address, as the CNI plugins derive it. */
export interface PodSpec extends PodPlan {
  readonly position: Position;
  readonly services: readonly ServiceSpec[];
}

/** The formats of capture files. */
export type CaptureFormatName = 'pcapng' | 'pcap' | 'text';

/** Which ports end up in the capture file. */
export interface CaptureSpec {
  /** Never empty: 'worker02/enp1s0', 'lan/*', 'drops', or every interface of a name. */
  readonly ports: readonly PortSelector[];
  readonly format: CaptureFormatName;
}

/** Which ports are captured: 'db/eth0', 'lan/*', 'drops'. */
export interface PortSelector {
  readonly position: Position;
  readonly text: string;
}

/** Repeated traffic between two machines, each request counted as answered or lost. */
export interface FlowSpec {
  readonly name: string;
  readonly position: Position;
  /** A pod, host or node. */
  readonly from: string;
  /** Bound source address; null leaves it to routing. */
  readonly source: Ipv4Address | null;
  /** Bound source port; null: an ephemeral one. */
  readonly sourcePort: number | null;
  readonly to: Ipv4Address;
  /** The pod, host or node that `to` named; null when it was an address. */
  readonly toName: string | null;
  readonly protocol: TransportName;
  /** Null for icmp. */
  readonly port: number | null;
  readonly every: Nanos;
  /** First request; null when a `start` step sets it going. */
  readonly start: Nanos | null;
  /** No request at or after this time; null is the end of the scenario. */
  readonly stop: Nanos | null;
  /** At most so many requests; null is no limit. */
  readonly count: number | null;
  /** Payload octets of a request. */
  readonly size: number;
  /** tcp only: a connection for each request, or one that lives as long as the flow. */
  readonly connection: 'per-request' | 'persistent';
  /** tcp only: who sends the first octet. */
  readonly speaksFirst: 'client' | 'server';
  /** A request without an answer within this time is lost. */
  readonly timeout: Nanos;
}
