import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tcp from '../../src/wire/tcp.ts';
import { anyIpv4, uint8, uint16, uint32 } from '../support/arbitraries.ts';
import { filledFrame, hex, ip } from '../support/frames.ts';

const A = ip('10.0.0.1');
const B = ip('10.0.0.2');

describe('tcp', () => {
  test('a SYN has the octets that RFC 9293 asks for', () => {
    const frame = filledFrame(tcp.HEADER_LENGTH);
    const at = frame.start;
    tcp.emit(frame, at, 40_000, 5432, 0x0102_0304, 0, tcp.Flag.Syn, 64_240);
    tcp.refreshChecksum(frame, at, A, B, frame.length);
    expect(hex(frame.toBytes())).toBe('9c40153801020304000000005002faf0eb700000');
  });

  test('what is emitted is parsed again, with a right checksum', () => {
    fc.assert(
      fc.property(
        fc.record({
          sourcePort: uint16,
          destinationPort: uint16,
          sequenceNumber: uint32,
          acknowledgmentNumber: uint32,
          flags: uint8,
          window: uint16,
          words: fc.integer({ min: 5, max: 15 }),
        }),
        fc.uint8Array({ maxLength: 60 }),
        anyIpv4,
        anyIpv4,
        ({ words, ...x }, data, source, destination) => {
          const frame = filledFrame(words * 4 + data.length);
          const at = frame.start;
          tcp.emit(
            frame,
            at,
            x.sourcePort,
            x.destinationPort,
            x.sequenceNumber,
            x.acknowledgmentNumber,
            x.flags,
            x.window,
            words * 4,
          );
          frame.bytes.set(data, at + words * 4);
          tcp.refreshChecksum(frame, at, source, destination, frame.length);
          expect(tcp.hasValidChecksum(frame, at, source, destination, frame.length)).toBe(true);
          expect(tcp.parse(frame, at, frame.length)).toEqual({
            ...x,
            dataOffset: words * 4,
            urgentPointer: 0,
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
        uint32,
        (source, egress, from, to, sequence) => {
          const frame = filledFrame(40);
          const at = frame.start;
          tcp.emit(frame, at, 1, 2, sequence, 4, tcp.Flag.Ack, 5);
          tcp.refreshChecksum(frame, at, source, B, 40);
          tcp.rewriteChecksum32(frame, at, source, egress);
          tcp.rewriteSourcePort(frame, at, from);
          tcp.rewriteDestinationPort(frame, at, to);
          const incremental = tcp.headerChecksum(frame, at);
          tcp.refreshChecksum(frame, at, egress, B, 40);
          expect(incremental).toBe(tcp.headerChecksum(frame, at));
        },
      ),
    );
  });

  test('setters write their own field and no other', () => {
    const frame = filledFrame(20);
    const at = frame.start;
    tcp.emit(frame, at, 0, 0, 0, 0, 0, 0);
    tcp.setSourcePort(frame, at, 0x1111);
    tcp.setDestinationPort(frame, at, 0x2222);
    tcp.setSequenceNumber(frame, at, 0x3333_3333);
    tcp.setAcknowledgmentNumber(frame, at, 0x8444_4444);
    tcp.setDataOffset(frame, at, 60);
    tcp.setFlags(frame, at, tcp.Flag.Fin | tcp.Flag.Ack);
    tcp.setWindow(frame, at, 0x5555);
    tcp.setChecksum(frame, at, 0x6666);
    tcp.setUrgentPointer(frame, at, 0x7777);
    expect(hex(frame.toBytes())).toBe('111122223333333384444444f011555566667777');
    expect(tcp.acknowledgmentNumber(frame, at)).toBe(0x8444_4444);
  });

  test('problems have names', () => {
    const frame = filledFrame(24);
    const at = frame.start;
    tcp.emit(frame, at, 1, 2, 3, 4, tcp.Flag.Ack, 5, 24);
    expect(tcp.check(frame, at, 24)).toBeNull();
    expect(tcp.check(frame, at, 19)).toBe('truncated');
    expect(tcp.check(frame, at, 25)).toBe('truncated');
    expect(tcp.check(frame, at, 20)).toBe('bad-data-offset');
    tcp.setDataOffset(frame, at, 16);
    expect(tcp.check(frame, at, 24)).toBe('bad-data-offset');
  });
});
