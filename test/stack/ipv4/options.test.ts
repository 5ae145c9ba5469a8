// What a host says of the options of a header: nothing, that they lead a way of their own, or which
// octet of the header is wrong. Options stand from octet 20 of the header on.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkOptions, SOURCE_ROUTED, WELL_FORMED } from '../../../src/stack/ipv4/options.ts';
import { type Frame, FrameArena } from '../../../src/wire/frame.ts';
import { HEADER_LENGTH } from '../../../src/wire/ipv4.ts';
import { L3 } from '../../support/frames.ts';

/** A frame whose header has these options, as they are. */
function frameWith(options: readonly number[]): Frame {
  const frame = new FrameArena().allocate(L3 + HEADER_LENGTH + options.length);
  frame.bytes.set(options, frame.start + L3 + HEADER_LENGTH);
  return frame;
}

function check(...options: number[]): number {
  const frame = frameWith(options);
  return checkOptions(frame, frame.start + L3, frame.end);
}

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);
const recordRoute = [7, 7, 4, ...zeros(4)];
const timestamp = [68, 8, 5, 0, ...zeros(4)];
const looseRoute = [131, 7, 4, 192, 0, 2, 1];
const strictRoute = [137, 7, 4, 192, 0, 2, 1];
const routerAlert = [148, 4, 0, 0];

describe('options', () => {
  test.each<readonly [string, number[]]>([
    ['none at all', []],
    ['no-operations up to the end', [1, 1, 1, 1]],
    ['an end, whatever stands behind it', [0, 131, 0, 255]],
    ['Record Route with room, or none left', [...recordRoute, 1]],
    ['Record Route that is full', [7, 7, 8, ...zeros(4), 1]],
    ['a Timestamp', timestamp],
    ['a Timestamp with addresses', [68, 12, 5, 1, ...zeros(8)]],
    ['a Timestamp that is full and has not yet counted to the end', [68, 4, 5, 0xe0]],
    ['a Timestamp for named hosts that is full', [68, 4, 5, 0xf3]],
    ['Router Alert', routerAlert],
    ['one that nobody knows', [0x5e, 3, 255, 1]],
    ['one of each', [...recordRoute, 1, ...timestamp, ...routerAlert]],
  ])('that are well formed: %s', (_name, options) => {
    expect(check(...options)).toBe(WELL_FORMED);
  });

  test('that are source routes are told apart from what is malformed', () => {
    expect(check(...looseRoute, 0)).toBe(SOURCE_ROUTED);
    expect(check(...strictRoute, 0)).toBe(SOURCE_ROUTED);
    expect(check(...recordRoute, 1, ...strictRoute, 0), 'behind another').toBe(SOURCE_ROUTED);
    expect(check(...looseRoute, 7, 1), 'before a malformed one').toBe(27);
  });

  // Octet 20 is the first of the options.
  test.each<readonly [string, number[], number]>([
    ['a kind without a length', [1, 1, 1, 7], 23],
    ['a length that leaves no room for itself', [7, 1, 4, 0], 20],
    ['a length beyond the header', [0x5e, 5, 0, 0], 20],
    ['an unknown option of length 0', [0x5e, 0, 0, 0], 20],
    ['Record Route without a pointer', [7, 2, 1, 1], 21],
    ['a pointer to before itself', [7, 7, 3, ...zeros(4), 0], 22],
    ['a pointer to half an address', [7, 7, 5, ...zeros(4), 0], 22],
    ['a second Record Route', [...recordRoute, 1, ...recordRoute, 1], 28],
    ['a Timestamp without flags', [68, 3, 5, 1], 21],
    ['a Timestamp that points at its flags', [68, 8, 4, 0, ...zeros(4)], 22],
    ['a Timestamp with room for half of one', [68, 7, 5, 0, ...zeros(3), 0], 22],
    ['a Timestamp and address with room for one of them', [68, 8, 5, 1, ...zeros(4)], 22],
    ['a Timestamp for a named host with room for half', [68, 8, 5, 3, ...zeros(4)], 22],
    ['a Timestamp that has missed 15 hosts', [68, 4, 5, 0xf0], 23],
    ['a second Timestamp', [...timestamp, ...timestamp], 28],
    ['a source route without a pointer', [131, 2, 1, 1], 21],
    ['a source route that points before itself', [137, 7, 3, ...zeros(4), 0], 22],
    ['a second source route', [...looseRoute, 1, ...strictRoute, 1], 28],
    ['a second source route that points before itself', [...looseRoute, 137, 3, 3, 0, 0], 29],
    ['Router Alert without its value', [148, 3, 0, 0], 21],
  ])('that are malformed, and where: %s', (_name, options, octet) => {
    expect(check(...options)).toBe(octet);
  });
});

const words = fc.integer({ min: 0, max: 10 });
const kinds = fc.constantFrom(0, 1, 7, 68, 131, 137, 148, 0x5e);
const hostile = words.chain((count) =>
  fc.array(fc.oneof(kinds, fc.integer({ min: 0, max: 12 }), fc.nat(255)), {
    minLength: count * 4,
    maxLength: count * 4,
  }),
);

describe('whatever the octets are', () => {
  test('the octet that is blamed is one of the options', () => {
    fc.assert(
      fc.property(hostile, (options) => {
        const found = check(...options);
        if (found === WELL_FORMED || found === SOURCE_ROUTED) return;
        expect(found).toBeGreaterThanOrEqual(HEADER_LENGTH);
        expect(found).toBeLessThan(HEADER_LENGTH + options.length);
      }),
      { numRuns: 2000 },
    );
  });

  test('nothing behind the header changes the answer, and no octet is changed', () => {
    fc.assert(
      fc.property(hostile, fc.uint8Array({ minLength: 1, maxLength: 8 }), (options, behind) => {
        const frame = frameWith([...options, ...behind]);
        const before = frame.toBytes();
        const l3 = frame.start + L3;
        const found = checkOptions(frame, l3, l3 + HEADER_LENGTH + options.length);
        expect(found).toBe(check(...options));
        expect(frame.toBytes()).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });

  test('a no-operation in front moves what is blamed by one', () => {
    fc.assert(
      fc.property(hostile, (options) => {
        const found = check(...options);
        expect(check(1, ...options)).toBe(found > 0 ? found + 1 : found);
      }),
      { numRuns: 500 },
    );
  });
});
