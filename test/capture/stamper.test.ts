import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Stamper } from '../../src/capture/stamper.ts';
import { DEFAULT_EPOCH } from '../../src/sim/epoch.ts';

describe('Stamper', () => {
  test('the default epoch is the 9th of May 2020, 08:00 UTC', () => {
    expect(new Date(DEFAULT_EPOCH.seconds * 1000).toISOString()).toBe('2020-05-09T08:00:00.000Z');
    expect(DEFAULT_EPOCH.nanos).toBe(0);
  });

  test('both forms of a stamp equal what BigInt says, for every epoch and time', () => {
    const epoch = fc.record({
      seconds: fc.integer({ min: 0, max: 2 ** 33 }),
      nanos: fc.integer({ min: 0, max: 999_999_999 }),
    });
    const at = fc.oneof(
      fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
      fc.constantFrom(0, 1, 2 ** 32 - 1, 2 ** 32, 999_999_999, 1_000_000_000),
    );
    fc.assert(
      fc.property(epoch, at, (start, time) => {
        const stamper = new Stamper(start);
        stamper.set(time);
        const total = BigInt(start.seconds) * 1_000_000_000n + BigInt(start.nanos) + BigInt(time);
        expect((BigInt(stamper.high) << 32n) | BigInt(stamper.low)).toBe(total);
        expect(BigInt(stamper.seconds) * 1_000_000_000n + BigInt(stamper.nanos)).toBe(total);
        expect(stamper.nanos).toBeLessThan(1_000_000_000);
      }),
    );
  });

  test('an epoch that is none is a bug', () => {
    expect(() => new Stamper({ seconds: 1.5, nanos: 0 })).toThrow(/whole seconds/);
    expect(() => new Stamper({ seconds: 1, nanos: 1e9 })).toThrow(/below a second/);
  });
});
