// ovn_cluster_router as it runs on one node: policies first, then routes by destination, then the source
// route of the pod subnet. Frames come writable and leave with one hop less.

import type { Drops } from '../../../link/drops.ts';
import * as ethernet from '../../../wire/ethernet.ts';
import type { Frame, FrameArena } from '../../../wire/frame.ts';
import * as ipv4 from '../../../wire/ipv4.ts';
import { cidrContains, type Ipv4Address } from '../../../wire/ipv4-address.ts';
import { JOIN_CIDR, TRANSIT_CIDR } from '../addressing.ts';
import { OvnDrop } from '../drop-reason.ts';
import { CLUSTER_ROUTER } from '../northbound.ts';
import { answerEcho, icmpError, isEchoRequest, TTL_EXCEEDED } from './icmp-error.ts';
import { CLUSTER_JOIN, type Member, type NetworkMap } from './network-map.ts';
import type { PolicyTable } from './policy-table.ts';
import type { DatapathType } from './port-choice.ts';
import { selectBucket } from './select-group.ts';

/** The logical switch that a packet comes from. */
export type RouterIngress = 'node' | 'join' | 'transit';

/** The ports of the router, as one node reaches them. */
export interface ClusterRouterPorts {
  /** A pod of this node. */
  toPod(frame: Frame, address: Ipv4Address): void;
  /** This node itself, through ovn-k8s-mp0. */
  toManagement(frame: Frame): void;
  /** The gateway router of this node. */
  toGateway(frame: Frame): void;
  /** Another node: its gateway router, its pods or its own cluster router. */
  toPeer(frame: Frame, peer: Member, what: 'gateway' | 'pod' | 'transit'): void;
}

/** What the cluster router of a node knows. */
export interface ClusterRouterOptions {
  readonly arena: FrameArena;
  readonly drops: Drops;
  readonly member: Member;
  readonly map: NetworkMap;
  readonly policies: PolicyTable;
  readonly datapath: DatapathType;
  /** Each node has a router of its own, joined by the transit switch. */
  readonly zoned: boolean;
  /** Ordinary traffic of pods leaves through the node's own stack (local gateway mode). */
  readonly leavesByHost: boolean;
  readonly ports: ClusterRouterPorts;
}

/** A node's part of ovn_cluster_router. */
export class ClusterRouter {
  readonly #options: ClusterRouterOptions;

  constructor(options: ClusterRouterOptions) {
    this.#options = options;
  }

  /** Routes a packet with a sound header at `l3`. */
  route(frame: Frame, l3: number, ingress: RouterIngress): void {
    const { arena, member } = this.#options;
    const destination = ipv4.destination(frame, l3);
    if (this.#isOwn(destination)) {
      if (!isEchoRequest(frame, l3)) {
        this.#drop(OvnDrop.LogicalAddress, frame);
        return;
      }
      answerEcho(frame, l3);
      this.#forward(frame, l3);
      return;
    }
    if (ipv4.timeToLive(frame, l3) <= 1) {
      // Its port to a node switch has a gateway chassis: the error carries the destination as source.
      const source =
        ingress === 'node' ? destination : ingress === 'join' ? CLUSTER_JOIN : member.transit;
      const error = icmpError(arena, frame, l3, source, TTL_EXCEEDED);
      this.#drop(OvnDrop.LogicalTtlExceeded, frame);
      if (error !== null) this.#back(error, ingress);
      return;
    }
    this.#forward(frame, l3);
  }

  /** An error leaves by the port that the packet came in by. */
  #back(error: Frame, ingress: RouterIngress): void {
    const { ports } = this.#options;
    const l3 = error.start + ethernet.HEADER_LENGTH;
    if (ingress === 'node') ports.toPod(error, ipv4.destination(error, l3));
    else if (ingress === 'join') ports.toGateway(error);
    else this.#byDestination(error, l3);
  }

  #forward(frame: Frame, l3: number): void {
    const { datapath, policies } = this.#options;
    ipv4.decrementTtl(frame, l3);
    const policy = policies.decide(frame, l3);
    if (policy === null) {
      this.#byDestination(frame, l3);
      return;
    }
    if (policy.mark !== null) frame.mark = policy.mark;
    frame.note = policy.step.after(frame.note);
    if (policy.action === 'allow') {
      this.#byDestination(frame, l3);
      return;
    }
    const { nexthops } = policy;
    const nexthop = nexthops[selectBucket(frame, l3, nexthops.length, datapath)];
    if (nexthop !== undefined) this.#toNextHop(frame, nexthop);
  }

  #byDestination(frame: Frame, l3: number): void {
    const { leavesByHost, map, member, policies, ports } = this.#options;
    const destination = ipv4.destination(frame, l3);
    if (destination === member.management || destination === member.address) {
      ports.toManagement(frame);
    } else if (cidrContains(map.clusterNetwork, destination)) {
      this.#toPod(frame, destination);
    } else if (cidrContains(JOIN_CIDR, destination) || cidrContains(TRANSIT_CIDR, destination)) {
      this.#toNextHop(frame, destination);
    } else {
      const source = ipv4.source(frame, l3);
      const own = leavesByHost ? member.management : member.join;
      this.#toNextHop(frame, policies.routeFrom(source) ?? own);
    }
  }

  #toPod(frame: Frame, destination: Ipv4Address): void {
    const { map, member, ports, zoned } = this.#options;
    const peer = map.ofPod(destination);
    if (peer === null) this.#drop(OvnDrop.NoLogicalRoute, frame);
    else if (peer === member) ports.toPod(frame, destination);
    else ports.toPeer(frame, peer, zoned ? 'transit' : 'pod');
  }

  #toNextHop(frame: Frame, nexthop: Ipv4Address): void {
    const { map, member, ports } = this.#options;
    if (nexthop === member.join) {
      ports.toGateway(frame);
    } else if (nexthop === member.management) {
      ports.toManagement(frame);
    } else {
      const gateway = map.ofJoin(nexthop);
      const peer = gateway ?? map.ofTransit(nexthop);
      if (peer === null) this.#drop(OvnDrop.NoLogicalRoute, frame);
      else ports.toPeer(frame, peer, gateway === null ? 'transit' : 'gateway');
    }
  }

  #isOwn(address: Ipv4Address): boolean {
    const { member } = this.#options;
    return (
      address === member.gateway ||
      address === CLUSTER_JOIN ||
      (this.#options.zoned && address === member.transit)
    );
  }

  #drop(reason: (typeof OvnDrop)[keyof typeof OvnDrop], frame: Frame): void {
    this.#options.drops.count(reason, CLUSTER_ROUTER, frame);
  }
}
