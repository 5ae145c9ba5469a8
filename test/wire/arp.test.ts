import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as arp from '../../src/wire/arp.ts';
import { BROADCAST_MAC, ZERO_MAC } from '../../src/wire/mac-address.ts';
import { anyIpv4, anyMac, uint16 } from '../support/arbitraries.ts';
import { arpFrame, filledFrame, hex, IP_A, IP_B, L3, MAC_A, MAC_B } from '../support/frames.ts';

describe('arp', () => {
  test('a request has the octets that RFC 826 asks for', () => {
    const frame = arpFrame(arp.Operation.Request, MAC_A, IP_A, ZERO_MAC, IP_B);
    expect(hex(frame.toBytes())).toBe(
      'ffffffffffff' +
        '02000000000a' +
        '0806' +
        '0001' +
        '0800' +
        '0604' +
        '0001' +
        '02000000000a' +
        'c0a8320a' +
        '000000000000' +
        'c0a83278',
    );
  });

  test('what is emitted is parsed again, and nothing beside it is touched', () => {
    fc.assert(
      fc.property(
        uint16,
        anyMac,
        anyIpv4,
        anyMac,
        anyIpv4,
        (operation, senderMac, senderIp, targetMac, targetIp) => {
          const frame = filledFrame(arp.LENGTH);
          const at = frame.start;
          arp.emit(frame, at, { operation, senderMac, senderIp, targetMac, targetIp });
          expect(arp.parse(frame, at)).toEqual({
            operation,
            senderMac,
            senderIp,
            targetMac,
            targetIp,
          });
          expect([...frame.bytes.subarray(0, at)]).toEqual(new Array(8).fill(0xa5));
          expect([...frame.bytes.subarray(frame.end)]).toEqual(new Array(8).fill(0xa5));
        },
      ),
    );
  });

  test.each([
    ['hardware type', 0, 2, 'bad-hardware-type'],
    ['protocol type', 2, 0x86dd, 'bad-protocol-type'],
    ['address lengths', 4, 0x0610, 'bad-address-lengths'],
  ])('another %s is a problem', (_what, offset, value, problem) => {
    const frame = arpFrame(arp.Operation.Reply, MAC_A, IP_A, MAC_B, IP_B);
    const at = frame.start + L3;
    expect(arp.check(frame, at)).toBeNull();
    frame.view.setUint16(at + offset, value);
    expect(arp.check(frame, at)).toBe(problem);
    expect(arp.parse(frame, at)).toBeNull();
  });

  test('hardware type 6 is taken for Ethernet, as Linux does', () => {
    const frame = arpFrame(arp.Operation.Reply, MAC_A, IP_A, MAC_B, IP_B);
    frame.view.setUint16(frame.start + L3, 6);
    expect(arp.check(frame, frame.start + L3)).toBeNull();
  });

  test('a packet cut by one octet is truncated', () => {
    const frame = arpFrame(arp.Operation.Reply, MAC_A, IP_A, MAC_B, IP_B);
    frame.length -= 1;
    expect(arp.check(frame, frame.start + L3)).toBe('truncated');
  });

  test('a sealed frame is not written to', () => {
    const frame = arpFrame(arp.Operation.Request, MAC_A, IP_A, BROADCAST_MAC, IP_A);
    frame.sealed = true;
    const at = frame.start + L3;
    expect(() =>
      arp.emit(frame, at, {
        operation: 1,
        senderMac: MAC_A,
        senderIp: IP_A,
        targetMac: MAC_B,
        targetIp: IP_B,
      }),
    ).toThrow(/copy first/);
  });
});
