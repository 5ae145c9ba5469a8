import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as ipv4 from '../../src/wire/ipv4.ts';
import { anyIpv4, hostileOctets, uint8, uint16 } from '../support/arbitraries.ts';
import { filledFrame, frameOf, hex, IP_A, IP_B, ip, L3, udpFrame } from '../support/frames.ts';

const NO_DATA = new Uint8Array(0);

describe('ipv4', () => {
  test('a header has the octets and the checksum of a well-known example', () => {
    const frame = filledFrame(115);
    const source = ip('192.168.0.1');
    const destination = ip('192.168.0.199');
    const at = frame.start;
    ipv4.emit(frame, at, 115, 0, ipv4.Flag.DontFragment, 64, 17, source, destination);
    expect(hex(frame.toBytes().subarray(0, 20))).toBe('45000073000040004011b861c0a80001c0a800c7');
  });

  test('what is emitted is parsed again, with a right checksum', () => {
    fc.assert(
      fc.property(
        fc.record({
          totalLength: fc.integer({ min: 20, max: 1500 }),
          identification: uint16,
          offset: fc.integer({ min: 0, max: 0x1fff }),
          more: fc.boolean(),
          dontFragment: fc.boolean(),
          timeToLive: uint8,
          protocol: uint8,
          source: anyIpv4,
          destination: anyIpv4,
          typeOfService: uint8,
        }),
        (x) => {
          const frame = filledFrame(x.totalLength);
          const at = frame.start;
          const fragment = ipv4.fragmentWord(x.offset * 8, x.more, x.dontFragment);
          const { totalLength, identification, timeToLive, protocol, typeOfService } = x;
          const { source, destination } = x;
          ipv4.emit(
            frame,
            at,
            totalLength,
            identification,
            fragment,
            timeToLive,
            protocol,
            source,
            destination,
            typeOfService,
          );
          expect(ipv4.parse(frame, at)).toEqual({
            headerLength: 20,
            typeOfService,
            totalLength,
            identification,
            dontFragment: x.dontFragment,
            moreFragments: x.more,
            fragmentOffset: x.offset * 8,
            timeToLive,
            protocol,
            source,
            destination,
          });
          const emitted = ipv4.headerChecksum(frame, at);
          ipv4.refreshChecksum(frame, at);
          expect(ipv4.headerChecksum(frame, at)).toBe(emitted);
        },
      ),
    );
  });

  test('TTL and address rewrites keep the checksum that a full sum would give', () => {
    fc.assert(
      fc.property(
        anyIpv4,
        anyIpv4,
        anyIpv4,
        anyIpv4,
        fc.integer({ min: 1, max: 255 }),
        (a, b, c, d, ttl) => {
          const frame = filledFrame(20);
          const at = frame.start;
          ipv4.emit(frame, at, 20, 1, 0, ttl, 6, a, b);
          ipv4.decrementTtl(frame, at);
          ipv4.rewriteSource(frame, at, c);
          ipv4.rewriteDestination(frame, at, d);
          const incremental = ipv4.headerChecksum(frame, at);
          ipv4.refreshChecksum(frame, at);
          expect(incremental).toBe(ipv4.headerChecksum(frame, at));
          expect(ipv4.timeToLive(frame, at)).toBe(ttl - 1);
          expect([ipv4.source(frame, at), ipv4.destination(frame, at)]).toEqual([c, d]);
        },
      ),
    );
  });

  test('a rewrite leaves a wrong checksum wrong', () => {
    const frame = udpFrame(1, 2, NO_DATA);
    const at = frame.start + L3;
    ipv4.setChecksum(frame, at, ipv4.headerChecksum(frame, at) ^ 0x0100);
    ipv4.decrementTtl(frame, at);
    ipv4.rewriteSource(frame, at, IP_B);
    expect(ipv4.check(frame, at)).toBe(ipv4.Problem.BadChecksum);
  });

  test('setters write their own field and no other', () => {
    const frame = filledFrame(20);
    const at = frame.start;
    ipv4.emit(frame, at, 20, 1, 0, 64, 6, IP_A, IP_B);
    ipv4.setTypeOfService(frame, at, 0x10);
    ipv4.setTotalLength(frame, at, 1500);
    ipv4.setIdentification(frame, at, 0xbeef);
    ipv4.setFragment(frame, at, 1480, true, false);
    ipv4.setTimeToLive(frame, at, 3);
    ipv4.setProtocol(frame, at, 17);
    ipv4.setChecksum(frame, at, 0x1234);
    ipv4.setSource(frame, at, IP_B);
    ipv4.setDestination(frame, at, IP_A);
    expect(hex(frame.toBytes())).toBe('451005dcbeef20b903111234c0a83278c0a8320a');
    expect(ipv4.fragmentOffset(frame, at)).toBe(1480);
    expect(ipv4.isFragment(frame, at)).toBe(true);
  });

  describe('check', () => {
    const damaged = (
      damage: (at: number, view: DataView) => void,
      refresh = true,
    ): string | null => {
      const frame = udpFrame(1, 2, new Uint8Array(10));
      const at = frame.start + L3;
      damage(at, frame.view);
      if (refresh) ipv4.refreshChecksum(frame, at);
      return ipv4.check(frame, at);
    };

    test.each([
      ['another version', (at: number, view: DataView) => view.setUint8(at, 0x65), 'bad-version'],
      ['a short IHL', (at: number, view: DataView) => view.setUint8(at, 0x44), 'bad-header-length'],
      [
        'a TOTAL LENGTH below the header',
        (at: number, view: DataView) => view.setUint16(at + 2, 19),
        'bad-total-length',
      ],
      [
        'a TOTAL LENGTH beyond the frame',
        (at: number, view: DataView) => view.setUint16(at + 2, 39),
        'truncated',
      ],
    ])('%s has its name', (_what, damage, problem) => {
      expect(damaged(damage)).toBe(problem);
    });

    test('a flipped bit is a bad checksum', () => {
      expect(damaged((at, view) => view.setUint8(at + 8, 65), false)).toBe('bad-checksum');
    });

    test('an IHL beyond the frame is truncated, not read', () => {
      const frame = udpFrame(1, 2, NO_DATA);
      frame.view.setUint8(frame.start + L3, 0x4f);
      expect(ipv4.check(frame, frame.start + L3)).toBe('truncated');
    });

    test('padding behind the packet is no problem', () => {
      const packet = udpFrame(1, 2, NO_DATA).toBytes();
      const padded = new Uint8Array(60);
      padded.set(packet);
      const frame = frameOf(padded);
      expect(ipv4.check(frame, frame.start + L3)).toBeNull();
    });

    test('options are skipped by the header length', () => {
      const frame = filledFrame(24);
      const at = frame.start;
      ipv4.emit(frame, at, 24, 1, 0, 64, 6, IP_A, IP_B);
      frame.view.setUint8(at, 0x46);
      ipv4.refreshChecksum(frame, at);
      expect(ipv4.parse(frame, at)).toMatchObject({ headerLength: 24, totalLength: 24 });
    });

    test('arbitrary octets never throw', () => {
      fc.assert(
        fc.property(hostileOctets, fc.nat(220), (octets, at) => {
          const frame = frameOf(octets);
          ipv4.check(frame, frame.start + at);
        }),
      );
    });
  });
});
