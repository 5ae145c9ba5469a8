// The SNAT rows of one gateway router as flows: the longest prefix that holds the source decides. Each
// external address is the router's own for whoever asks by ARP, as long as one row names it.

import {
  cidrContains,
  formatIpv4,
  type Ipv4Address,
  type Ipv4Cidr,
  parseCidr,
  parseIpv4,
} from '../../../wire/ipv4-address.ts';
import type { NatRow, NorthboundDatabase } from '../northbound.ts';
import { ownerOf, StepNotes } from './notes.ts';

/** A row as packets need it. */
export interface NatFlow {
  readonly key: string;
  readonly logical: Ipv4Cidr;
  readonly external: Ipv4Address;
  readonly step: StepNotes;
}

const HOST = 32;

/** The rows of one router. */
export class NatTable {
  readonly #router: string;
  readonly #bySource = new Map<Ipv4Address, NatFlow[]>();
  /** Of networks, longest prefix first. */
  #networks: NatFlow[] = [];
  /** How many rows name each external address. */
  readonly #externals = new Map<Ipv4Address, number>();

  /** `changed` is called after the set of external addresses may have changed. */
  constructor(router: string, database: NorthboundDatabase, changed: () => void) {
    this.#router = router;
    for (const row of database.nats) this.#add(row);
    database.onChange((changes) => {
      let touched = false;
      for (const change of changes) {
        if (change.table !== 'nat') continue;
        const { before, after } = change;
        if (before !== null) this.#remove(before);
        if (after !== null) this.#add(after);
        touched = true;
      }
      if (touched) changed();
    });
  }

  /** The row for packets from this source; null when none applies. */
  of(source: Ipv4Address): NatFlow | null {
    const own = this.#bySource.get(source)?.[0];
    if (own !== undefined) return own;
    for (const flow of this.#networks) if (cidrContains(flow.logical, source)) return flow;
    return null;
  }

  /** Some row has this external address. */
  isExternal(address: Ipv4Address): boolean {
    return this.#externals.has(address);
  }

  /** External addresses in the order in which they came. */
  get externals(): readonly Ipv4Address[] {
    return [...this.#externals.keys()];
  }

  #add(row: NatRow): void {
    const flow = this.#flowOf(row);
    if (flow === null) return;
    const { external, logical } = flow;
    this.#externals.set(external, (this.#externals.get(external) ?? 0) + 1);
    if (logical.prefixLength === HOST) {
      this.#bySource.set(logical.address, [...(this.#bySource.get(logical.address) ?? []), flow]);
    } else {
      this.#networks = [...this.#networks, flow].sort(
        (a, b) => b.logical.prefixLength - a.logical.prefixLength,
      );
    }
  }

  #remove(row: NatRow): void {
    const flow = this.#flowOf(row);
    if (flow === null) return;
    const { external, logical, key } = flow;
    const count = (this.#externals.get(external) ?? 0) - 1;
    if (count > 0) this.#externals.set(external, count);
    else this.#externals.delete(external);
    if (logical.prefixLength < HOST) {
      this.#networks = this.#networks.filter((other) => other.key !== key);
      return;
    }
    const rest = (this.#bySource.get(logical.address) ?? []).filter((other) => other.key !== key);
    if (rest.length === 0) this.#bySource.delete(logical.address);
    else this.#bySource.set(logical.address, rest);
  }

  /** Null for rows of other routers and of IPv6. */
  #flowOf({ key, router, externalIp, logicalIp, externalIds }: NatRow): NatFlow | null {
    if (router !== this.#router) return null;
    const external = parseIpv4(externalIp);
    const logical = parseCidr(logicalIp.includes('/') ? logicalIp : `${logicalIp}/${HOST}`);
    if (external === null || logical === null) return null;
    const owner = ownerOf(externalIds);
    const of = owner === '' ? '' : ` of ${owner}`;
    const step = new StepNotes(`${router} snat ${formatIpv4(external)} ${logicalIp}${of}`);
    return { key, logical, external, step };
  }
}
