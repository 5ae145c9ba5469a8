// npm run flood -- [frames] [seed]: the long version of test/platform/kernel-flood.test.ts. Root.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { floodLab } from './campaign.ts';

const root = join(import.meta.dirname, '../../../..');
const frames = Number(process.argv[2] ?? 1_000_000);
const seed = Number(process.argv[3] ?? 1);
const outcome = await floodLab({
  main: join(root, 'dist/main.js'),
  topology: readFileSync(join(root, 'topologies/tap.yaml'), 'utf8'),
  capture: readFileSync(join(root, 'captures/automatic.pcapng')),
  frames,
  seed,
});
const { answered, delivered, exitCode, peakMegabytes, seconds, sent } = outcome;
process.stdout.write(
  `${sent} random and mutated frames (seed ${seed}) in ${seconds.toFixed(0)} s, ${delivered} reached the lab\n` +
    `afterwards a ping is ${answered ? '' : 'not '}answered, SIGTERM ends the lab with ${exitCode}\n` +
    `largest resident set of the lab: ${peakMegabytes} MB\n`,
);
process.exitCode = answered && exitCode === 0 && peakMegabytes < 1024 ? 0 : 1;
