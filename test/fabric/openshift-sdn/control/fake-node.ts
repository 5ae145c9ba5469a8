// An EgressNode without a data plane: it remembers what it was told, answers dials as a function says,
// and lets a test count packets by hand.

import { type DialOutcome, DialOutcome as Outcome } from '../../../../src/fabric/dialer.ts';
import type {
  AddressOutcome,
  ArpingAnnouncement,
  EgressNode,
  NamespaceEgress,
  PrimaryInterface,
  TunnelCounters,
} from '../../../../src/fabric/openshift-sdn/control/egress-node.ts';
import type { Scheduler } from '../../../../src/sim/scheduler.ts';
import { micros, type Nanos } from '../../../../src/sim/time.ts';
import {
  formatIpv4,
  type Ipv4Address,
  type Ipv4Cidr,
  parseCidr,
} from '../../../../src/wire/ipv4-address.ts';

export interface SentArp {
  readonly at: Nanos;
  readonly ip: string;
  readonly form: ArpingAnnouncement;
  readonly note: string;
}

export interface Dial {
  readonly at: Nanos;
  readonly to: string;
  readonly timeout: Nanos;
}

export class FakeNode implements EgressNode {
  readonly name: string;
  readonly #scheduler: Scheduler;
  readonly #link: PrimaryInterface;
  /** The pod switch stands. */
  isSetUp = false;
  readonly #listeners = new Set<(address: Ipv4Address) => void>();
  readonly addresses: Set<Ipv4Address> = new Set();
  readonly snat: Map<Ipv4Address, number> = new Map();
  readonly namespaces: Map<number, NamespaceEgress> = new Map();
  readonly arps: SentArp[] = [];
  readonly dials: Dial[] = [];
  readonly counters: Map<string, { received: number; sent: number }> = new Map();
  /** How dials end; a timeout takes its time, everything else 100 µs. */
  answer: (to: string) => DialOutcome = () => Outcome.Refused;
  refuseAddresses: string | null = null;

  constructor(scheduler: Scheduler, name: string, address: string, interfaceName = 'enp1s0') {
    this.name = name;
    this.#scheduler = scheduler;
    const cidr = parseCidr(address);
    if (cidr === null) throw new Error(`${address} is no CIDR`);
    this.#link = { name: interfaceName, address: cidr };
  }

  get nodeIp(): Ipv4Address {
    return this.#link.address.address;
  }

  /** The egress addresses, as text and sorted. */
  get holds(): readonly string[] {
    return [...this.addresses].map(formatIpv4).sort();
  }

  primaryInterface(nodeIp: Ipv4Address): PrimaryInterface | null {
    return nodeIp === this.nodeIp ? this.#link : null;
  }

  addEgressAddress(_interfaceName: string, { address }: Ipv4Cidr): AddressOutcome {
    if (this.refuseAddresses !== null) return { kind: 'failed', error: this.refuseAddresses };
    if (this.addresses.has(address)) return { kind: 'unchanged' };
    this.addresses.add(address);
    return { kind: 'done' };
  }

  removeEgressAddress(_interfaceName: string, { address }: Ipv4Cidr): AddressOutcome {
    return this.addresses.delete(address) ? { kind: 'done' } : { kind: 'unchanged' };
  }

  egressAddresses(): readonly Ipv4Address[] {
    return [...this.addresses];
  }

  sendArp(
    _interfaceName: string,
    address: Ipv4Address,
    form: ArpingAnnouncement,
    note: string,
  ): boolean {
    if (!this.addresses.has(address)) return false;
    this.arps.push({ at: this.#scheduler.now, ip: formatIpv4(address), form, note });
    return true;
  }

  addSnat(mark: number, address: Ipv4Address): void {
    this.snat.set(address, mark);
  }

  removeSnat(_mark: number, address: Ipv4Address): void {
    this.snat.delete(address);
  }

  retainSnat(addresses: readonly Ipv4Address[]): number {
    const stale = [...this.snat.keys()].filter((address) => !addresses.includes(address));
    for (const address of stale) this.snat.delete(address);
    return stale.length;
  }

  setNamespaceEgress(vnid: number, egress: NamespaceEgress): void {
    if (egress.kind === 'normal') this.namespaces.delete(vnid);
    else this.namespaces.set(vnid, egress);
  }

  setUpPodSwitch(): boolean {
    const isNew = !this.isSetUp;
    this.isSetUp = true;
    this.namespaces.clear();
    return isNew;
  }

  tunnelCounters(hostIp: Ipv4Address): TunnelCounters {
    return this.counters.get(formatIpv4(hostIp)) ?? { received: 0, sent: 0 };
  }

  onAddressLost(listener: (address: Ipv4Address) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Somebody else takes an address off. */
  lose(address: Ipv4Address): void {
    this.addresses.delete(address);
    for (const listener of this.#listeners) listener(address);
  }

  dial(
    address: Ipv4Address,
    _port: number,
    timeout: Nanos,
    done: (outcome: DialOutcome) => void,
  ): void {
    const to = formatIpv4(address);
    this.dials.push({ at: this.#scheduler.now, to, timeout });
    const outcome = this.answer(to);
    const delay = outcome === Outcome.Timeout ? timeout : micros(100);
    this.#scheduler.after(delay, done, outcome, null);
  }
}
