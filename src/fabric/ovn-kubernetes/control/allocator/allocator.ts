// The allocator's memory and which items of an object hold, without any I/O: rules R1 to R4
// (clustermanager/egressip_controller.go:931-1145). What is random in the original (map order) is drawn.

import type { Random } from '../../../../sim/random.ts';
import { canonicalIp, formatIp, parseIp } from '../../ip-text.ts';
import type { EgressIp, EgressIpStatusItem } from '../../kinds/egress-ip.ts';
import type { QuirkName } from '../../quirks.ts';
import type { Voice } from '../sink.ts';
import { Holdings } from './holdings.ts';
import { HostAddresses } from './host-addresses.ts';
import { allocatorErrors, egressIpEvents } from './messages.ts';
import { kindOfNetwork } from './networks.ts';
import { NodeRecord } from './node-record.ts';
import { Placement } from './placement.ts';

const FILE = 'egressip_controller.go';

/** What the allocator is made with. */
export interface AllocatorOptions {
  readonly random: Random;
  readonly quirks: ReadonlySet<QuirkName>;
  readonly isCloud: boolean;
  readonly voice: Voice;
}

/** What a round of one object leads to. */
export interface Round {
  /** Items that hold. */
  readonly kept: readonly EgressIpStatusItem[];
  /** Items that do not hold any more. */
  readonly removed: readonly EgressIpStatusItem[];
  readonly added: readonly EgressIpStatusItem[];
}

/** Who has which IP, and where the next one goes. */
export class Allocator {
  readonly #options: AllocatorOptions;
  readonly #records = new Map<string, NodeRecord>();
  readonly #holdings = new Holdings();
  readonly #placement: Placement;
  /** Addresses of all hosts, which no object can have. */
  readonly hosts: HostAddresses = new HostAddresses();

  constructor(options: AllocatorOptions) {
    this.#options = options;
    this.#placement = new Placement({
      ...options,
      records: this.#records,
      holdings: this.#holdings,
      hosts: this.hosts,
    });
  }

  get records(): ReadonlyMap<string, NodeRecord> {
    return this.#records;
  }

  record(node: string): NodeRecord | null {
    return this.#records.get(node) ?? null;
  }

  /** The record of a node, made if there is none. */
  track(node: string): NodeRecord {
    const known = this.#records.get(node);
    if (known !== undefined) return known;
    const record = new NodeRecord(node, this.#holdings);
    this.#records.set(node, record);
    return record;
  }

  forget(node: string): void {
    this.#records.get(node)?.freeAll();
    this.#records.delete(node);
  }

  /** R1: canonical IPs of a spec; null when one is malformed, which is told. */
  validate(name: string, ips: readonly string[]): readonly string[] | null {
    const { voice } = this.#options;
    const valid = new Set<string>();
    for (const text of ips) {
      const ip = canonicalIp(text);
      if (ip === null) {
        voice.event(name, egressIpEvents.invalid(name, text));
        voice.log('E', `${FILE}:1425`, invalidText(text));
        return null;
      }
      valid.add(ip);
    }
    return [...valid];
  }

  /** R1 to R4 with A1 to A7: which items of an object hold, and where what is missing goes; null when the spec is bad. */
  round({ metadata: { name }, spec, status }: EgressIp): Round | null {
    const wanted = this.validate(name, spec.egressIPs);
    if (wanted === null) return null;
    const items = status?.items ?? [];
    const kept: EgressIpStatusItem[] = [];
    const removed: EgressIpStatusItem[] = [];
    for (const item of items) {
      const holds = this.#holds(name, item) && wanted.includes(canonicalIp(item.egressIP) ?? '');
      (holds ? kept : removed).push(item);
    }
    const free = wanted.filter((ip) => !kept.some(({ egressIP }) => egressIP === ip));
    // A move is one round; an edit takes two, so that what is given up is gone before what comes.
    const toAssign =
      removed.length === 0
        ? free
        : free.filter((ip) => removed.some((item) => canonicalIp(item.egressIP) === ip));
    this.#release(name, removed);
    const { random } = this.#options;
    const added = toAssign.length === 0 ? [] : this.assign(name, random.shuffle(toAssign));
    this.hold(name, [...kept, ...added]);
    return { kept, removed, added };
  }

  /** R2: an item holds while its node can have it; each reason against it is logged. */
  #holds(name: string, item: EgressIpStatusItem): boolean {
    const { voice, quirks } = this.#options;
    const record = this.#records.get(item.node);
    const complaints: string[] = [];
    const complain = (text: (name: string, item: EgressIpStatusItem) => string): void => {
      complaints.push(text(name, item));
    };
    if (record === undefined) complain(allocatorErrors.unknownNode);
    else {
      const ip = parseIp(item.egressIP);
      const owner = ip === null ? undefined : record.allocations.get(formatIp(ip));
      const isUnknown = owner === undefined && quirks.has('ovnk-restart-duplicate');
      if (record.countOf(name) > 1) complain(allocatorErrors.several);
      if (owner !== name && !isUnknown) complain(allocatorErrors.mismatch);
      if (!record.assignable) complain(allocatorErrors.unlabelled);
      if (!record.reachable) complain(allocatorErrors.unreachable);
      if (!record.ready) complain(allocatorErrors.notReady);
      if (ip === null) complain(allocatorErrors.unparsable);
      else if (kindOfNetwork(record.networks, ip) === null)
        complain(allocatorErrors.foreignNetwork);
    }
    for (const text of complaints) voice.log('E', `${FILE}:1464`, text);
    return complaints.length === 0;
  }

  /** Remembers where IPs of an object are. */
  hold(name: string, items: readonly EgressIpStatusItem[]): void {
    for (const { node, egressIP } of items) {
      const ip = canonicalIp(egressIP);
      if (ip !== null) this.#records.get(node)?.allocate(ip, name);
    }
  }

  /** Forgets every IP of an object. */
  release(name: string): void {
    for (const record of this.#records.values()) {
      if (record.countOf(name) === 0) continue;
      for (const [ip, object] of [...record.allocations]) if (object === name) record.free(ip);
    }
  }

  /** A1 to A7: places IPs, in this order, as far as it goes. */
  assign(name: string, ips: readonly string[]): readonly EgressIpStatusItem[] {
    return this.#placement.place(name, ips);
  }

  #release(name: string, items: readonly EgressIpStatusItem[]): void {
    for (const { node, egressIP } of items) {
      const ip = canonicalIp(egressIP);
      const record = this.#records.get(node);
      if (ip !== null && record?.allocations.get(ip) === name) record.free(ip);
    }
  }
}

/** The error of a spec that does not parse. */
export function invalidText(text: string): string {
  return `unable to parse provided EgressIP: ${text}, invalid`;
}
