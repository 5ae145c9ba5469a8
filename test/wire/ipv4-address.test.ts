import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as address from '../../src/wire/ipv4-address.ts';
import { anyIpv4, uint32 } from '../support/arbitraries.ts';
import { ip } from '../support/frames.ts';

const anyCidr = fc.record({
  address: anyIpv4,
  prefixLength: fc.integer({ min: 0, max: 32 }),
});

describe('Ipv4Address', () => {
  test('what is formatted is parsed again', () => {
    fc.assert(
      fc.property(anyIpv4, (each) => {
        expect(address.parseIpv4(address.formatIpv4(each))).toBe(each);
      }),
    );
  });

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '01.2.3.4',
    '1.2.3.4 ',
    '1.2.3.-4',
    '0x1.2.3.4',
  ])('%j is no address', (text) => {
    expect(address.parseIpv4(text)).toBeNull();
  });

  test('is unsigned, however it was computed', () => {
    expect(address.ipv4Address(-1)).toBe(address.LIMITED_BROADCAST);
    expect(address.ipv4Address(0xc0a8_3201 | 0)).toBe(ip('192.168.50.1'));
  });

  test('classes of addresses', () => {
    expect([address.isMulticast(ip('224.0.0.1')), address.isMulticast(ip('240.0.0.1'))]).toEqual([
      true,
      false,
    ]);
    expect([address.isLoopback(ip('127.9.9.9')), address.isLoopback(ip('128.0.0.1'))]).toEqual([
      true,
      false,
    ]);
  });
});

describe('Ipv4Cidr', () => {
  test('what is formatted is parsed again, host bits included', () => {
    fc.assert(
      fc.property(anyCidr, (cidr) => {
        expect(address.parseCidr(address.formatCidr(cidr))).toEqual(cidr);
      }),
    );
  });

  test.each([
    '10.0.0.1',
    '10.0.0.1/',
    '10.0.0.1/33',
    '10.0.0.1/08',
    '/24',
    '10.0.0.1/24/1',
    '10.0.0.1/-1',
  ])('%j is no CIDR', (text) => {
    expect(address.parseCidr(text)).toBeNull();
  });

  test('contains exactly the addresses between its network and its broadcast', () => {
    fc.assert(
      fc.property(anyCidr, uint32, (cidr, other) => {
        const network = address.networkOf(cidr);
        const last = network + 2 ** (32 - cidr.prefixLength) - 1;
        const inside = other >= network && other <= last;
        expect(address.cidrContains(cidr, address.ipv4Address(other))).toBe(inside);
        expect(address.cidrContains(cidr, cidr.address)).toBe(true);
        const broadcast = address.broadcastOf(cidr);
        expect(broadcast).toBe(cidr.prefixLength >= 31 ? null : last);
      }),
    );
  });
});
