// A shipped lab, run and recorded as `run --html` does it.

import { readFileSync } from 'node:fs';
import { present } from '../../src/base/assert.ts';
import type { RunRecord } from '../../src/scenario/recording/record.ts';
import { RunRecorder } from '../../src/scenario/recording/recorder.ts';
import { runScenario } from '../../src/scenario/run.ts';
import { parseTopology } from '../../src/topology/parse.ts';
import type { Topology } from '../../src/topology/topology.ts';

/** Its text. */
export function shippedText(name: string): string {
  return readFileSync(new URL(`../../topologies/${name}.yaml`, import.meta.url), 'utf8');
}

/** It, read. */
export function shippedTopology(name: string): Topology {
  const { topology } = parseTopology(shippedText(name), { file: `${name}.yaml` });
  return present(topology, 'shipped labs are sound');
}

/** Its run. */
export async function recorded(
  name: string,
  recorder: RunRecorder = new RunRecorder(),
): Promise<RunRecord> {
  const report = await runScenario(shippedTopology(name), { recorder });
  return recorder.finish(report, shippedText(name));
}
