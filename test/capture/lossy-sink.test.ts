import { expect, test } from 'vitest';
import { LossySink } from '../../src/capture/lossy-sink.ts';
import { MemorySink } from '../../src/capture/memory-sink.ts';
import { FrameArena } from '../../src/wire/frame.ts';

test('a full queue costs frames, and the next one that gets through says how many', () => {
  const memory = new MemorySink();
  let isFull = false;
  const sink = new LossySink(memory, () => isFull);
  const id = sink.addInterface({ name: 'db/eth0', description: '', bitsPerSecond: null });
  const frame = new FrameArena().allocate(60);
  const see = (at: number): void => sink.frame(id, at, frame, 'in', ['egresslab: why']);
  see(1);
  isFull = true;
  see(2);
  see(3);
  // One that appears meanwhile is known when its frames come.
  expect(sink.addInterface({ name: 'web/eth0', description: '', bitsPerSecond: null })).toBe(1);
  isFull = false;
  see(4);
  see(5);
  expect(sink.missed).toBe(2);
  expect(memory.frames.map(({ at, comments }) => [at, comments.length])).toEqual([
    [1, 1],
    [4, 2],
    [5, 1],
  ]);
  expect(memory.frames[1]?.comments[1]).toContain('2 frames before this one are missing');
});
