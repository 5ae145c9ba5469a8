// Captures for people: the lab's frames of a case, and the kernel's as far as the fixture tells them.

import { mkdirSync, writeFileSync } from 'node:fs';
import { captureFormatNamed } from '../../src/capture/formats/index.ts';
import { MemoryByteSink } from '../../src/capture/memory-byte-sink.ts';
import { encodeEvents } from './encode.ts';
import { Roles, readFixture } from './fixture.ts';
import { OUTPUT } from './project.ts';
import type { RawFrame } from './recorder.ts';
import type { CaseOutcome } from './scenario.ts';

/** A pcapng file with one interface per capture point. */
export function pcapngOf(frames: readonly RawFrame[], name: string): Uint8Array {
  const bytes = new MemoryByteSink();
  const format = captureFormatNamed('pcapng');
  if (format === null) throw new Error('the lab writes no pcapng');
  const sink = format.open(bytes, {
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

/** Writes <scenario>.<case>.lab.pcapng and .kernel.pcapng below out/; returns their paths. */
export function writeCaptures(scenario: string, outcome: CaseOutcome): string[] {
  mkdirSync(OUTPUT, { recursive: true });
  const roles = new Roles(readFixture(scenario));
  const kernel = encodeEvents(outcome.events[0], roles);
  const captures = [
    ['lab', outcome.frames],
    ['kernel', kernel],
  ] as const;
  return captures.map(([side, frames]) => {
    const name = `${scenario}.${outcome.id}.${side}.pcapng`;
    writeFileSync(new URL(name, OUTPUT), pcapngOf(frames, `${scenario} ${outcome.id}`));
    return `out/kernel-truth/${name}`;
  });
}
