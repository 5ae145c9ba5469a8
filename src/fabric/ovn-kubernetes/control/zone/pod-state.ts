// What a zone remembers of one pod: which object serves it, by which items, and who waits.

import type { EgressIpStatusItem } from '../../kinds/egress-ip.ts';

/** Shared by all states that no quirk has touched. */
const NONE: ReadonlySet<string> = new Set();

/** One pod in the memory of a zone. */
export class PodState {
  readonly key: string;
  /** The pod's addresses when its rows were written. */
  ips: readonly string[];
  /** The pod's node when its rows were written. */
  node: string;
  /** The user-defined network of the pod; null for the default network. */
  readonly network: string | null;
  /** The object that serves; null between two of them. */
  serving: string | null = null;
  /** The mark of the object that serves. */
  mark: number | null = null;
  readonly standby: Set<string> = new Set();
  /** By node and IP, in the order in which they came. */
  readonly items: Map<string, EgressIpStatusItem> = new Map();
  /** Items whose NAT rows a quirk has lost. */
  lostNats: ReadonlySet<string> = NONE;
  /** Next hops that a quirk keeps although their item is gone. */
  staleHops: ReadonlySet<string> = NONE;

  constructor(key: string, node: string, ips: readonly string[], network: string | null) {
    this.key = key;
    this.node = node;
    this.ips = ips;
    this.network = network;
  }
}

/** The name of an item in `PodState.items`. */
export function itemKey({ node, egressIP }: EgressIpStatusItem): string {
  return `${node} ${egressIP}`;
}
