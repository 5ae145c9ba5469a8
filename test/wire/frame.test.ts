import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assertWritable, FrameArena } from '../../src/wire/frame.ts';

describe('FrameArena', () => {
  test('frames do not overlap and hold what is written to them', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 300 }), (contents) => {
        const arena = new FrameArena();
        const frames = contents.map((octets) => arena.from(octets));
        expect(frames.map((frame) => frame.toBytes())).toEqual(contents);
      }),
      { numRuns: 20 },
    );
  });

  test('a copy has the octets and the packet id, is writable and says nothing of why', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        const arena = new FrameArena();
        const original = arena.from(octets);
        original.sealed = true;
        original.hops = 3;
        original.note = { text: 'why' };
        const copy = arena.copy(original);
        expect(copy.toBytes()).toEqual(octets);
        expect([copy.packetId, copy.sealed, copy.hops, copy.note]).toEqual([
          original.packetId,
          false,
          0,
          null,
        ]);
        copy.bytes.fill(0xff, copy.start, copy.end);
        expect(original.toBytes()).toEqual(octets);
      }),
    );
  });

  test('a copy of the first octets is a packet cut short', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (octets, cut) => {
        const length = Math.min(cut, octets.length);
        const arena = new FrameArena();
        const copy = arena.copy(arena.from(octets), length);
        expect(copy.toBytes()).toEqual(octets.slice(0, length));
      }),
    );
  });

  test('each new packet has its own id', () => {
    const arena = new FrameArena();
    const ids = [arena.allocate(60), arena.allocate(60), arena.allocate(60)].map((f) => f.packetId);
    expect(ids).toEqual([1, 2, 3]);
  });

  test.each([16 * 1024, 16 * 1024 + 1, 65_535, 300_000])('a frame of %i octets fits', (length) => {
    const arena = new FrameArena();
    const before = arena.from(new Uint8Array([1, 2, 3]));
    const large = arena.allocate(length);
    const after = arena.from(new Uint8Array([4, 5, 6]));
    large.bytes.fill(9, large.start, large.end);
    expect(large.end - large.start).toBe(length);
    expect([...before.toBytes(), ...after.toBytes()]).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

test('a sealed frame is not written to', () => {
  const frame = new FrameArena().allocate(60);
  assertWritable(frame);
  frame.sealed = true;
  expect(() => assertWritable(frame)).toThrow(/copy first/);
});
