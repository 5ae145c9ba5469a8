// The network and transport layer of a sight, as numbers; IPv4 addresses are themselves, IPv6 ones are numbered.

import { formatIpv6Words } from '../capture/reading/ipv6-text.ts';
import { formatIpv4, type Ipv4Address } from '../wire/ipv4-address.ts';
import { EtherType, IpProtocol } from '../wire/numbers.ts';
import type { Sight } from './sight.ts';

/** IPv6 addresses are numbered from here. */
const FIRST_IPV6 = 0x1_0000_0000;
const ADDRESS_LIMIT = 262_144;

/** Numbers for the addresses of both families, and back. */
export class AddressBook {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];

  /** The number of the IPv6 address at `at`. */
  ipv6(view: DataView, at: number): number {
    const text = formatIpv6Words(
      view.getUint32(at),
      view.getUint32(at + 4),
      view.getUint32(at + 8),
      view.getUint32(at + 12),
    );
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    if (this.#texts.length >= ADDRESS_LIMIT) return FIRST_IPV6;
    const number = FIRST_IPV6 + this.#texts.push(text) - 1;
    this.#numbers.set(text, number);
    return number;
  }

  format(address: number): string {
    if (address < FIRST_IPV6) return formatIpv4(address as Ipv4Address);
    return this.#texts[address - FIRST_IPV6] ?? '::';
  }
}

/** One packet; filled again for each. */
export class SeenPacket {
  source = 0;
  destination = 0;
  protocol = 0;
  ttl = 0;
  identification = 0;
  isMulticast = false;
  /** Where the transport header begins; -1 in a later fragment or when it was cut off. */
  l4 = -1;
  /** Octets from there that were on the wire. */
  length = 0;

  /** False for what is malformed or cut off. */
  read(sight: Sight, addresses: AddressBook): boolean {
    const { end, l3, view } = sight;
    if (sight.etherType === EtherType.Ipv4) {
      if (l3 + 20 > end || view.getUint8(l3) >>> 4 !== 4) return false;
      const header = (view.getUint8(l3) & 0xf) * 4;
      if (header < 20) return false;
      this.ttl = view.getUint8(l3 + 8);
      this.protocol = view.getUint8(l3 + 9);
      this.identification = view.getUint16(l3 + 4);
      this.source = view.getUint32(l3 + 12);
      this.destination = view.getUint32(l3 + 16);
      this.isMulticast = this.destination >>> 28 >= 14;
      const isLater = (view.getUint16(l3 + 6) & 0x1fff) !== 0;
      const total = view.getUint16(l3 + 2);
      this.length = (total === 0 ? end - l3 : total) - header;
      this.l4 = isLater || l3 + header + 8 > end ? -1 : l3 + header;
      return true;
    }
    if (l3 + 40 > end || view.getUint8(l3) >>> 4 !== 6) return false;
    this.protocol = view.getUint8(l3 + 6);
    this.ttl = view.getUint8(l3 + 7);
    this.identification = 0;
    this.source = addresses.ipv6(view, l3 + 8);
    this.destination = addresses.ipv6(view, l3 + 24);
    this.isMulticast = view.getUint8(l3 + 24) === 0xff;
    this.length = view.getUint16(l3 + 4);
    this.l4 = l3 + 48 > end ? -1 : l3 + 40;
    return true;
  }

  /** A TTL that hosts begin with: nobody has forwarded it. */
  get isFresh(): boolean {
    const { ttl } = this;
    return ttl === 64 || ttl === 128 || ttl === 255;
  }

  get isTcp(): boolean {
    return this.protocol === IpProtocol.Tcp && this.l4 >= 0;
  }
}
