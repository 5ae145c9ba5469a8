// The door between a node's control processes and its kernel, bridge and probes: what ovnkube-node, a
// privileged pod on the host network, can do to its node. The data path implements it. Verbs act at once
// and outlive the agent: an agent that dies undoes nothing. Addresses are canonical text of either family.

import type { Nanos } from '../../sim/time.ts';
import type { Dialer } from '../dialer.ts';

/** An interface of the node. */
export interface HostLink {
  readonly name: string;
  /** The kernel's number of the link; its table is 1000 more. */
  readonly index: number;
  readonly up: boolean;
  /** The VRF that it is enslaved to, by the number of its table; null for none. */
  readonly vrfTable: number | null;
  /** Global addresses with their prefix lengths: `10.10.10.3/24`; those of egress IPs too. */
  readonly addresses: readonly string[];
  /** Its routes in the main table, or in that of its VRF, without source hints. */
  readonly routes: readonly HostRoute[];
}

/** A route out of a link. */
export interface HostRoute {
  /** `10.10.10.0/24` or `default`. */
  readonly destination: string;
  /** Null when the destination is on the link. */
  readonly gateway: string | null;
}

/** `ip rule`: priority 6000 is that of secondary egress IPs. */
export interface HostRule {
  readonly priority: number;
  /** Null when it is not looked at. */
  readonly from: string | null;
  readonly fwmark: number | null;
  /** The number of a table; 254 is main. */
  readonly table: number;
}

/** An element of the maps `egress-ip-snat-v4` and `-v6`: this pod leaves this link as that address. */
export interface HostSnat {
  readonly podIp: string;
  readonly link: string;
  readonly egressIp: string;
}

/** Rules of priority 6000, translations, and tables of egress IPs. */
export interface HostEgressState {
  readonly rules: readonly HostRule[];
  readonly snats: readonly HostSnat[];
  readonly tables: readonly { readonly table: number; readonly link: string }[];
}

/** What became of a verb of the kernel. */
export type HostOutcome =
  | { readonly kind: 'done' }
  /** EEXIST on adding, EADDRNOTAVAIL on removing: nothing was to be done. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'failed'; readonly error: string };

/** A gRPC health session to one node's health server: real bytes on a TCP connection. */
export interface HealthSession {
  /** Asks for `Service_Egress_IP`; `done` is called once, `failed` when the time is over or the connection is lost. */
  check(timeout: Nanos, done: (answer: 'serving' | 'not-serving' | 'failed') => void): void;
  close(): void;
}

/** One node, as its control processes see it. */
export interface HostNetwork extends Dialer {
  readonly name: string;
  /** `br-ex` or whatever carries the node's own address. */
  readonly bridge: string;
  /** All links but lo and the management port, with what they carry now. */
  links(): readonly HostLink[];
  /** Whether a link carries an address: `10.10.10.20/32`. */
  hasAddress(link: string, cidr: string): boolean;
  /** Puts an egress address (`10.10.10.20/32`, IPv6 /128) on a link; says nothing on the wire. */
  addAddress(link: string, cidr: string): HostOutcome;
  /** Takes it off; says nothing on the wire. */
  removeAddress(link: string, cidr: string): HostOutcome;
  /** The link manager's pair: a gratuitous ARP request, then a reply, both broadcast; false when the link is down. `zero` has 0.0.0.0 as sender and target (B7). */
  announce(link: string, address: string, zero: boolean): boolean;
  addRule(rule: HostRule): void;
  removeRule(rule: HostRule): void;
  /** Replaces the contents of a table; an empty list removes it. */
  setRoutes(table: number, link: string, routes: readonly HostRoute[]): void;
  /** What the kernel has of secondary egress IPs, whoever put it there. */
  egressState(): HostEgressState;
  addSnat(element: HostSnat): void;
  removeSnat(element: HostSnat): void;
  /** The guard on br-ex (prio 499/498): while it is on, gratuitous ARP of the gateway router does not leave (B6). */
  setAnnouncementGuard(on: boolean): void;
  /** The nft chain `egressip-drop` on the uplink: ARP for these addresses is dropped (B5's fix). */
  setArpBlock(addresses: readonly string[]): void;
  /** Starts or stops the health server on the management address, port 9107. */
  setHealthServer(running: boolean): void;
  /** Opens a gRPC session; `done` is called exactly once, never before this returns; null when it was refused or the time is over. */
  connectHealth(
    address: string,
    port: number,
    timeout: Nanos,
    done: (session: HealthSession | null) => void,
  ): void;
  /** Calls `listener` whenever links or their addresses change, until the returned function is called. */
  onLinksChanged(listener: () => void): () => void;
}

/** 1000 + ifindex: the table of a link's egress IPs. */
export const EGRESS_TABLE_BASE = 1000;
/** Priority of the rules of secondary egress IPs. */
export const EGRESS_RULE_PRIORITY = 6000;
/** gRPC health server. */
export const HEALTH_PORT = 9107;
/** The service that the health server speaks for. */
export const HEALTH_SERVICE = 'Service_Egress_IP';
