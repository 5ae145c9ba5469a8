// Which of several addresses a connection leaves with.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AddressPool } from '../../../src/nat/snat/address-pool.ts';
import { formatIpv4, ipv4Address } from '../../../src/wire/ipv4-address.ts';
import type { AddressRange } from '../../../src/wire/ranges.ts';
import { anyIpv4 } from '../../support/arbitraries.ts';
import { ip } from '../../support/frames.ts';

const ranges: fc.Arbitrary<AddressRange[]> = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 0xffff_ff00 }), fc.nat(200))
    .map(([low, more]) => ({ low: ipv4Address(low), high: ipv4Address(low + more) })),
  { minLength: 1, maxLength: 4 },
);

describe('a pool', () => {
  test('gives an address of its own, the same for the same conversation', () => {
    fc.assert(
      fc.property(ranges, anyIpv4, anyIpv4, fc.boolean(), (of, source, destination, persistent) => {
        const pool = new AddressPool(of);
        const picked = pool.pick(source, destination, persistent);
        expect(pool.contains(picked)).toBe(true);
        expect(new AddressPool(of).pick(source, destination, persistent)).toBe(picked);
      }),
    );
  });

  // From jhash2 of include/linux/jhash.h and reciprocal_scale, computed apart; the pool is a /16.
  test.each([
    ['10.1.0.11', '192.0.2.10', '100.64.32.59', '100.64.16.64'],
    ['10.1.0.12', '192.0.2.10', '100.64.91.137', '100.64.105.250'],
    ['10.1.0.11', '198.51.100.10', '100.64.211.51', '100.64.16.64'],
    ['172.16.5.4', '8.8.8.8', '100.64.233.135', '100.64.23.130'],
  ])(
    'gives %s, which goes to %s, what Linux on x86 gives',
    (source, destination, often, always) => {
      const pool = new AddressPool([{ low: ip('100.64.0.0'), high: ip('100.64.255.255') }]);
      const pick = (persistent: boolean): string =>
        formatIpv4(pool.pick(ip(source), ip(destination), persistent));
      expect([pick(false), pick(true)]).toEqual([often, always]);
    },
  );

  test('that is persistent gives a source the same address, wherever it goes', () => {
    fc.assert(
      fc.property(ranges, anyIpv4, anyIpv4, anyIpv4, (of, source, one, other) => {
        const pool = new AddressPool(of);
        expect(pool.pick(source, one, true)).toBe(pool.pick(source, other, true));
      }),
    );
  });

  test('holds both ends of its ranges and nothing beyond them', () => {
    const pool = new AddressPool([
      { low: ip('192.0.2.10'), high: ip('192.0.2.12') },
      { low: ip('255.255.255.255'), high: ip('255.255.255.255') },
    ]);
    expect(pool.size).toBe(4);
    const held = ['192.0.2.9', '192.0.2.10', '192.0.2.12', '192.0.2.13', '255.255.255.255'];
    expect(held.map((each) => pool.contains(ip(each)))).toEqual([false, true, true, false, true]);
  });

  test('of one gives that one', () => {
    expect(AddressPool.of(ip('192.0.2.1')).pick(ip('10.0.0.1'), ip('10.0.0.2'), false)).toBe(
      ip('192.0.2.1'),
    );
  });

  test.each([false, true])('is used evenly by clients in a row (persistent: %s)', (persistent) => {
    const pool = new AddressPool([
      { low: ip('192.0.2.10'), high: ip('192.0.2.12') },
      { low: ip('192.0.2.20'), high: ip('192.0.2.20') },
    ]);
    const counts = new Map<number, number>();
    for (let i = 0; i < 4000; i++) {
      const picked = pool.pick(ipv4Address(0x0a01_0000 + i), ip('198.51.100.10'), persistent);
      counts.set(picked, (counts.get(picked) ?? 0) + 1);
    }
    const members = ['192.0.2.10', '192.0.2.11', '192.0.2.12', '192.0.2.20'];
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual(members.map(ip));
    // Five standard deviations.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(137);
  });
});
