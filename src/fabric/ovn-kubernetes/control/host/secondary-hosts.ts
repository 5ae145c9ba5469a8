// Brings a node's kernel to what its egress IPs of secondary networks want, in the order of the original:
// rules and translations, the annotation, the address, the routes. Repairs at start what an earlier run left.

import { jsonEquals } from '../../../../kube/json.ts';
import type { HostEgressState, HostNetwork, HostRoute } from '../../host-network.ts';
import { EGRESS_TABLE_BASE } from '../../host-network.ts';
import type { HostConfig, LinkAddress } from './desired.ts';

/** What the kernel has of egress IPs; it outlives the agent. */
export interface HostState extends HostEgressState {
  readonly addresses: readonly LinkAddress[];
}

const NOTHING: HostConfig = { addresses: [], rules: [], snats: [], tables: [] };

/** The verbs that it needs. */
export type SecondaryHost = Pick<
  HostNetwork,
  'addRule' | 'removeRule' | 'setRoutes' | 'addSnat' | 'removeSnat'
>;

/** Who carries out what is decided. */
export interface SecondaryHostsOptions {
  readonly host: SecondaryHost;
  /** Puts addresses on links and keeps them there. */
  readonly addAddress: (address: LinkAddress) => void;
  readonly removeAddress: (address: LinkAddress) => void;
  /** Writes `secondary-host-egress-ips`. */
  readonly annotate: (ips: readonly string[]) => void;
}

/** The state of secondary networks on one node. */
export class SecondaryHosts {
  readonly #options: SecondaryHostsOptions;
  #config: HostConfig = NOTHING;

  constructor(options: SecondaryHostsOptions) {
    this.#options = options;
  }

  /** What the node has been brought to. */
  get config(): HostConfig {
    return this.#config;
  }

  /** Addresses that an older release had labelled are written down, so that a repair finds them. */
  migrate(labelled: readonly LinkAddress[], recorded: readonly string[]): void {
    const ips = labelled.map(({ address }) => address.replace(/\/\d+$/, ''));
    this.#options.annotate([...new Set([...recorded, ...ips])].sort());
  }

  /** Takes out what the kernel has and nobody wants; what is right stays untouched. */
  repair(found: HostState, wanted: HostConfig): void {
    this.#config = {
      addresses: found.addresses,
      rules: found.rules,
      snats: found.snats,
      tables: found.tables.map(({ table, link }) => ({ table, link, routes: [] as HostRoute[] })),
    };
    const keeps =
      <T>(all: readonly T[]) =>
      (item: T): boolean =>
        all.some((each) => JSON.stringify(each) === JSON.stringify(item));
    const tables = new Set(wanted.tables.map(({ table }) => table));
    this.apply({
      addresses: found.addresses.filter(keeps(wanted.addresses)),
      rules: found.rules.filter(keeps(wanted.rules)),
      snats: found.snats.filter(keeps(wanted.snats)),
      tables: this.#config.tables.filter(({ table }) => tables.has(table)),
    });
  }

  /** Adds what is missing, then takes out what is wanted no more. */
  apply(wanted: HostConfig): void {
    const { addAddress, annotate, host, removeAddress } = this.#options;
    const before = this.#config;
    this.#config = wanted;
    for (const rule of without(wanted.rules, before.rules)) host.addRule(rule);
    for (const element of without(wanted.snats, before.snats)) host.addSnat(element);
    const ips = egressIpsOf(wanted);
    if (!jsonEquals([...ips], [...egressIpsOf(before)])) annotate(ips);
    for (const address of without(wanted.addresses, before.addresses)) addAddress(address);
    for (const { table, link, routes } of without(wanted.tables, before.tables))
      host.setRoutes(table, link, routes);
    for (const rule of without(before.rules, wanted.rules)) host.removeRule(rule);
    for (const element of without(before.snats, wanted.snats)) host.removeSnat(element);
    for (const address of without(before.addresses, wanted.addresses)) removeAddress(address);
    const kept = new Set(wanted.tables.map(({ table }) => table));
    for (const { table, link } of without(before.tables, wanted.tables)) {
      if (!kept.has(table)) host.setRoutes(table, link, []);
    }
  }
}

/** The IPs of a configuration, sorted, as the annotation has them. */
export function egressIpsOf({ addresses }: HostConfig): readonly string[] {
  return [...new Set(addresses.map(({ address }) => address.replace(/\/\d+$/, '')))].sort();
}

/** The table of a link's egress IPs. */
export function tableOf(index: number): number {
  return EGRESS_TABLE_BASE + index;
}

function without<T>(all: readonly T[], others: readonly T[]): T[] {
  const known = new Set(others.map((item) => JSON.stringify(item)));
  return all.filter((item) => !known.has(JSON.stringify(item)));
}
