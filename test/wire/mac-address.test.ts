import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BROADCAST_MAC,
  formatMac,
  isGroupMac,
  multicastMac,
  parseMac,
  ZERO_MAC,
} from '../../src/wire/mac-address.ts';
import { anyMac } from '../support/arbitraries.ts';
import { ip, mac } from '../support/frames.ts';

describe('MacAddress', () => {
  test('what is formatted is parsed again', () => {
    fc.assert(
      fc.property(anyMac, (address) => {
        expect(formatMac(address)).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
        expect(parseMac(formatMac(address))).toBe(address);
        expect(parseMac(formatMac(address).toUpperCase().replaceAll(':', '-'))).toBe(address);
      }),
    );
  });

  test.each([
    '',
    '02:00:00:00:00',
    '02:00:00:00:00:0',
    '02:00:00:00:00:00:00',
    '0200.0000.0001',
    '02:00:00:00:00:0g',
    ' 02:00:00:00:00:01',
  ])('%j is no MAC address', (text) => {
    expect(parseMac(text)).toBeNull();
  });

  test('the group bit is the lowest of the first octet', () => {
    expect(isGroupMac(BROADCAST_MAC)).toBe(true);
    expect(isGroupMac(mac('01:00:5e:00:00:12'))).toBe(true);
    expect(isGroupMac(mac('fe:ff:ff:ff:ff:ff'))).toBe(false);
    expect(isGroupMac(ZERO_MAC)).toBe(false);
  });

  test('a group address has the low 23 bits of its group, RFC 1112', () => {
    expect(formatMac(multicastMac(ip('224.0.0.18')))).toBe('01:00:5e:00:00:12');
    expect(multicastMac(ip('239.129.2.3'))).toBe(multicastMac(ip('224.1.2.3')));
  });
});
