// What the caller decides about the captures of a run: which ports, how many files, comments or none.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EgressLabError } from '../../src/base/errors.ts';
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

const BUSY = topologyOf(
  `name: choices
segments: { lan: { subnet: 10.0.0.0/24 } }
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1/24 } } }
  b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2/24 } } }
capture: [a/eth0]
scenario:
  duration: 2s
  flows: { ping: { from: a, to: b, icmp: echo, every: 100ms } }
`,
  'choices.yaml',
);

async function captured(
  capture: CaptureChoices,
  seed = LAB.seed,
  lab = LAB,
): Promise<Map<string, PcapngFile>> {
  const files = new Map<string, MemoryByteSink>();
  const report = await runScenario(lab, {
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

test('a ring holds the last frames, every file is whole, and the limit is told', async () => {
  const all = (await captured({}, BUSY.seed, BUSY)).get('choices.pcapng')?.packets ?? [];
  expect(all.length).toBeGreaterThan(5);
  const limits = fc.record({
    octets: fc.integer({ min: 1, max: 5000 }),
    files: fc.option(fc.integer({ min: 1, max: 6 })),
  });
  await fc.assert(
    fc.asyncProperty(limits, async (size) => {
      const sinks = new Map<string, MemoryByteSink>();
      const open = (path: string): { path: string; sink: MemoryByteSink } => {
        const sink = new MemoryByteSink();
        sinks.set(path, sink);
        return { path, sink };
      };
      const told: string[] = [];
      const { captures } = await runScenario(BUSY, {
        capture: { size },
        onTimeline: ({ kind, text }) => kind === 'capture-limit' && told.push(text),
        openCapture: ({ files = null }) => {
          expect(files).toBe(size.files);
          const next = (): ReturnType<typeof open> => open(`part${sinks.size}`);
          return { ...next(), next };
        },
      });
      const [capture] = captures;
      const paths = capture?.ring?.files ?? [capture?.path ?? ''];
      const kept = paths.map((path) => {
        const octets = sinks.get(path)?.bytes() ?? new Uint8Array();
        // What a file begins with, the frame that fills it, and its statistics come on top.
        expect(octets.length).toBeLessThan(size.octets + 1500);
        const { interfaces, packets } = readPcapng(octets);
        expect(interfaces.map(({ name }) => name)).toEqual(['a/eth0']);
        return packets;
      });
      const frames = kept.flat();
      expect(capture?.frames).toBe(frames.length);
      const data = (packets: readonly { readonly data: Uint8Array }[]): string[] =>
        packets.map((packet) => Buffer.from(packet.data).toString('hex'));
      if (size.files === null) {
        expect(data(frames)).toEqual(data(all.slice(0, frames.length)));
        expect(capture?.full?.missed ?? 0).toBe(all.length - frames.length);
        expect(told.length).toBe(frames.length < all.length ? 1 : 0);
      } else {
        expect(data(frames)).toEqual(data(all.slice(-frames.length)));
        expect(paths.length).toBeLessThanOrEqual(size.files);
        expect((capture?.ring?.removed ?? 0) + paths.length).toBe(sinks.size);
        expect(told.length).toBe((capture?.ring?.removed ?? 0) > 0 ? 1 : 0);
      }
    }),
    { numRuns: 30 },
  );
});

test('a ring whose next file cannot be opened ends as a full disk does', async () => {
  const { captures, problems } = await runScenario(BUSY, {
    capture: { size: { octets: 1, files: 2 } },
    onCaptureFailure: 'continue',
    openCapture: () => ({
      path: 'first',
      sink: new MemoryByteSink(),
      next: () => {
        throw new EgressLabError('EGL_CAPTURE_UNWRITABLE', 'no room', { hint: 'none' });
      },
    }),
  });
  expect(problems.map(({ code }) => code)).toEqual(['EGL_CAPTURE_UNWRITABLE']);
  expect(captures).toMatchObject([{ path: 'first', frames: 1 }]);
});
