// Says in the event log how the pods of a node leave from now on, whenever that has changed.

import type { Emitter } from '../../../../sim/event-log.ts';
import type { EgressEvents } from '../../../egress-events.ts';
import { formatIp } from '../../ip-text.ts';
import type { ZoneController } from './zone-controller.ts';

/** Remembers what was said of each pod. */
export class PodEgressTeller {
  readonly #events: Emitter<EgressEvents>;
  readonly #node: string;
  readonly #controller: ZoneController;
  /** By namespace and pod: what was said last. */
  #said = new Map<string, string>();

  constructor(events: Emitter<EgressEvents>, node: string, controller: ZoneController) {
    this.#events = events;
    this.#node = node;
    this.#controller = controller;
  }

  /** Tells of every pod of the node that leaves otherwise than before. */
  tell(): void {
    const now = new Map<string, string>();
    for (const state of this.#controller.states.values()) {
      if (state.node !== this.#node || state.items.size === 0) continue;
      const items = [...state.items.values()];
      const ips = items.map(({ egressIP }) => egressIP);
      const nodes = items.map(({ node }) => this.#addressOf(node));
      now.set(state.key, JSON.stringify({ ips, nodes }));
      if (now.get(state.key) !== this.#said.get(state.key))
        this.#emit(state.key, 'via', ips, nodes);
    }
    for (const key of this.#said.keys()) if (!now.has(key)) this.#emit(key, 'normal', [], []);
    this.#said = now;
  }

  #emit(
    key: string,
    outcome: 'via' | 'normal',
    ips: readonly string[],
    nodes: readonly string[],
  ): void {
    const [namespace = '', pod = ''] = key.split('/');
    this.#events.emit(this.#node, 'namespace-egress', {
      namespace,
      pods: [pod],
      outcome,
      ips,
      nodes,
    });
  }

  #addressOf(node: string): string {
    const [own] = this.#controller.nodes.get(node)?.primary ?? [];
    return own === undefined ? node : formatIp(own);
  }
}
