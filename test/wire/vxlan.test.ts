import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as vxlan from '../../src/wire/vxlan.ts';
import { filledFrame, hex } from '../support/frames.ts';

describe('vxlan', () => {
  test('a header has the octets that RFC 7348 asks for', () => {
    const frame = filledFrame(8);
    vxlan.emit(frame, frame.start, 5_281_170);
    expect(hex(frame.toBytes())).toBe('0800000050959200');
  });

  test('every identifier is emitted and parsed again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: vxlan.MAXIMUM_VNI }), (vni) => {
        const frame = filledFrame(8);
        vxlan.emit(frame, frame.start, vni);
        expect(vxlan.parse(frame, frame.start, frame.length)).toEqual({ vni });
      }),
    );
  });

  test.each([
    ['no I bit', 0, 0x00],
    ['a reserved flag', 0, 0x0c],
    ['a reserved octet before the identifier', 3, 1],
    ['a reserved octet after it', 7, 1],
  ])('%s is not well formed, as in Linux', (_what, offset, value) => {
    const frame = filledFrame(8);
    vxlan.emit(frame, frame.start, 7);
    frame.view.setUint8(frame.start + offset, value);
    expect(vxlan.check(frame, frame.start, frame.length)).toBe('bad-flags');
    expect(vxlan.parse(frame, frame.start, frame.length)).toBeNull();
  });

  test('a header cut by one octet is not well formed', () => {
    const frame = filledFrame(7);
    expect(vxlan.check(frame, frame.start, frame.length)).toBe('truncated');
  });
});
