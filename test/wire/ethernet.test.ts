import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as ethernet from '../../src/wire/ethernet.ts';
import { anyMac, uint16 } from '../support/arbitraries.ts';
import { filledFrame, hex, MAC_A, MAC_B, mac } from '../support/frames.ts';

describe('ethernet', () => {
  test('what is emitted is read again, and nothing beside it is touched', () => {
    fc.assert(
      fc.property(anyMac, anyMac, uint16, (to, from, type) => {
        const frame = filledFrame(20);
        ethernet.emit(frame, to, from, type);
        expect(ethernet.destination(frame)).toBe(to);
        expect(ethernet.source(frame)).toBe(from);
        expect(ethernet.etherType(frame)).toBe(type);
        expect(hex(frame.toBytes().subarray(ethernet.HEADER_LENGTH))).toBe('a5'.repeat(6));
      }),
    );
  });

  test('setters write their own field', () => {
    const frame = filledFrame(14);
    ethernet.emit(frame, MAC_A, MAC_A, 0x0800);
    ethernet.setDestination(frame, MAC_B);
    expect(hex(frame.toBytes())).toBe('02000000000b02000000000a0800');
    ethernet.setSource(frame, MAC_B);
    expect(hex(frame.toBytes())).toBe('02000000000b02000000000b0800');
  });

  test('a sealed frame is not written to', () => {
    const frame = filledFrame(14);
    frame.sealed = true;
    expect(() => ethernet.emit(frame, MAC_A, MAC_B, 0x0800)).toThrow(/copy first/);
    expect(() => ethernet.setSource(frame, MAC_A)).toThrow(/copy first/);
  });

  test('frames to many are told from frames to one', () => {
    const isToGroup = (to: string): boolean => {
      const frame = filledFrame(ethernet.HEADER_LENGTH);
      ethernet.setDestination(frame, mac(to));
      return ethernet.isToGroup(frame);
    };
    expect(isToGroup('ff:ff:ff:ff:ff:ff')).toBe(true);
    expect(isToGroup('01:00:5e:00:00:12')).toBe(true);
    expect(isToGroup('02:00:00:00:00:01')).toBe(false);
  });
});
