// Captures for people: the lab's frames of a case, and the kernel's as far as a fixture tells them.

import { pcapng } from '../../src/capture/formats/pcapng.ts';
import { MemoryByteSink } from '../../src/capture/memory-byte-sink.ts';
import type { RawFrame } from './recorder.ts';

/** A pcapng file with one interface per capture point. */
export function pcapngOf(frames: readonly RawFrame[], name: string): Uint8Array {
  const bytes = new MemoryByteSink();
  const sink = pcapng.open(bytes, {
    application: 'egresslab kernel-truth',
    lab: name,
    seed: 0,
    digest: '00000000',
    command: 'npm run kernel-truth',
  });
  const points = [...new Set(frames.map(({ at }) => at))].sort();
  const numbers = new Map(
    points.map((at) => [at, sink.addInterface({ name: at, description: '', bitsPerSecond: null })]),
  );
  for (const { at, time, frame } of frames) {
    sink.frame(numbers.get(at) ?? 0, time, frame, null, []);
  }
  sink.close(frames.at(-1)?.time ?? 0);
  return bytes.bytes();
}
