// How long a lab takes to start, and a whole failover scenario of a large cluster.

import { createLab } from '../../src/lab/lab.ts';
import { runScenario } from '../../src/scenario/run.ts';
import { type Case, time } from './measure.ts';
import { cluster } from './topologies.ts';

function startUp(nodes: number, aim: string): Case {
  const topology = cluster(nodes, nodes);
  return {
    name: `5  start-up of ${nodes} nodes, a pod on each`,
    unit: 'ms',
    aim,
    run: () => time(() => createLab(topology).advance('100ms')),
  };
}

export const controlPlane: readonly Case[] = [startUp(50, 'under 50'), startUp(1000, 'under 500')];

/** Case 6 runs once, in a process of its own, so that its memory can be told. */
export async function failover(): Promise<{ seconds: number; megabytes: number }> {
  const topology = cluster(200, 1000, { failover: true });
  const start = performance.now();
  const report = await runScenario(topology, {});
  const seconds = (performance.now() - start) / 1000;
  if (report.problems.length > 0) throw new Error(JSON.stringify(report.problems));
  const answered = report.flows.reduce((sum, flow) => sum + flow.answered, 0);
  if (answered === 0) throw new Error('nothing was answered');
  return { seconds, megabytes: process.resourceUsage().maxRSS / 1024 };
}
