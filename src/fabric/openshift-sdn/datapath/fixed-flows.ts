// The flows of br0 that are there before any egress IP (pkg/network/node/ovscontroller.go, SetupOVS): what
// may come in by which port, and what goes to the node whatever a namespace's way out is. The bridge asks;
// these answer. Left out: OVN hybrid overlay (table 10), NetworkPolicy and services, which no lab has.

import * as arp from '../../../wire/arp.ts';
import * as ethernet from '../../../wire/ethernet.ts';
import type { Frame } from '../../../wire/frame.ts';
import * as ipv4 from '../../../wire/ipv4.ts';
import {
  cidrContains,
  type Ipv4Address,
  type Ipv4Cidr,
  isMulticast,
} from '../../../wire/ipv4-address.ts';
import { EtherType, IpProtocol, WellKnownPort } from '../../../wire/numbers.ts';

/** The networks and addresses that the flows of one node name. */
export interface FixedFlowNames {
  readonly clusterNetwork: Ipv4Cidr;
  readonly serviceNetwork: Ipv4Cidr;
  /** The node's pod subnet. */
  readonly subnet: Ipv4Cidr;
  /** tun0's address. */
  readonly gateway: Ipv4Address;
  /** The node's own address. */
  readonly localIp: Ipv4Address;
}

/** Which kind of frame the flows see; OpenFlow's `arp` and `ip` match nothing that is too short. */
export const FlowKind = { Other: 0, Arp: 1, Ip: 2 } as const;
export type FlowKind = (typeof FlowKind)[keyof typeof FlowKind];

/** Of a frame that the bridge received. */
export function flowKind(frame: Frame): FlowKind {
  const l3 = frame.start + ethernet.HEADER_LENGTH;
  const type = ethernet.etherType(frame);
  if (type === EtherType.Ipv4) {
    return frame.end - l3 >= ipv4.HEADER_LENGTH ? FlowKind.Ip : FlowKind.Other;
  }
  return type === EtherType.Arp && arp.check(frame, l3) === null ? FlowKind.Arp : FlowKind.Other;
}

/** Table 0, in_port=1: ARP from the cluster network for this subnet, IP from or to the cluster network. */
export function tunnelAdmits(names: FixedFlowNames, kind: FlowKind, frame: Frame): boolean {
  const l3 = frame.start + ethernet.HEADER_LENGTH;
  const { clusterNetwork, subnet } = names;
  if (kind === FlowKind.Arp) {
    return (
      cidrContains(clusterNetwork, arp.senderIp(frame, l3)) &&
      cidrContains(subnet, arp.targetIp(frame, l3))
    );
  }
  return (
    kind === FlowKind.Ip &&
    (cidrContains(clusterNetwork, ipv4.source(frame, l3)) ||
      cidrContains(clusterNetwork, ipv4.destination(frame, l3)))
  );
}

/** Table 0, in_port=2: ARP of tun0's own address for the cluster network, any IP but multicast. */
export function nodeAdmits(names: FixedFlowNames, kind: FlowKind, frame: Frame): boolean {
  const l3 = frame.start + ethernet.HEADER_LENGTH;
  const { clusterNetwork, gateway } = names;
  if (kind === FlowKind.Arp) {
    return (
      arp.senderIp(frame, l3) === gateway && cidrContains(clusterNetwork, arp.targetIp(frame, l3))
    );
  }
  if (kind !== FlowKind.Ip) return false;
  return ipv4.source(frame, l3) === gateway || !isMulticast(ipv4.destination(frame, l3));
}

/** Table 0 to 25: what comes from tun0 with a pod's address for the cluster network is a pod's again. */
export function isReturned(names: FixedFlowNames, kind: FlowKind, frame: Frame): boolean {
  const l3 = frame.start + ethernet.HEADER_LENGTH;
  if (kind !== FlowKind.Ip) return false;
  const source = ipv4.source(frame, l3);
  return (
    source !== names.gateway &&
    cidrContains(names.subnet, source) &&
    cidrContains(names.clusterNetwork, ipv4.destination(frame, l3))
  );
}

/** Whether a packet is UDP to the port of the overlay, which no pod may send. */
export function isOverlay(frame: Frame, l3: number): boolean {
  return (
    ipv4.protocol(frame, l3) === IpProtocol.Udp &&
    destinationPort(frame, l3) === WellKnownPort.Vxlan
  );
}

/** DNS to the node's own address: it goes to the node, whatever the namespace's way out is. */
export function isOwnResolver(names: FixedFlowNames, frame: Frame, l3: number): boolean {
  if (ipv4.destination(frame, l3) !== names.localIp) return false;
  const protocol = ipv4.protocol(frame, l3);
  if (protocol !== IpProtocol.Udp && protocol !== IpProtocol.Tcp) return false;
  return destinationPort(frame, l3) === WellKnownPort.Dns;
}

/** 0 for a later fragment and for what is too short: `set-frags nx-match` shows flows no port of those. */
function destinationPort(frame: Frame, l3: number): number {
  if (ipv4.fragmentOffset(frame, l3) > 0) return 0;
  const at = l3 + ipv4.headerLength(frame, l3) + 2;
  if (at + 2 > frame.end) return 0;
  return ((frame.bytes[at] ?? 0) << 8) | (frame.bytes[at + 1] ?? 0);
}
