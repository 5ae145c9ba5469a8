// Case 6 by itself: a process that has done nothing else tells its own peak memory.

import { failover } from './control-plane.ts';

const { seconds, megabytes } = await failover();
const name = '6  60 s failover, 200 nodes, 1,000 pods';
process.stdout.write(
  `${name.padEnd(52)} ${seconds.toFixed(2).padStart(10)} s, peak ${Math.round(megabytes)} MB   aim 5 s, 300 MB\n`,
);
