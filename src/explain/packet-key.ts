// What one packet is known by at two places: all that routers leave alone, or all that address translation leaves alone
// too. Keys are 52-bit numbers; keys of packets that differ are as good as never equal.

import { EtherType, IpProtocol } from '../wire/numbers.ts';
import type { SeenPacket } from './packet.ts';
import type { Sight } from './sight.ts';

const ARP_LENGTH = 28;
/** Octets of options and payload that count. */
const CONTENT = 32;
const ICMP6 = 58;

/** Two hashes that are mixed at once. */
class Mixer {
  #a = 0;
  #b = 0;

  begin(): void {
    this.#a = 0x811c_9dc5 | 0;
    this.#b = 0x2545_f491 | 0;
  }

  add(value: number): void {
    this.#a = Math.imul(this.#a ^ value, 0x85eb_ca6b);
    this.#a ^= this.#a >>> 13;
    this.#b = Math.imul(this.#b ^ (value + 0x9e37_79b9), 0xc2b2_ae35);
    this.#b ^= this.#b >>> 16;
  }

  get key(): number {
    return (this.#a >>> 0) * 0x10_0000 + ((this.#b >>> 0) & 0xf_ffff);
  }
}

const mixer = new Mixer();

/** That of an ARP packet. */
export function arpKey({ end, l3, view }: Sight): number | null {
  if (l3 + ARP_LENGTH > end) return null;
  mixer.begin();
  for (let at = l3; at < l3 + ARP_LENGTH; at += 4) mixer.add(view.getInt32(at));
  return mixer.key;
}

/** That of an IP packet on any hop of its way; null for what has too little to be known by. */
export function packetKey(sight: Sight, packet: SeenPacket): number | null {
  const { l4 } = packet;
  if (l4 < 0) return null;
  mixer.begin();
  mixer.add(packet.source);
  mixer.add(packet.destination);
  mixer.add(sight.view.getInt32(l4));
  if (packet.protocol === IpProtocol.Icmp || packet.protocol === ICMP6) {
    mixer.add(sight.view.getInt32(l4 + 4));
  }
  addContent(sight, packet);
  return mixer.key;
}

/** The same on both sides of address translation. */
export function translatedKey(sight: Sight, packet: SeenPacket): number | null {
  if (packet.l4 < 0 || sight.etherType !== EtherType.Ipv4) return null;
  mixer.begin();
  addContent(sight, packet);
  return mixer.key;
}

function addContent({ end, view }: Sight, packet: SeenPacket): void {
  const { l4, protocol } = packet;
  mixer.add(packet.identification * 256 + protocol);
  mixer.add(packet.length);
  let from = l4 + 8;
  if (protocol === IpProtocol.Tcp && l4 + 20 <= end) {
    mixer.add(view.getInt32(l4 + 4));
    mixer.add(view.getInt32(l4 + 8));
    mixer.add(view.getInt32(l4 + 12));
    from = l4 + 20;
  } else if (protocol === IpProtocol.Icmp) {
    mixer.add(view.getUint16(l4) * 65_536 + view.getUint16(l4 + 6));
  }
  const stop = Math.min(end, l4 + packet.length, from + CONTENT) - 3;
  for (let at = from; at < stop; at += 4) mixer.add(view.getInt32(at));
}
