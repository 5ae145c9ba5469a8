// How long a lab takes to start, and a whole failover scenario of a large cluster.

import { readFileSync } from 'node:fs';
import { parseOc } from '../../src/kube/oc/parse.ts';
import { createLab } from '../../src/lab/lab.ts';
import { runScenario } from '../../src/scenario/run.ts';
import { parseTopology } from '../../src/topology/parse.ts';
import type { Topology } from '../../src/topology/topology.ts';
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

const AGENTS = 1_000;

/** Each node but the first gains an egress IP in the same instant, and each agent hears of it. */
function everyoneGains(topology: Topology): number {
  const lab = createLab(topology);
  const { cluster: running } = lab;
  if (running === null) throw new Error('there is no cluster');
  lab.advance('2s');
  const milliseconds = time(() => {
    for (let i = 1; i <= AGENTS; i++) {
      const ip = `10.100.${128 + (i >> 8)}.${i & 255}`;
      const words = `patch hostsubnet node${i} --type=merge -p '{"egressIPs":["${ip}"]}'`;
      running.oc(parseOc(words, running.controlPlane.store.kinds), words);
    }
    lab.advance('2s');
  });
  const told = lab.events.events.filter(({ kind }) => kind === 'oc-command').length;
  if (told !== AGENTS) throw new Error(`${told} of ${AGENTS} patched`);
  return milliseconds;
}

function gaining(): Case {
  const topology = cluster(AGENTS + 1, 0);
  return {
    name: '11 1,000 HostSubnets gain an egress IP, 1,000 agents',
    unit: 'ms',
    aim: 'under 3,000',
    run: () => everyoneGains(topology),
  };
}

/** The scenario of the introduction, as a search runs it: a parsed topology, no capture, another seed each time. */
function runs(file: string): Case {
  let seed = 0;
  let topology: Topology | null = null;
  return {
    name: `12 ${file} of 60 s again and again, without a capture`,
    unit: 'runs/s',
    aim: '40',
    async run() {
      topology ??= parsed(file);
      const start = performance.now();
      for (let i = 0; i < RUNS_IN_A_ROW; i++) await runScenario(topology, { seed: ++seed });
      return (RUNS_IN_A_ROW / (performance.now() - start)) * 1000;
    },
  };
}

const RUNS_IN_A_ROW = 20;

function parsed(file: string): Topology {
  const path = new URL(`../../../../topologies/${file}.yaml`, import.meta.url);
  const { topology, diagnostics } = parseTopology(readFileSync(path, 'utf8'), { file });
  if (topology === null) throw new Error(JSON.stringify(diagnostics));
  return topology;
}

export const controlPlane: readonly Case[] = [
  startUp(50, 'under 50'),
  startUp(1000, 'under 500'),
  gaining(),
  runs('automatic'),
];

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
