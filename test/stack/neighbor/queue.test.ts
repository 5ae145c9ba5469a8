import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NeighborQueue, truesize } from '../../../src/stack/neighbor/queue.ts';
import { FrameArena } from '../../../src/wire/frame.ts';

const HEADERS = 14 + 20 + 8;
const arena = new FrameArena();

describe('truesize', () => {
  it('is what Linux charges: 832 for 8 octets of UDP, 2304 for 1400 (fixture 01b)', () => {
    expect(truesize(arena.allocate(HEADERS + 8))).toBe(832);
    expect(truesize(arena.allocate(HEADERS + 1400))).toBe(2304);
  });

  it('never falls as packets grow, and always exceeds the packet', () => {
    let last = 0;
    for (let payload = 0; payload < 9000; payload++) {
      const frame = arena.allocate(HEADERS + payload);
      const size = truesize(frame);
      expect(size).toBeGreaterThanOrEqual(last);
      expect(size).toBeGreaterThan(frame.length);
      last = size;
    }
  });
});

describe('NeighborQueue', () => {
  it('never holds more than its limit, drops from the front only, and keeps the order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 80 }),
        fc.integer({ min: 3000, max: 40_000 }),
        (sizes, limit) => {
          const queue = new NeighborQueue();
          const evicted: number[] = [];
          const pushed: number[] = [];
          for (const size of sizes) {
            const frame = arena.allocate(HEADERS + size);
            for (
              let out = queue.evict(frame, limit);
              out !== null;
              out = queue.evict(frame, limit)
            ) {
              evicted.push(out.packetId);
            }
            queue.push(frame);
            pushed.push(frame.packetId);
            expect(queue.newest).toBe(frame);
            expect(queue.bytes <= limit || queue.length === 1).toBe(true);
          }
          const left = queue.take().map((frame) => frame.packetId);
          expect([...evicted, ...left]).toEqual(pushed);
          expect([queue.length, queue.bytes, queue.newest]).toEqual([0, 0, null]);
        },
      ),
    );
  });
});
