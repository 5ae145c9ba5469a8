// `npm run chaos`: kills labs at random moments and looks at what they leave.
//
//   --kills N    how many; default 300          --seed N    which moments; default 1
//
// Namespaces need root; without it the other kinds are killed. Exit status: 0 all is well, 1 findings.

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CHAOS_KINDS, runChaos } from './campaign.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
  },
});
const isRoot = process.geteuid?.() === 0;
const began = performance.now();
const { kills, captures, frames } = await runChaos({
  main: resolve('dist/main.js'),
  kills: Number(values.kills),
  seed: Number(values.seed),
  kinds: CHAOS_KINDS.filter((kind) => isRoot || kind !== 'namespace'),
  onKill: ({ number, kind, afterMilliseconds, findings }) => {
    for (const finding of findings) {
      process.stdout.write(`kill ${number}, ${kind} after ${afterMilliseconds} ms: ${finding}\n`);
    }
  },
});
const bad = kills.filter(({ findings }) => findings.length > 0).length;
const seconds = ((performance.now() - began) / 1000).toFixed(0);
const kinds = CHAOS_KINDS.map(
  (kind) => `${kills.filter((kill) => kill.kind === kind).length} ${kind}`,
);
process.stdout.write(
  `${kills.length} kills (${kinds.join(', ')}) in ${seconds} s: ${captures} captures with ${frames} frames read back, ${bad} kills with findings\n`,
);
process.exitCode = bad === 0 ? 0 : 1;
