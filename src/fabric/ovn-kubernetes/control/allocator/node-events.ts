// What the allocator does when a Node comes or changes: rules N1 and N2
// (clustermanager/egressip_event_handler.go:39-215).

import type { Node } from '../../../../kube/kinds/node.ts';
import { formatIp, widthOf } from '../../ip-text.ts';
import type { QuirkName } from '../../quirks.ts';
import {
  annotation,
  CLOUD_ANNOTATION,
  cloudConfig,
  HOST_CIDRS_ANNOTATION,
  hostCidrs,
  isAssignable,
  isHybridOverlay,
  isReady,
  nodeSubnets,
  UNLIMITED,
} from '../annotations.ts';
import { check, type HealthClient } from '../health/health-client.ts';
import type { Voice } from '../sink.ts';
import type { Allocator } from './allocator.ts';
import { networksOfNode } from './networks.ts';
import type { NodeRecord } from './node-record.ts';

const FILE = 'egressip_event_handler.go';

/** What becomes of objects when a node changes. */
export interface Moves {
  /** N3: tries objects that miss an item. */
  complete(done: () => void): void;
  /** Takes every object away from a node. */
  leave(node: string, done: () => void): void;
  /** The same for IPs of networks that the node has no more. */
  leaveLostNetworks(record: NodeRecord, done: () => void): void;
}

/** What is needed to act on events of nodes. */
export interface NodeEventsOptions {
  readonly allocator: Allocator;
  readonly quirks: ReadonlySet<QuirkName>;
  readonly isCloud: boolean;
  readonly voice: Voice;
  readonly client: (node: string) => HealthClient;
  readonly moves: Moves;
}

/** Acts on Nodes that come or change. */
export class NodeEvents {
  readonly #options: NodeEventsOptions;

  constructor(options: NodeEventsOptions) {
    this.#options = options;
  }

  /** N1: flags are set only upward. */
  add(node: Node, done: () => void): void {
    const record = this.#track(node);
    if (record === null) {
      done();
      return;
    }
    if (isAssignable(node)) record.assignable = true;
    if (isReady(node)) record.ready = true;
    this.#whenReachable(record, (reachable) => {
      if (!reachable || !record.assignable || !record.ready) {
        done();
        return;
      }
      record.reachable = true;
      this.#options.moves.complete(done);
    });
  }

  /** N2. */
  update(before: Node, after: Node, done: () => void): void {
    const { name } = after.metadata;
    const { moves, voice } = this.#options;
    const had = isAssignable(before);
    const has = isAssignable(after);
    const record = isHybridOverlay(after) ? null : this.#track(after);
    if (record === null || (!had && !has)) {
      done();
      return;
    }
    record.assignable = has;
    if (!has) {
      voice.log(
        'I',
        `${FILE}:97`,
        `Node: ${name} has been un-labeled, deleting it from egress assignment`,
      );
      record.freeAll();
      moves.leave(name, done);
      return;
    }
    const ready = isReady(after);
    const wasReady = isReady(before);
    const changed = (key: string): boolean => annotation(before, key) !== annotation(after, key);
    const hostChanged = changed(HOST_CIDRS_ANNOTATION);
    const networksChanged = hostChanged || changed(CLOUD_ANNOTATION);
    record.ready = ready;
    if (had && ready === wasReady && !networksChanged) {
      this.#recoverStuck(record, done);
      return;
    }
    if (!ready && had) {
      voice.log(
        'W',
        `${FILE}:133`,
        `Node: ${name} is not ready, deleting it from egress assignment`,
      );
      record.freeAll();
      moves.leave(name, done);
      return;
    }
    this.#whenReachable(record, (reachable) => {
      if (!had)
        voice.log(
          'I',
          `${FILE}:115`,
          `Node: ${name} has been labeled, adding it for egress assignment`,
        );
      if (ready && reachable) {
        if (had)
          voice.log(
            'I',
            `${FILE}:139`,
            `Node: ${name} is ready and reachable, adding it for egress assignment`,
          );
        record.reachable = true;
        moves.complete(() => (hostChanged ? moves.leaveLostNetworks(record, done) : done()));
        return;
      }
      if (!had) {
        voice.log(
          'W',
          `${FILE}:122`,
          `Node: ${name} has been labeled, but node is not ready and reachable, cannot use it for egress assignment`,
        );
      }
      if (hostChanged) moves.leaveLostNetworks(record, done);
      else done();
    });
  }

  /** B23: any update marks a node reachable that answers, and nobody is told: the next check finds no change. */
  #recoverStuck(record: NodeRecord, done: () => void): void {
    if (!this.#options.quirks.has('ovnk-recovery-stuck') || !record.ready) {
      done();
      return;
    }
    this.#whenReachable(record, (reachable) => {
      record.reachable = reachable;
      done();
    });
  }

  #whenReachable(record: NodeRecord, done: (reachable: boolean) => void): void {
    if (record.reachable) done(true);
    else check(this.#options.client(record.name), record.managementIps, done);
  }

  /** Keeps what a node's annotations say; null when it is none for egress IPs. */
  #track(node: Node): NodeRecord | null {
    const { isCloud } = this.#options;
    const networks = isHybridOverlay(node) ? null : networksOfNode(node, isCloud);
    if (networks === null) return null;
    const record = this.#options.allocator.track(node.metadata.name);
    record.networks = networks;
    record.capacity = isCloud ? (cloudConfig(node)?.capacity ?? UNLIMITED) : UNLIMITED;
    record.managementIps = (nodeSubnets(node) ?? []).map((subnet) => {
      const host = BigInt(widthOf(subnet) - subnet.prefixLength);
      return formatIp({ family: subnet.family, bits: ((subnet.bits >> host) << host) + 2n });
    });
    return record;
  }

  /** Its addresses are egress IPs of no host any more. */
  noteHost(node: Node): void {
    const { name } = node.metadata;
    if (isHybridOverlay(node)) return;
    this.#options.allocator.hosts.set(name, hostCidrs(node)?.map(formatIp) ?? null);
  }
}
