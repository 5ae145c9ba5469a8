import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as icmp from '../../src/wire/icmp.ts';
import { uint8, uint16, uint32 } from '../support/arbitraries.ts';
import { filledFrame, hex } from '../support/frames.ts';

describe('icmp', () => {
  test('an echo has the octets that RFC 792 asks for', () => {
    const frame = filledFrame(12);
    frame.bytes.set([1, 2, 3, 4], frame.start + icmp.HEADER_LENGTH);
    icmp.emitEcho(frame, frame.start, icmp.Type.Echo, 0x1234, 1, 12);
    expect(hex(frame.toBytes())).toBe('0800e1c41234000101020304');
  });

  test('what is emitted is parsed again, over data of any length', () => {
    fc.assert(
      fc.property(
        uint8,
        uint8,
        uint32,
        fc.uint8Array({ maxLength: 99 }),
        (type, code, rest, data) => {
          const length = icmp.HEADER_LENGTH + data.length;
          const frame = filledFrame(length);
          frame.bytes.set(data, frame.start + icmp.HEADER_LENGTH);
          icmp.emit(frame, frame.start, type, code, rest, length);
          expect(icmp.parse(frame, frame.start, length)).toEqual({ type, code, rest });
        },
      ),
    );
  });

  test('another identifier keeps the checksum that a full sum would give', () => {
    fc.assert(
      fc.property(
        uint16,
        uint16,
        uint16,
        fc.uint8Array({ maxLength: 40 }),
        (from, to, sequence, data) => {
          const length = icmp.HEADER_LENGTH + data.length;
          const frame = filledFrame(length);
          const at = frame.start;
          frame.bytes.set(data, at + icmp.HEADER_LENGTH);
          icmp.emitEcho(frame, at, icmp.Type.Echo, from, sequence, length);
          icmp.rewriteIdentifier(frame, at, to);
          const incremental = icmp.headerChecksum(frame, at);
          icmp.refreshChecksum(frame, at, length);
          expect(incremental).toBe(icmp.headerChecksum(frame, at));
          expect(icmp.identifier(frame, at)).toBe(to);
        },
      ),
    );
  });

  test('a 32-bit change inside the message is followed as well', () => {
    const frame = filledFrame(28);
    const at = frame.start;
    icmp.emit(frame, at, icmp.Type.Unreachable, icmp.UnreachableCode.Port, 0, 28);
    const before = frame.view.getUint32(at + 20);
    frame.view.setUint32(at + 20, 0x0a0b_0c0d);
    icmp.rewriteChecksum32(frame, at, before, 0x0a0b_0c0d);
    expect(icmp.hasValidChecksum(frame, at, 28)).toBe(true);
  });

  test('the next-hop MTU is the low half of the second word', () => {
    const frame = filledFrame(8);
    icmp.emit(frame, frame.start, 3, icmp.UnreachableCode.FragmentationNeeded, 1400, 8);
    expect(icmp.nextHopMtu(frame, frame.start)).toBe(1400);
    icmp.setNextHopMtu(frame, frame.start, 1280);
    expect(icmp.rest(frame, frame.start)).toBe(1280);
  });

  test('problems have names', () => {
    const frame = filledFrame(12);
    icmp.emitEcho(frame, frame.start, icmp.Type.Echo, 1, 1, 12);
    expect(icmp.check(frame, frame.start, 12)).toBeNull();
    expect(icmp.check(frame, frame.start, 7)).toBe('truncated');
    expect(icmp.check(frame, frame.start, 13)).toBe('truncated');
    icmp.setSequence(frame, frame.start, 2);
    expect(icmp.check(frame, frame.start, 12)).toBe('bad-checksum');
  });

  test('errors quote a packet, queries carry an identifier', () => {
    const errors = [...new Array(20).keys()].filter((type) => icmp.isError(type));
    expect(errors).toEqual([3, 4, 5, 11, 12]);
    const queries = [...new Array(20).keys()].filter((type) => icmp.isQuery(type));
    expect(queries).toEqual([0, 8, 13, 14, 15, 16, 17, 18]);
  });
});
