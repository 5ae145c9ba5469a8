// MAC addresses for interfaces that were given none: locally administered, the same on every run,
// unique in the lab, and memorable: the last two octets spell the last octet of the address in
// decimal, so that 192.168.50.145 ends in :01:45.
//
//   02 : 00 : lab, machine and interface (16 bits) : 0h : tu       (145 → 01:45)
//
// The second octet is zero because Wireshark calls any other one "MS-NLB-PhysServer-.." (tshark 4.0.17).

import { hashName } from '../sim/random.ts';
import type { Ipv4Address } from '../wire/ipv4-address.ts';
import { type MacAddress, macAddress } from '../wire/mac-address.ts';

const PREFIX = 0x0200_0000_0000;
/** So often a name is looked at again before the tail is given up for the sake of uniqueness. */
const MEMORABLE_ATTEMPTS = 16;

/** Hands out MAC addresses, none of them twice. */
export class DerivedMacs {
  readonly #lab: string;
  readonly #taken = new Set<MacAddress>();

  constructor(lab: string) {
    this.#lab = lab;
  }

  /** An address that was chosen; it is not derived for another interface. */
  reserve(mac: MacAddress): void {
    this.#taken.add(mac);
  }

  /** The address of `machine`'s interface, whose first IP address is `address`. */
  derive(machine: string, interfaceName: string, address: Ipv4Address | null): MacAddress {
    const tail = decimalAsHex(address === null ? 0 : address & 0xff);
    // A taken address means another look at the same names: the order of the file decides who yields.
    for (let attempt = 0; ; attempt++) {
      const again = attempt === 0 ? '' : `#${attempt}`;
      const hash = hashName(`${this.#lab}/${machine}/${interfaceName}${again}`);
      const low = attempt < MEMORABLE_ATTEMPTS ? (hash & 0xffff) * 0x1_0000 + tail : hash;
      const mac = macAddress(PREFIX + low);
      if (!this.#taken.has(mac)) {
        this.#taken.add(mac);
        return mac;
      }
    }
  }
}

/** 0a:58 and the four octets of the address: containernetworking/plugins pkg/utils/hwaddr. */
export function podMac(address: Ipv4Address): MacAddress {
  return macAddress(0x0a58 * 0x1_0000_0000 + address);
}

/** 145 → 0x0145. */
function decimalAsHex(value: number): number {
  return Number.parseInt(String(value), 16);
}
