// EgressIPs as the allocator knows them, which may be older than what the API has.

import { networkContains, parseIp } from '../../ip-text.ts';
import type { EgressIp } from '../../kinds/egress-ip.ts';
import type { NodeRecord } from './node-record.ts';

/** The allocator's EgressIPs. */
export class KnownObjects {
  readonly #objects = new Map<string, EgressIp>();

  get objects(): ReadonlyMap<string, EgressIp> {
    return this.#objects;
  }

  /** Keeps an object, unless a newer state of it is known. */
  learn(object: EgressIp): void {
    const { name, resourceVersion, uid } = object.metadata;
    const known = this.#objects.get(name)?.metadata;
    const isOld = known?.uid === uid && Number(known.resourceVersion) > Number(resourceVersion);
    if (!isOld) this.#objects.set(name, object);
  }

  forget(name: string): void {
    this.#objects.delete(name);
  }

  /** Objects that miss an item. */
  incomplete(): readonly EgressIp[] {
    return this.#all(({ spec, status }) => spec.egressIPs.length !== (status?.items.length ?? 0));
  }

  /** Objects with an item on a node. */
  on(node: string): readonly EgressIp[] {
    return this.#all(({ status }) => status?.items.some((item) => item.node === node) === true);
  }

  /** Objects with an IP on a node that is on none of its networks any more. */
  strandedOn({ name, networks }: NodeRecord): readonly EgressIp[] {
    const all = [...networks.primary, ...networks.secondary];
    const isStranded = (egressIP: string): boolean => {
      const ip = parseIp(egressIP);
      return ip !== null && !all.some((network) => networkContains(network, ip));
    };
    return this.#all(
      ({ status }) =>
        status?.items.some((item) => item.node === name && isStranded(item.egressIP)) === true,
    );
  }

  #all(isWanted: (object: EgressIp) => boolean): readonly EgressIp[] {
    const found: EgressIp[] = [];
    for (const object of this.#objects.values()) if (isWanted(object)) found.push(object);
    return found;
  }
}
