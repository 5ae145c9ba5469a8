import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as geneve from '../../src/wire/geneve.ts';
import { filledFrame, hex } from '../support/frames.ts';

/** OVN's option: class, type, and one word. */
const [CLASS, TYPE] = [0x0102, 0x80];

describe('geneve', () => {
  test('a header with the option of OVN has the octets that RFC 8926 asks for', () => {
    const frame = filledFrame(16);
    geneve.emit(frame, frame.start, 2, 8, true);
    geneve.emitOption(frame, frame.start + 8, CLASS, TYPE, 0x0003_0002);
    expect(hex(frame.toBytes())).toBe('02406558000002000102800100030002');
  });

  test('every identifier and option is emitted and found again', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: geneve.MAXIMUM_VNI }),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        (vni, data) => {
          const frame = filledFrame(16);
          geneve.emit(frame, frame.start, vni, 8, true);
          geneve.emitOption(frame, frame.start + 8, CLASS, TYPE, data);
          expect(geneve.parse(frame, frame.start, 16)).toEqual({ vni, headerLength: 16 });
          const at = geneve.findOption(frame, frame.start, CLASS, TYPE);
          expect(frame.view.getUint32(at)).toBe(data);
          expect(geneve.findOption(frame, frame.start, CLASS, TYPE + 1)).toBe(-1);
        },
      ),
    );
  });

  test.each([
    ['another version', 0, 0x42, 'bad-version'],
    ['another payload than Ethernet', 3, 0x59, 'bad-protocol'],
    ['an option that is longer than all options', 11, 0x02, 'bad-option'],
    ['more options than octets', 0, 0x03, 'truncated'],
  ])('%s is not well formed', (_what, offset, value, problem) => {
    const frame = filledFrame(16);
    geneve.emit(frame, frame.start, 7, 8, true);
    geneve.emitOption(frame, frame.start + 8, CLASS, TYPE, 0);
    frame.view.setUint8(frame.start + offset, value);
    expect(geneve.check(frame, frame.start, 16)).toBe(problem);
    expect(geneve.parse(frame, frame.start, 16)).toBeNull();
  });

  test('a header cut by one octet is not well formed', () => {
    const frame = filledFrame(7);
    expect(geneve.check(frame, frame.start, frame.length)).toBe('truncated');
  });
});
