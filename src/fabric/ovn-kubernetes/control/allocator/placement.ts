// Where the IPs of an object go: rules A1 to A7 (clustermanager/egressip_controller.go:1216-1404). What is
// random in the original (map order) is drawn.

import type { Random } from '../../../../sim/random.ts';
import { canonicalIp, formatIp, type IpAddress, parseIp } from '../../ip-text.ts';
import type { EgressIpStatusItem } from '../../kinds/egress-ip.ts';
import type { QuirkName } from '../../quirks.ts';
import type { Voice } from '../sink.ts';
import type { Holdings } from './holdings.ts';
import type { HostAddresses } from './host-addresses.ts';
import { egressIpEvents } from './messages.ts';
import { kindOfNetwork, networkOf } from './networks.ts';
import type { NodeRecord } from './node-record.ts';

const FILE = 'egressip_controller.go';

/** What nodes are chosen with. */
export interface PlacementOptions {
  readonly random: Random;
  readonly quirks: ReadonlySet<QuirkName>;
  readonly isCloud: boolean;
  readonly voice: Voice;
  readonly records: ReadonlyMap<string, NodeRecord>;
  readonly holdings: Holdings;
  readonly hosts: HostAddresses;
}

/** Chooses nodes. */
export class Placement {
  readonly #options: PlacementOptions;

  constructor(options: PlacementOptions) {
    this.#options = options;
  }

  /** A1 to A7: places IPs, in this order, as far as it goes. */
  place(name: string, ips: readonly string[]): readonly EgressIpStatusItem[] {
    const { hosts: known, quirks, voice } = this.#options;
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
      const { unreadable } = known;
      if (unreadable !== null) {
        voice.log(
          'E',
          `${FILE}:1238`,
          `Egress IP: ${egressIP} unable to check if it is assigned on an interface: host-cidrs annotation of node ${unreadable} cannot be read`,
        );
        return items;
      }
      const host = known.holderOf(egressIP);
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
    const usable: NodeRecord[] = [];
    for (const record of this.#options.records.values())
      if (record.isCandidate) usable.push(record);
    const bySize = new Map<number, NodeRecord[]>();
    for (const record of this.#options.random.shuffle(usable)) {
      const { size } = record.allocations;
      const equals = bySize.get(size);
      if (equals === undefined) bySize.set(size, [record]);
      else equals.push(record);
    }
    const sizes = [...bySize.keys()].sort((a, b) => a - b);
    return sizes.flatMap((size) => bySize.get(size) ?? []);
  }

  #holderOf(ip: string): { readonly object: string; readonly record: NodeRecord } | null {
    if (!this.#options.holdings.has(ip)) return null;
    for (const record of this.#options.records.values()) {
      const object = record.allocations.get(ip);
      if (object !== undefined) return { object, record };
    }
    return null;
  }

  /** A5: nodes for which the IP is on a secondary network. */
  #secondaryHosts(candidates: readonly NodeRecord[], ip: IpAddress): readonly NodeRecord[] {
    if (this.#options.isCloud) return [];
    return candidates.filter(
      ({ networks }) =>
        networks.secondary.length > 0 && kindOfNetwork(networks, ip) === 'secondary',
    );
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
