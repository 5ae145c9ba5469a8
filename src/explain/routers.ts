// Groups of routers that share an address: VRRP version 2 and 3 (RFC 3768, RFC 9568) as their advertisements tell. Who
// advertises is the master; two that go on at once have lost sight of one another.

import type { Nanos } from '../sim/time.ts';
import type { SeenPacket } from './packet.ts';
import type { Sight } from './sight.ts';

const GROUP_LIMIT = 4_096;
const SPAN_LIMIT = 1_024;
const ADDRESS_LIMIT = 32;

/** IP protocol number of VRRP. */
export const VRRP_PROTOCOL = 112;

/** One stretch in which one router advertised. */
export interface MasterSpan {
  /** Its own address. */
  readonly by: number;
  readonly mac: number;
  readonly from: Nanos;
  to: Nanos;
  readonly frame: number;
  priority: number;
  /** It gave way: priority 0. */
  resigned: boolean;
}

/** One group of routers. */
export interface SeenGroup {
  readonly domain: string;
  readonly id: number;
  readonly addresses: Set<number>;
  readonly spans: MasterSpan[];
}

/** Reads advertisements. */
export class RouterWatch {
  readonly groups: Map<string, SeenGroup> = new Map();

  /** A packet of protocol 112. */
  vrrp({ at, domain, end, number: frame, source: mac, view }: Sight, packet: SeenPacket): void {
    const { l4, source: by } = packet;
    if (l4 < 0 || (view.getUint8(l4) & 0xf) !== 1) return;
    const id = view.getUint8(l4 + 1);
    const priority = view.getUint8(l4 + 2);
    const key = `${domain.index} ${id}`;
    let group = this.groups.get(key);
    if (group === undefined) {
      if (this.groups.size >= GROUP_LIMIT) return;
      group = { domain: domain.text, id, addresses: new Set(), spans: [] };
      this.groups.set(key, group);
    }
    const count = by < 0x1_0000_0000 ? view.getUint8(l4 + 3) : 0;
    for (let index = 0; index < count && l4 + 12 + index * 4 <= end; index++) {
      if (group.addresses.size >= ADDRESS_LIMIT) break;
      group.addresses.add(view.getUint32(l4 + 8 + index * 4));
    }
    const last = group.spans.at(-1);
    if (last?.by === by) {
      last.to = at;
      if (priority > 0) last.priority = priority;
      last.resigned = priority === 0;
    } else if (group.spans.length < SPAN_LIMIT) {
      group.spans.push({ by, mac, from: at, to: at, frame, priority, resigned: priority === 0 });
    }
  }
}
