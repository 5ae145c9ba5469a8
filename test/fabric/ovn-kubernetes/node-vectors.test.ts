import { describe, expect, test } from 'vitest';
import {
  BridgeAddresses,
  type BridgeOutcome,
} from '../../../src/fabric/ovn-kubernetes/control/host/bridge-addresses.ts';
import {
  connectedRoutes,
  desiredConfig,
  type HostConfig,
  isEgressIpOnLink,
  type LinkAddress,
} from '../../../src/fabric/ovn-kubernetes/control/host/desired.ts';
import { LinkManager } from '../../../src/fabric/ovn-kubernetes/control/host/link-manager.ts';
import { baseTable } from '../../../src/fabric/ovn-kubernetes/control/host/nftables.ts';
import {
  SecondaryHosts,
  tableOf,
} from '../../../src/fabric/ovn-kubernetes/control/host/secondary-hosts.ts';
import { ClusterView } from '../../../src/fabric/ovn-kubernetes/control/view/cluster-view.ts';
import type {
  HostLink,
  HostRoute,
  HostRule,
  HostSnat,
} from '../../../src/fabric/ovn-kubernetes/host-network.ts';
import { parseIpNetwork } from '../../../src/fabric/ovn-kubernetes/ip-text.ts';
import { Scheduler } from '../../../src/sim/scheduler.ts';
import { seconds } from '../../../src/sim/time.ts';
import { eipOf, namespaceOf, podOf, type VectorEip, type VectorPod } from './objects.ts';
import { asSet, type Vector, vectors } from './vector-file.ts';

interface VectorLink {
  readonly name: string;
  readonly addresses?: readonly string[];
  readonly mac?: string;
}

interface VectorRoute {
  readonly table: string;
  readonly dst: string;
  readonly dev: string;
}

interface VectorSnat {
  readonly podIP: string;
  readonly oif: string;
  readonly egressIP: string;
}

interface Given {
  readonly node?: string;
  readonly primaryNetworks?: readonly string[];
  readonly primary?: readonly string[];
  readonly bridge?: string;
  readonly annotation?: readonly string[];
  readonly links?: readonly VectorLink[];
  readonly eips?: readonly VectorEip[];
  readonly pods?: readonly VectorPod[];
  readonly namespaces?: readonly {
    readonly name: string;
    readonly labels: Record<string, string>;
  }[];
  readonly leftOver?: {
    readonly addresses?: readonly (LinkAddress & { readonly oldLabel?: boolean })[];
    readonly routes?: readonly VectorRoute[];
    readonly snat?: readonly VectorSnat[];
    readonly annotation?: readonly string[];
  };
  readonly ipv4?: boolean;
  readonly ipv6?: boolean;
  readonly clusterSubnets?: readonly string[];
  readonly logLevel?: number;
  readonly chassis?: string;
}

interface Step {
  readonly do: string;
  readonly eip?: VectorEip;
  readonly old?: VectorEip;
  readonly name?: string;
  readonly eips?: readonly VectorEip[];
  readonly link?: string;
  readonly address?: string;
  readonly assigned?: readonly string[];
  readonly after?: number;
}

interface Expect {
  readonly addresses?: readonly unknown[];
  readonly rules?: readonly unknown[];
  readonly snat?: readonly unknown[];
  readonly routes?: readonly unknown[];
  readonly routesInclude?: readonly unknown[];
  readonly annotation?: readonly string[];
  readonly annotationIncludes?: readonly string[];
  readonly result?: boolean;
  readonly error?: boolean | string;
  readonly updated?: boolean;
  readonly added?: readonly unknown[];
  readonly removed?: readonly unknown[];
  readonly chains?: unknown;
  readonly maps?: readonly string[];
  readonly frames?: readonly (string | { readonly op: string; readonly spa: string })[];
}

/** A kernel that remembers what it was told, with the links of a vector. */
class FakeHost {
  readonly rules: HostRule[] = [];
  readonly snats: HostSnat[] = [];
  readonly tables = new Map<
    number,
    { readonly link: string; readonly routes: readonly HostRoute[] }
  >();
  readonly added: LinkAddress[] = [];
  readonly removed: LinkAddress[] = [];
  readonly announced: {
    readonly link: string;
    readonly address: string;
    readonly zero: boolean;
  }[] = [];
  readonly #links = new Map<string, string[]>();
  readonly #names: readonly string[];

  constructor(links: readonly VectorLink[]) {
    for (const { addresses = [], name } of links) this.#links.set(name, [...addresses]);
    this.#names = links.map(({ name }) => name);
  }

  links(): readonly HostLink[] {
    return [...this.#links].map(([name, addresses]) => ({
      name,
      index: this.#names.indexOf(name) + 1,
      up: true,
      vrfTable: null,
      addresses,
      routes: connectedRoutes(addresses),
    }));
  }

  vanish(link: string, address?: string): void {
    if (address === undefined) this.#links.delete(link);
    else
      this.#links.set(
        link,
        (this.#links.get(link) ?? []).filter((each) => each !== address),
      );
  }

  hasAddress(link: string, cidr: string): boolean {
    return this.#links.get(link)?.includes(cidr) === true;
  }

  addAddress(link: string, address: string) {
    const held = this.#links.get(link);
    if (held === undefined) return { kind: 'failed', error: 'Link not found' } as const;
    if (held.includes(address)) return { kind: 'unchanged' } as const;
    held.push(address);
    this.added.push({ address, link });
    return { kind: 'done' } as const;
  }

  removeAddress(link: string, address: string) {
    this.vanish(link, address);
    this.removed.push({ address, link });
    return { kind: 'done' } as const;
  }

  announce(link: string, address: string, zero: boolean): boolean {
    this.announced.push({ link, address, zero });
    return true;
  }

  addRule(rule: HostRule): void {
    this.rules.push(rule);
  }

  removeRule(rule: HostRule): void {
    drop(this.rules, rule);
  }

  addSnat(element: HostSnat): void {
    this.snats.push(element);
  }

  removeSnat(element: HostSnat): void {
    drop(this.snats, element);
  }

  setRoutes(table: number, link: string, routes: readonly HostRoute[]): void {
    if (routes.length === 0) this.tables.delete(table);
    else this.tables.set(table, { link, routes });
  }
}

function drop<T>(list: T[], item: T): void {
  const at = list.findIndex((each) => JSON.stringify(each) === JSON.stringify(item));
  if (at >= 0) list.splice(at, 1);
}

const QUIET = { log: () => undefined, event: () => undefined };

/** Secondary networks: kernel and annotation after the steps. */
function runSecondary({ given, steps, expect: wanted = {} }: Vector<Given, Step, Expect>): void {
  const links = given.links ?? [];
  const host = new FakeHost(links);
  const indexOf = (link: string): number =>
    host.links().find(({ name }) => name === link)?.index ?? 0;
  const named = (table: number): string => {
    const link = host.links().find(({ index }) => tableOf(index) === table);
    return `1000+ifindex(${link?.name})`;
  };
  let annotation: readonly string[] = given.leftOver?.annotation ?? [];
  const manager = new LinkManager({
    host,
    scheduler: new Scheduler(),
    voice: QUIET,
    zeroAnnouncements: false,
  });
  const secondary = new SecondaryHosts({
    host,
    addAddress: (address) => manager.add(address),
    removeAddress: (address) => manager.remove(address),
    annotate: (ips) => {
      annotation = ips;
    },
  });
  const leftOver = given.leftOver ?? {};
  for (const { address, link } of leftOver.addresses ?? []) host.addAddress(link, address);
  const found = {
    addresses: (leftOver.addresses ?? []).map(({ address, link }) => ({ link, address })),
    rules: [],
    snats: (leftOver.snat ?? []).map(({ egressIP, oif, podIP }) => ({
      podIp: podIP,
      link: oif,
      egressIp: egressIP,
    })),
    tables: (leftOver.routes ?? []).map(({ dev }) => ({ table: tableOf(indexOf(dev)), link: dev })),
  };
  for (const element of found.snats) host.addSnat(element);
  for (const { link, table } of found.tables) {
    host.setRoutes(table, link, [{ destination: 'default', gateway: null }]);
  }
  const egressIps = (given.eips ?? []).map((eip) => eipOf(eip));
  const view = ClusterView.of({
    nodes: [],
    namespaces: (given.namespaces ?? []).map(({ labels, name }) => namespaceOf(name, labels)),
    pods: (given.pods ?? []).map((pod) => podOf(pod)),
    egressIps,
  });
  const desired = (): HostConfig =>
    desiredConfig({
      node: given.node ?? '',
      primary: (given.primaryNetworks ?? []).flatMap((text) => parseIpNetwork(text) ?? []),
      links: host.links(),
      egressIps,
      podsOf: (object) => view.facts(object).pods,
    });
  for (const step of steps) {
    if (step.do === 'start') secondary.apply(desired());
    else if (step.do === 'repair') secondary.repair(found, desired());
    else if (step.do === 'migrateLabels') {
      const labelled = (leftOver.addresses ?? []).filter(({ oldLabel }) => oldLabel === true);
      secondary.migrate(labelled, annotation);
    } else throw new Error(`unknown step ${step.do}`);
  }
  if (wanted.addresses !== undefined) {
    const base = new Set(
      links.flatMap(({ addresses = [], name }) => addresses.map((each) => `${name} ${each}`)),
    );
    const seen = host
      .links()
      .flatMap(({ addresses, name }) =>
        addresses
          .filter((address) => !base.has(`${name} ${address}`))
          .map((address) => ({ address, link: name })),
      );
    expect(asSet(seen)).toEqual(asSet(wanted.addresses));
  }
  if (wanted.rules !== undefined) {
    const seen = host.rules.map(({ from, priority, table }) => ({
      priority,
      from,
      lookup: named(table),
    }));
    expect(asSet(seen)).toEqual(asSet(wanted.rules));
  }
  if (wanted.snat !== undefined) {
    const seen = host.snats.map(({ egressIp, link, podIp }) => ({
      podIP: podIp,
      oif: link,
      egressIP: egressIp,
    }));
    expect(asSet(seen)).toEqual(asSet(wanted.snat));
  }
  const routes = [...host.tables].flatMap(([table, { link, routes: all }]) =>
    all.map(({ destination }) => ({ table: named(table), dst: destination, dev: link })),
  );
  if (wanted.routes !== undefined) expect(asSet(routes)).toEqual(asSet(wanted.routes));
  for (const route of wanted.routesInclude ?? [])
    expect(asSet(routes)).toContain(asSet([route])[0]);
  if (wanted.annotation !== undefined) expect(asSet(annotation)).toEqual(asSet(wanted.annotation));
  for (const ip of wanted.annotationIncludes ?? []) expect(annotation).toContain(ip);
}

/** Addresses on br-ex. */
function runBridge({ given, steps, expect: wanted = {} }: Vector<Given, Step, Expect>): void {
  const link = given.bridge ?? '';
  const added: unknown[] = [];
  const removed: unknown[] = [];
  let annotation: readonly string[] = given.annotation ?? [];
  const bridge = new BridgeAddresses({
    node: given.node ?? '',
    primary: (given.primary ?? []).flatMap((text) => parseIpNetwork(text) ?? []),
    takesSecondary: false,
    annotation,
    annotate: (ips) => {
      annotation = ips;
    },
    add: (address) => added.push({ address, link }),
    remove: (address) => removed.push({ address, link }),
  });
  const run = (step: Step): BridgeOutcome => {
    const eip = step.eip === undefined ? null : eipOf(step.eip);
    if (step.do === 'sync') {
      bridge.sync((step.eips ?? []).map((each) => eipOf(each)));
      return { updated: true, error: null };
    }
    if (eip === null) throw new Error('the step has an object');
    if (step.do === 'addEIP') return bridge.change(null, eip);
    if (step.do === 'deleteEIP') return bridge.change(eip, null);
    return bridge.change(step.old === undefined ? eip : eipOf(step.old), eip);
  };
  for (const step of steps) {
    const { error, updated } = run(step);
    if (step.expect?.updated !== undefined) expect(updated).toBe(step.expect.updated);
    if (step.expect?.error !== undefined) expect(error !== null).toBe(step.expect.error);
  }
  if (wanted.annotation !== undefined) expect(asSet(annotation)).toEqual(asSet(wanted.annotation));
  if (wanted.added !== undefined) expect(asSet(added)).toEqual(asSet(wanted.added));
  if (wanted.removed !== undefined) expect(asSet(removed)).toEqual(asSet(wanted.removed));
}

/** The link manager and what it announces. */
function runLinks({ given, steps }: Vector<Given, Step, Expect>): void {
  const scheduler = new Scheduler();
  const host = new FakeHost(given.links ?? []);
  const manager = new LinkManager({ host, scheduler, voice: QUIET, zeroAnnouncements: false });
  manager.start();
  for (const step of steps) {
    const { address = '', link = '' } = step;
    const before = { announced: host.announced.length, added: host.added.length };
    let problem: string | null = null;
    if (step.do === 'linkAdd') problem = manager.add({ link, address });
    else if (step.do === 'linkDelete') problem = manager.remove({ link, address });
    else if (step.do === 'linkVanishes') host.vanish(link);
    else if (step.do === 'addressVanishes') host.vanish(link, address);
    else if (step.do === 'resync') scheduler.advanceTo(scheduler.now + seconds(step.after ?? 0));
    else throw new Error(`unknown step ${step.do}`);
    const wanted = step.expect ?? {};
    if (wanted.error !== undefined) expect(problem !== null).toBe(wanted.error);
    if (wanted.frames !== undefined) {
      const announced = host.announced.slice(before.announced);
      expect(announced.flatMap(() => ['request', 'reply'])).toEqual(
        wanted.frames.map((frame) => (typeof frame === 'string' ? frame : frame.op)),
      );
      for (const each of announced) expect(each.zero).toBe(false);
      for (const frame of wanted.frames) {
        if (typeof frame === 'object')
          expect(announced.map((each) => each.address)).toContain(frame.spa);
      }
    }
    if (wanted.added !== undefined) {
      expect(asSet(host.added.slice(before.added))).toEqual(asSet(wanted.added));
    }
  }
}

function runNft({ given, expect: wanted = {} }: Vector<Given, Step, Expect>): void {
  const { clusterSubnets = [], ipv4 = false, ipv6 = false, logLevel = 0 } = given;
  const table = baseTable({ clusterSubnets, ipv4, ipv6, logLevel });
  if (typeof table === 'string') {
    expect(table).toBe(wanted.error);
    return;
  }
  expect(wanted.error).toBeUndefined();
  if (wanted.chains !== undefined) expect(table.chains).toEqual(wanted.chains);
  if (wanted.maps !== undefined) expect(table.maps).toEqual(wanted.maps);
}

function runOnLink({ given, steps }: Vector<Given, Step, Expect>): void {
  const links = new FakeHost(given.links ?? []).links();
  for (const { assigned = [], expect: wanted, link = '' } of steps) {
    expect(isEgressIpOnLink(links, link, new Set(assigned))).toBe(wanted?.result);
  }
}

function run(vector: Vector<Given, Step, Expect>): void {
  const { given, steps } = vector;
  const first = steps[0]?.do ?? '';
  if (first === 'initNftables') runNft(vector);
  else if (first === 'isEgressIPOnLink') runOnLink(vector);
  else if (given.bridge !== undefined) runBridge(vector);
  else if (first.startsWith('link')) runLinks(vector);
  else runSecondary(vector);
}

describe('the node side configures what the original configures', () => {
  test.each(
    vectors<Given, Step, Expect>('nodeVectors')
      // Announcements of OVN are those of the data path: test/fabric/ovn-kubernetes/datapath.
      .filter(({ given }) => given.chassis === undefined)
      .map((vector) => [vector.name, vector] as const),
  )('%s', (_name, vector) => run(vector));
});
