// npm run kernel-truth: plays every measured scenario in the lab and prints the table. Arguments are
// beginnings of scenario names; `--seed N` draws other random numbers; `--record` runs the scripts
// against the kernel of this machine instead (record.ts).

import { writeCaptures } from './capture-files.ts';
import { record } from './record.ts';
import { formatDifferences, formatTable } from './report.ts';
import { playScenario, SEED } from './scenario.ts';
import { SCENARIOS } from './scenarios/index.ts';

const words = process.argv.slice(2);
const seedAt = words.indexOf('--seed');
const seed = seedAt < 0 ? SEED : Number(words[seedAt + 1]);
const names = words.filter((word, i) => !word.startsWith('--') && (seedAt < 0 || i !== seedAt + 1));
const isWanted = (name: string): boolean =>
  names.length === 0 || names.some((beginning) => name.startsWith(beginning));

if (words.includes('--record')) {
  process.exitCode = await record(SCENARIOS.map(({ name }) => name).filter(isWanted));
} else {
  replay();
}

function replay(): void {
  const begun = performance.now();
  const outcomes = SCENARIOS.filter(({ name }) => isWanted(name)).map((scenario) =>
    playScenario(scenario, seed),
  );
  let good = true;
  for (const { name, cases } of outcomes) {
    for (const outcome of cases) {
      if (outcome.status === 'ok') continue;
      good = false;
      print(formatDifferences(name, outcome));
      print(`  captures: ${writeCaptures(name, outcome).join(', ')}\n`);
    }
  }
  const elapsed = (performance.now() - begun) / 1000;
  print(`${formatTable(outcomes)}, in ${elapsed.toFixed(1)} s`);
  process.exitCode = good ? 0 : 1;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
