// npm run ovn-truth: plays every measured scenario of both OVN releases against the lab's data path and
// prints the table. Arguments are beginnings of scenario names; `--seed N` draws other random numbers;
// `--record` runs the scripts against the OVN of this machine instead (record.ts).

import { formatDifferences, formatTable } from '../kernel-truth/report.ts';
import { RELEASES } from './fixture.ts';
import { record } from './record.ts';
import { playOvnScenario } from './scenario.ts';
import { OVN_SCENARIOS } from './scenarios/index.ts';

const words = process.argv.slice(2);
const seedAt = words.indexOf('--seed');
const seed = seedAt < 0 ? 1 : Number(words[seedAt + 1]);
const names = words.filter((word, i) => !word.startsWith('--') && (seedAt < 0 || i !== seedAt + 1));

if (words.includes('--record')) {
  process.exitCode = await record(names);
} else {
  replay();
}

function replay(): void {
  const begun = performance.now();
  const wanted = OVN_SCENARIOS.filter(
    ({ name }) => names.length === 0 || names.some((beginning) => name.startsWith(beginning)),
  );
  const outcomes = RELEASES.flatMap((release) =>
    wanted.map((scenario) => playOvnScenario(scenario, release, seed)),
  );
  let good = true;
  for (const { name, cases } of outcomes) {
    for (const outcome of cases) {
      if (outcome.status !== 'differs') continue;
      good = false;
      print(`${formatDifferences(name, outcome, 'OVN')}\n`);
    }
  }
  const elapsed = (performance.now() - begun) / 1000;
  print(`${formatTable(outcomes, 'OVN')}, in ${elapsed.toFixed(1)} s`);
  process.exitCode = good ? 0 : 1;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
