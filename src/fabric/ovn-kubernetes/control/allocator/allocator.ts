// The allocator's memory and its choice of nodes, without any I/O: rules A1 to A7 and R1 to R4
// (clustermanager/egressip_controller.go:931-1404). What is random in the original (map order) is drawn.

import type { Random } from '../../../../sim/random.ts';
import { canonicalIp, formatIp, type IpAddress, parseIp } from '../../ip-text.ts';
import type { EgressIp, EgressIpStatusItem } from '../../kinds/egress-ip.ts';
import type { QuirkName } from '../../quirks.ts';
import type { Voice } from '../sink.ts';
import { allocatorErrors, egressIpEvents } from './messages.ts';
import { kindOfNetwork, networkOf } from './networks.ts';
import { NodeRecord } from './node-record.ts';

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
  /** Addresses of hosts, labelled or not: canonical → nodes. */
  readonly #hostAddresses = new Map<string, Set<string>>();
  readonly #addressesOf = new Map<string, readonly string[]>();
  /** Nodes whose host-cidrs cannot be read. */
  readonly #unreadable = new Set<string>();

  constructor(options: AllocatorOptions) {
    this.#options = options;
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
    const record = new NodeRecord(node);
    this.#records.set(node, record);
    return record;
  }

  forget(node: string): void {
    this.#records.delete(node);
  }

  /** What addresses a host has; null: its annotation cannot be read; undefined: there is no such node any more. */
  setHostAddresses(node: string, addresses: readonly string[] | null | undefined): void {
    for (const address of this.#addressesOf.get(node) ?? []) {
      const holders = this.#hostAddresses.get(address);
      holders?.delete(node);
      if (holders?.size === 0) this.#hostAddresses.delete(address);
    }
    this.#addressesOf.set(node, addresses ?? []);
    for (const address of addresses ?? []) {
      const holders = this.#hostAddresses.get(address) ?? new Set();
      this.#hostAddresses.set(address, holders.add(node));
    }
    if (addresses === null) this.#unreadable.add(node);
    else this.#unreadable.delete(node);
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

  #release(name: string, items: readonly EgressIpStatusItem[]): void {
    for (const { node, egressIP } of items) {
      const ip = canonicalIp(egressIP);
      const record = this.#records.get(node);
      if (ip !== null && record?.allocations.get(ip) === name) record.free(ip);
    }
  }

  /** A1 to A7: places IPs, in this order, as far as it goes. */
  assign(name: string, ips: readonly string[]): readonly EgressIpStatusItem[] {
    const { quirks, voice } = this.#options;
    let candidates = this.#candidates();
    if (candidates.length === 0) {
      voice.event(name, egressIpEvents.noAssignableNodes(name));
      voice.log(
        'E',
        `${FILE}:1227`,
        `No assignable nodes found for EgressIP: ${name} and requested IPs: [${ips.join(' ')}]`,
      );
      return [];
    }
    const items: EgressIpStatusItem[] = [];
    for (const text of ips) {
      const ip = parseIp(text);
      if (ip === null) continue;
      const egressIP = formatIp(ip);
      const [unreadable] = this.#unreadable;
      if (unreadable !== undefined) {
        voice.log(
          'E',
          `${FILE}:1238`,
          `Egress IP: ${egressIP} unable to check if it is assigned on an interface: host-cidrs annotation of node ${unreadable} cannot be read`,
        );
        return items;
      }
      const host = this.#hostWith(egressIP);
      if (host !== null) {
        voice.event(name, egressIpEvents.conflict(name, egressIP, host));
        voice.log(
          'E',
          `${FILE}:1244`,
          `Egress IP: ${egressIP} address is already assigned on an interface on node ${host}`,
        );
        if (quirks.has('ovnk-conflict-stops-all')) return items;
        continue;
      }
      const holder = this.#holderOf(egressIP);
      if (holder !== null && holder.object !== name) {
        const event = egressIpEvents.alreadyAllocated(
          name,
          egressIP,
          holder.object,
          holder.record.name,
        );
        voice.event(name, event);
        voice.log('E', `${FILE}:1289`, event.message);
        continue;
      }
      if (holder !== null) {
        if (kindOfNetwork(holder.record.networks, ip) !== null) {
          items.push({ node: holder.record.name, egressIP });
          this.#tellSuccess(egressIP, ip, holder.record);
        }
        continue;
      }
      const hosts = this.#secondaryHosts(candidates, ip);
      if (hosts.length > 0 && quirks.has('ovnk-secondary-narrows-nodes')) candidates = hosts;
      const choice = (hosts.length > 0 ? hosts : candidates).find(
        (record) =>
          record.countOf(name) === 0 &&
          kindOfNetwork(record.networks, ip) !== null &&
          record.hasRoomFor(ip.family),
      );
      if (choice === undefined) continue;
      choice.allocate(egressIP, name);
      items.push({ node: choice.name, egressIP });
      this.#tellSuccess(egressIP, ip, choice);
    }
    this.#tellMissing(name, ips, items.length);
    return items;
  }

  /** A1: fewest allocations first, ties by chance; sorted once per call. */
  #candidates(): readonly NodeRecord[] {
    const usable = [...this.#records.values()].filter(({ isCandidate }) => isCandidate);
    return this.#options.random
      .shuffle(usable)
      .sort((a, b) => a.allocations.size - b.allocations.size);
  }

  #hostWith(ip: string): string | null {
    const [node] = this.#hostAddresses.get(ip) ?? [];
    return node ?? null;
  }

  #holderOf(ip: string): { readonly object: string; readonly record: NodeRecord } | null {
    for (const record of this.#records.values()) {
      const object = record.allocations.get(ip);
      if (object !== undefined) return { object, record };
    }
    return null;
  }

  /** A5: nodes for which the IP is on a secondary network. */
  #secondaryHosts(candidates: readonly NodeRecord[], ip: IpAddress): readonly NodeRecord[] {
    if (this.#options.isCloud) return [];
    return candidates.filter(({ networks }) => kindOfNetwork(networks, ip) === 'secondary');
  }

  #tellSuccess(ip: string, address: IpAddress, { name, networks }: NodeRecord): void {
    const network = networkOf(networks, address)?.network ?? '';
    this.#options.voice.log(
      'I',
      `${FILE}:1383`,
      `Successful assignment of egress IP: ${ip} to network ${network} on node: ${name}`,
    );
  }

  #tellMissing(name: string, ips: readonly string[], assigned: number): void {
    const { voice } = this.#options;
    if (assigned === 0) {
      voice.event(
        name,
        egressIpEvents.noMatchingNodes(
          name,
          ips.map((ip) => canonicalIp(ip) ?? ip),
        ),
      );
      voice.log('E', `${FILE}:1391`, `No matching host found for EgressIP: ${name}`);
    } else if (assigned < ips.length) {
      voice.event(name, egressIpEvents.unassigned(name));
    }
  }
}

/** The error of a spec that does not parse. */
export function invalidText(text: string): string {
  return `unable to parse provided EgressIP: ${text}, invalid`;
}
