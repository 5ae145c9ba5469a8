// What the objects of a cluster say about egress IPs at one moment, whatever the fabric calls its objects;
// and whom its processes take for dead. Properties of runs are judged by it.

import type { Ipv4Address } from '../wire/ipv4-address.ts';

/** One egress IP that an object asks for. */
export interface EgressRequest {
  readonly address: Ipv4Address;
  /** The name of the object that asks for it. */
  readonly owner: string;
  /** The nodes that the API lists it on; more than one is a mistake of an administrator. */
  readonly nodes: readonly string[];
  /** The nodes on which the fabric may place it by itself. */
  readonly candidates: readonly string[];
  /** The pods that leave under it. */
  readonly pods: readonly string[];
}

/** A process of the fabric holds a node to be dead. */
export interface OfflineVerdict {
  /** 'controller', or the node of the agent. */
  readonly by: string;
  readonly node: string;
}
