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
  readonly #said = new Map<string, string>();

  constructor(events: Emitter<EgressEvents>, node: string, controller: ZoneController) {
    this.#events = events;
    this.#node = node;
    this.#controller = controller;
  }

  /** Tells of those pods that are the node's and leave otherwise than before. */
  tell(pods: ReadonlySet<string>): void {
    const gone: string[] = [];
    for (const key of pods) {
      const state = this.#controller.states.get(key);
      if (state?.node !== this.#node || state.items.size === 0) {
        gone.push(key);
        continue;
      }
      const items = [...state.items.values()];
      const ips = items.map(({ egressIP }) => egressIP);
      const nodes = items.map(({ node }) => this.#addressOf(node));
      const text = JSON.stringify({ ips, nodes });
      if (text === this.#said.get(key)) continue;
      this.#said.set(key, text);
      this.#emit(key, 'via', ips, nodes);
    }
    for (const key of gone) if (this.#said.delete(key)) this.#emit(key, 'normal', [], []);
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
    const [own] = this.#controller.view.nodes.get(node)?.primary ?? [];
    return own === undefined ? node : formatIp(own);
  }
}
