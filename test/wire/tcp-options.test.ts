import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../src/wire/frame.ts';
import * as tcp from '../../src/wire/tcp.ts';
import * as options from '../../src/wire/tcp-options.ts';
import { uint16, uint32 } from '../support/arbitraries.ts';
import { filledFrame } from '../support/frames.ts';

const NONE = { mss: null, windowScale: null, sackPermitted: false, timestamps: null };

/** A header whose options are these octets, padded with end-of-options. */
function withOptions(octets: readonly number[]): Frame {
  const length = tcp.HEADER_LENGTH + Math.ceil(octets.length / 4) * 4;
  const frame = filledFrame(length);
  tcp.emit(frame, frame.start, 1, 2, 3, 4, tcp.Flag.Syn, 5, length);
  frame.bytes.fill(0, frame.start + tcp.HEADER_LENGTH, frame.end);
  frame.bytes.set(octets, frame.start + tcp.HEADER_LENGTH);
  return frame;
}

describe('tcp options', () => {
  test('those of a Linux SYN are emitted and parsed again', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 0xffff }),
        fc.integer({ min: 0, max: 14 }),
        uint32,
        uint32,
        (mss, windowScale, value, echo) => {
          const length =
            tcp.HEADER_LENGTH +
            options.MSS_LENGTH +
            options.SACK_PERMITTED_LENGTH +
            options.TIMESTAMPS_LENGTH +
            options.WINDOW_SCALE_LENGTH;
          const frame = filledFrame(length);
          tcp.emit(frame, frame.start, 1, 2, 3, 0, tcp.Flag.Syn, 64_240, length);
          let at = options.emitMss(frame, frame.start + tcp.HEADER_LENGTH, mss);
          at = options.emitSackPermitted(frame, at);
          at = options.emitTimestamps(frame, at, value, echo);
          at = options.emitWindowScale(frame, at, windowScale);
          expect(at).toBe(frame.end);
          expect(options.parse(frame, frame.start)).toEqual({
            mss,
            windowScale,
            sackPermitted: true,
            timestamps: { value, echo },
          });
        },
      ),
    );
  });

  test('a header without options says nothing', () => {
    const frame = withOptions([]);
    expect(options.parse(frame, frame.start)).toEqual(NONE);
  });

  test.each([
    ['what follows the end', [0, 2, 4, 5, 180], NONE],
    ['what follows a length of zero', [254, 0, 2, 4, 5, 180], NONE],
    ['an option that leaves the header', [1, 1, 1, 2], NONE],
    ['a length beyond the header', [2, 40, 5, 180], NONE],
    ['an MSS of zero', [2, 4, 0, 0], NONE],
    ['an MSS of another length', [2, 3, 5], NONE],
  ])('%s is not believed', (_what, octets, expected) => {
    const frame = withOptions(octets);
    expect(options.parse(frame, frame.start)).toEqual(expected);
  });

  test('an unknown option is skipped by its length', () => {
    const frame = withOptions([34, 4, 9, 9, 2, 4, 5, 180]);
    expect(options.parse(frame, frame.start)).toEqual({ ...NONE, mss: 1460 });
  });

  test('a shift beyond 14 is taken for 14, RFC 7323 2.3', () => {
    const frame = withOptions([1, 3, 3, 200]);
    expect(options.parse(frame, frame.start).windowScale).toBe(14);
  });

  test('arbitrary octets never throw and never read past the header', () => {
    fc.assert(
      fc.property(
        fc.array(
          uint16.map((x) => x & 0xff),
          { maxLength: 40 },
        ),
        (octets) => {
          const frame = withOptions(octets);
          const parsed = options.parse(frame, frame.start);
          frame.bytes.fill(2, frame.end);
          expect(options.parse(frame, frame.start)).toEqual(parsed);
        },
      ),
    );
  });
});
