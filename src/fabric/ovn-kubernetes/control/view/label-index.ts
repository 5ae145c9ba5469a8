// Labeled things findable by a label, so that a selector looks at those few that have one it asks for.

import type { TextMap } from '../../../../kube/kinds/object.ts';
import type { LabelSelector } from '../../kinds/egress-ip.ts';
import { selects } from './selectors.ts';

/** Names of things by their labels. */
export class LabelIndex {
  readonly #labels: ReadonlyMap<string, TextMap>;
  /** By `key=value`. */
  readonly #byLabel = new Map<string, string[]>();

  /** Things and their labels; what is found comes in this order. */
  constructor(things: Iterable<readonly [string, TextMap]>) {
    this.#labels = new Map(things);
    for (const [name, labels] of this.#labels) {
      for (const key in labels) {
        const label = `${key}=${labels[key]}`;
        const names = this.#byLabel.get(label);
        if (names === undefined) this.#byLabel.set(label, [name]);
        else names.push(name);
      }
    }
  }

  /** Names of the things that a selector picks. */
  selected(selector: LabelSelector): readonly string[] {
    const names: string[] = [];
    for (const name of this.#candidates(selector)) {
      const labels = this.#labels.get(name);
      if (labels !== undefined && selects(selector, labels)) names.push(name);
    }
    return names;
  }

  #candidates({ matchLabels = {} }: LabelSelector): Iterable<string> {
    for (const key in matchLabels) return this.#byLabel.get(`${key}=${matchLabels[key]}`) ?? [];
    return this.#labels.keys();
  }
}
