// fast-check arbitraries in the vocabulary of the wire. fast-check prints seed and path on failure.

import fc from 'fast-check';
import { type Ipv4Address, ipv4Address } from '../../src/wire/ipv4-address.ts';
import { type MacAddress, macAddress } from '../../src/wire/mac-address.ts';

export const uint8: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xff });
export const uint16: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xffff });
export const uint32: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xffff_ffff });

export const anyMac: fc.Arbitrary<MacAddress> = fc
  .integer({ min: 0, max: 0xffff_ffff_ffff })
  .map(macAddress);

export const anyIpv4: fc.Arbitrary<Ipv4Address> = uint32.map(ipv4Address);

/** Arbitrary octets, and now and then an Ethernet header in front that leads a decoder on. */
export const hostileOctets: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .tuple(
      fc.constantFrom([0x08, 0x06, 0, 1, 8, 0, 6, 4], [0x08, 0x00, 0x45, 0], [0x08, 0x00, 0x4f, 0]),
      fc.constantFrom(1, 6, 17, 112),
      fc.uint8Array({ minLength: 40, maxLength: 160 }),
    )
    .map(([opening, protocol, rest]) => {
      const octets = new Uint8Array(12 + opening.length + rest.length);
      octets.set(opening, 12);
      octets.set(rest, 12 + opening.length);
      if (opening[1] !== 0) return octets;
      octets[17] = octets.length - 14;
      octets[16] = 0;
      octets[23] = protocol;
      return octets;
    }),
);
