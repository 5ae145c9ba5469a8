import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../src/wire/frame.ts';
import * as udp from '../../src/wire/udp.ts';
import { anyIpv4, uint16 } from '../support/arbitraries.ts';
import { filledFrame, hex, ip } from '../support/frames.ts';

function emitted(data: Uint8Array, sourcePort = 1000, destinationPort = 2000): Frame {
  const frame = filledFrame(udp.HEADER_LENGTH + data.length);
  udp.emit(frame, frame.start, sourcePort, destinationPort, frame.length);
  frame.bytes.set(data, frame.start + udp.HEADER_LENGTH);
  return frame;
}

const A = ip('10.0.0.1');
const B = ip('10.0.0.2');
const anyData = fc.uint8Array({ maxLength: 99 });

describe('udp', () => {
  test('a datagram has the octets that RFC 768 asks for', () => {
    const frame = emitted(new Uint8Array([0x68, 0x69]), 40_000, 7);
    udp.refreshChecksum(frame, frame.start, A, B, frame.length);
    expect(hex(frame.toBytes())).toBe('9c400007000ae7266869');
  });

  test('what is emitted is parsed again, with a right checksum', () => {
    fc.assert(
      fc.property(
        uint16,
        uint16,
        anyData,
        anyIpv4,
        anyIpv4,
        (from, to, data, source, destination) => {
          const frame = emitted(data, from, to);
          const at = frame.start;
          expect(udp.headerChecksum(frame, at)).toBe(0);
          udp.refreshChecksum(frame, at, source, destination, frame.length);
          expect(udp.headerChecksum(frame, at)).not.toBe(0);
          expect(udp.hasValidChecksum(frame, at, source, destination, frame.length)).toBe(true);
          expect(udp.parse(frame, at, frame.length)).toEqual({
            sourcePort: from,
            destinationPort: to,
            length: frame.length,
          });
        },
      ),
    );
  });

  test('NAT of address and port gives the checksum that a full sum would give', () => {
    fc.assert(
      fc.property(
        anyIpv4,
        anyIpv4,
        uint16,
        uint16,
        anyData,
        (source, egress, sourcePort, destinationPort, data) => {
          const frame = emitted(data);
          const at = frame.start;
          udp.refreshChecksum(frame, at, source, B, frame.length);
          udp.rewriteChecksum32(frame, at, source, egress);
          udp.rewriteSourcePort(frame, at, sourcePort);
          udp.rewriteDestinationPort(frame, at, destinationPort);
          const incremental = udp.headerChecksum(frame, at);
          udp.refreshChecksum(frame, at, egress, B, frame.length);
          expect(incremental).toBe(udp.headerChecksum(frame, at));
        },
      ),
    );
  });

  test('no checksum stays no checksum, and counts as valid', () => {
    const frame = emitted(new Uint8Array(4));
    const at = frame.start;
    udp.rewriteSourcePort(frame, at, 5);
    udp.rewriteChecksum32(frame, at, A, B);
    expect(udp.headerChecksum(frame, at)).toBe(0);
    expect(udp.hasValidChecksum(frame, at, A, B, frame.length)).toBe(true);
  });

  test('a sum of zero is written as 0xffff', () => {
    const frame = emitted(new Uint8Array(2), 0, 0);
    const at = frame.start;
    udp.refreshChecksum(frame, at, A, B, frame.length);
    // Data equal to the complement still missing makes the sum come out as zero.
    frame.view.setUint16(at + udp.HEADER_LENGTH, udp.headerChecksum(frame, at));
    udp.refreshChecksum(frame, at, A, B, frame.length);
    expect(udp.headerChecksum(frame, at)).toBe(0xffff);
    expect(udp.hasValidChecksum(frame, at, A, B, frame.length)).toBe(true);
  });

  test('a flipped bit is found', () => {
    const frame = emitted(new Uint8Array(8));
    udp.refreshChecksum(frame, frame.start, A, B, frame.length);
    frame.view.setUint8(frame.start + 9, 0x40);
    expect(udp.hasValidChecksum(frame, frame.start, A, B, frame.length)).toBe(false);
  });

  test('problems have names', () => {
    const frame = emitted(new Uint8Array(8));
    const at = frame.start;
    expect(udp.check(frame, at, 16)).toBeNull();
    expect(udp.check(frame, at, 7)).toBe('truncated');
    expect(udp.check(frame, at, 17)).toBe('truncated');
    expect(udp.check(frame, at, 15)).toBe('bad-length');
    udp.setLength(frame, at, 7);
    expect(udp.check(frame, at, 16)).toBe('bad-length');
  });
});
