// Which of several addresses a connection leaves with.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AddressPool, type AddressRange } from '../../src/nat/address-pool.ts';
import { ipv4Address } from '../../src/wire/ipv4-address.ts';
import { anyIpv4 } from '../support/arbitraries.ts';
import { ip } from '../support/frames.ts';

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
    expect(counts.size).toBe(4);
    // Five standard deviations.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(137);
  });
});
