// What the caller decides about the captures of a run: which ports, how many files, comments or none.

import { expect, test } from 'vitest';
import { MemoryByteSink } from '../../src/capture/memory-byte-sink.ts';
import { runScenario } from '../../src/scenario/run.ts';
import type { CaptureChoices } from '../../src/scenario/run-options.ts';
import { type PcapngFile, readPcapng } from '../support/pcapng.ts';
import { topologyOf } from '../support/scenarios.ts';

const LAB = topologyOf(
  `name: choices
segments: { lan: { subnet: 10.0.0.0/24 } }
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1/24 } } }
  b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2/24 } } }
capture: [a/eth0]
scenario:
  duration: 2s
  steps:
    - { at: 1s, arping: 10.0.0.2, from: b/eth0, mode: -U }
`,
  'choices.yaml',
);

async function captured(
  capture: CaptureChoices,
  seed = LAB.seed,
): Promise<Map<string, PcapngFile>> {
  const files = new Map<string, MemoryByteSink>();
  const report = await runScenario(LAB, {
    seed,
    capture,
    openCapture: ({ fileName }) => {
      const sink = new MemoryByteSink();
      files.set(fileName, sink);
      return { path: fileName, sink };
    },
  });
  expect(report.captures.map(({ path }) => path)).toEqual([...files.keys()]);
  return new Map([...files].map(([name, sink]) => [name, readPcapng(sink.bytes())]));
}

const names = (file: PcapngFile | undefined): string[] | undefined =>
  file?.interfaces.map(({ name }) => name);

test('ports take the place of the topology’s', async () => {
  const files = await captured({ ports: ['b/eth0', 'drops'] });
  expect([...files.keys()]).toEqual(['choices.pcapng']);
  expect(names(files.get('choices.pcapng'))).toEqual(['b/eth0', 'drops']);
});

test('one file a port, named after it', async () => {
  const files = await captured({ ports: ['*/eth0', 'drops'], perPort: true });
  expect([...files].map(([name, file]) => [name, names(file)])).toEqual([
    ['choices-a_eth0.pcapng', ['a/eth0']],
    ['choices-b_eth0.pcapng', ['b/eth0']],
    ['choices-drops.pcapng', ['drops']],
  ]);
  expect(files.get('choices-b_eth0.pcapng')?.packets.length).toBeGreaterThan(0);
});

test('another seed is another run, with a file of its own', async () => {
  expect([...(await captured({}, 7)).keys()]).toEqual(['choices-seed7.pcapng']);
});

test('comments can be left out; the frames stay the same', async () => {
  const [withComments] = (await captured({})).values();
  const [without] = (await captured({ comments: false })).values();
  expect(withComments?.packets.some(({ comments }) => comments.length > 0)).toBe(true);
  expect(without?.packets.every(({ comments }) => comments.length === 0)).toBe(true);
  expect(without?.packets.map(({ data }) => data)).toEqual(
    withComments?.packets.map(({ data }) => data),
  );
});

test('a port that does not exist is told before a file is opened', async () => {
  await expect(captured({ ports: ['b/eht0'] })).rejects.toMatchObject({
    code: 'EGL_UNKNOWN_PORT',
    message: expect.stringContaining('b/eht0'),
  });
});
