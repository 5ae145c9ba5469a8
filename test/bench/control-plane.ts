// How long a lab takes to start, and a whole failover scenario of a large cluster.

import { createLab } from '../../src/lab/lab.ts';
import { type Case, time } from './measure.ts';
import { cluster } from './topologies.ts';

export const controlPlane: readonly Case[] = [
  startUp(50, 'under 50'),
  startUp(1000, 'under 500'),
];

function startUp(nodes: number, aim: string): Case {
  const topology = cluster(nodes, nodes);
  return {
    name: `5  start-up of ${nodes} nodes, a pod on each`,
    unit: 'ms',
    aim,
    run: () => time(() => createLab(topology).advance('100ms')),
  };
}
