// `labTest`: vitest's `test` with a lab in its hands, and with the evidence when it fails.

import { type TestAPI, type TestContext, test } from 'vitest';
import { CaptureDirectory } from '../platform/capture-directory.ts';
import type { Capture } from '../public/capture.ts';
import { createLab, type Lab } from '../public/lab.ts';
import { readTopology, Topology, type TopologySource } from '../public/topology.ts';
import type { Duration } from '../sim/duration.ts';
import { formatSeconds } from '../sim/time.ts';

/** What you may decide about the lab of each test. */
export interface LabTestOptions {
  /** Takes the place of the topology's seed: an integer from 0 to 2^32 - 1. */
  readonly seed?: number;
  /** How far lab time goes before the test begins; not at all when left out. */
  readonly advance?: Duration;
  /** The ports of `capture`, as for `Lab.capture`; those that the topology captures when left out. */
  readonly capture?: readonly string[];
  /** Where the capture of a failed test goes, relative to the working directory; 'test-results' when left out. */
  readonly directory?: string;
}

/** What a test of {@link labTest} is given. */
export interface LabFixture {
  /** A lab of its own. */
  readonly lab: Lab;
  /** What crossed the ports since the test began. */
  readonly capture: Capture;
}

/** Lines of the timeline that a failure shows. */
const TAIL = 15;
const DEFAULT_DIRECTORY = 'test-results';

/**
 * Vitest's `test`, where each test gets a lab of its own, made from the topology and advanced. When a test fails,
 * it prints the seed and the last lines of the timeline, and writes a capture of the whole test for Wireshark.
 * @throws TopologyError with all that is wrong with a topology that is not one
 *
 * @example
 * ```ts
 * import { labTest } from 'egresslab/vitest';
 * import { expect } from 'vitest';
 *
 * const test = labTest(
 *   `
 * name: pair
 * segments: { lan: { subnet: 10.0.0.0/24, latency: 50us } }
 * hosts:
 *   a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1/24 } } }
 *   b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2/24 } } }
 * `,
 *   { advance: '1s' },
 * );
 *
 * test('a host asks before it sends', ({ lab, capture }) => {
 *   lab.host('a').ping('b');
 *   expect(capture).toHaveFrame({ arp: { operation: 'request', targetIp: '10.0.0.2' } });
 *   expect(lab.host('a')).toBelieve('10.0.0.2', { mac: 'b', state: 'REACHABLE' });
 * });
 * ```
 */
export function labTest(
  topology: Topology | TopologySource,
  options: LabTestOptions = {},
): TestAPI<LabFixture> {
  const { seed, advance, capture: ports = [], directory = DEFAULT_DIRECTORY } = options;
  const checked = topology instanceof Topology ? topology : readTopology(topology);
  return test.extend<LabFixture>({
    // vitest reads the names of what a fixture needs off its first parameter.
    lab: async ({ onTestFailed }, use) => {
      const lab = createLab(checked, seed === undefined ? {} : { seed });
      const whole = lab.capture(...ports);
      onTestFailed((context) => showEvidence(context, lab, whole, directory));
      if (advance !== undefined) lab.advance(advance);
      await use(lab);
    },
    capture: async ({ lab }, use) => {
      const capture = lab.capture(...ports);
      await use(capture);
      capture.stop();
    },
  });
}

function showEvidence({ task }: TestContext, lab: Lab, capture: Capture, directory: string): void {
  const fileName = `${fileNameOf(task.fullTestName)}.pcapng`;
  const captures = new CaptureDirectory(directory, process.cwd());
  const { path, sink } = captures.open({ fileName, format: 'pcapng' });
  sink.write(capture.file('pcapng'));
  sink.close();
  const count = capture.frames.length;
  const tail = lab.timeline
    .slice(-TAIL)
    .map(({ at, source, text }) => `  ${formatSeconds(at)} ${source}: ${text}`);
  const lines = [
    `lab ${lab.topology.name}, seed ${lab.seed}, at ${formatSeconds(lab.now)} s`,
    ...(tail.length === 0 ? ['nothing has happened'] : ['the end of its timeline:', ...tail]),
    `capture: ${path} (${count === 1 ? '1 frame' : `${count} frames`})`,
  ];
  // An annotation would be the place; vitest takes none once a test has failed.
  process.stderr.write(`${lines.join('\n')}\n`);
}

/** Letters, digits and hyphens of a test's name, as many as every file system takes. */
function fileNameOf(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return plain.slice(0, 100);
}
