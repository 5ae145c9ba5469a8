// The long campaign of mutations.ts: node out/bench/test/explain/fuzz.js [how many] [first seed].

import { explainBytes, mutated } from './mutations.ts';

const count = Number(process.argv[2] ?? 1_000_000);
const first = Number(process.argv[3] ?? 1);
let failures = 0;
let slowest = 0;
for (let seed = first; seed < first + count && failures < 10; seed++) {
  const begin = performance.now();
  try {
    explainBytes(mutated(seed));
  } catch (error) {
    failures++;
    process.stdout.write(`seed ${seed}: ${error instanceof Error ? error.stack : error}\n`);
  }
  slowest = Math.max(slowest, performance.now() - begin);
}
process.stdout.write(
  `${count} captures, ${failures} failures, the slowest ${slowest.toFixed(0)} ms\n`,
);
process.exitCode = failures === 0 ? 0 : 1;
