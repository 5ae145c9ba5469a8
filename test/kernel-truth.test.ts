// Every measured kernel scenario, replayed in the lab and compared case by case. `npm run
// kernel-truth` prints the same as a table.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { present } from '../src/base/assert.ts';
import { writeCaptures } from './kernel-truth/capture-files.ts';
import { readFixture } from './kernel-truth/fixture.ts';
import { FIXTURES, PROJECT } from './kernel-truth/project.ts';
import { formatDifferences } from './kernel-truth/report.ts';
import { type Outcome, playScenario } from './kernel-truth/scenario.ts';
import { SCENARIOS } from './kernel-truth/scenarios/index.ts';
import { readPcapng } from './support/pcapng.ts';

test('every fixture has its scenario', () => {
  const fixtures = readdirSync(FIXTURES)
    .filter((file) => file.endsWith('.expect.json'))
    .map((file) => file.slice(0, -'.expect.json'.length));
  expect(SCENARIOS.map(({ name }) => name).sort()).toEqual(fixtures.sort());
});

for (const scenario of SCENARIOS) {
  const { cases, title } = readFixture(scenario.name);
  describe(`${scenario.name}: ${title}`, () => {
    let outcome: Outcome | null = null;
    const play = (): Outcome => {
      outcome ??= playScenario(scenario);
      return outcome;
    };
    test.each(cases.map(({ id }) => id))('%s', (id) => {
      const played = play().cases.find((candidate) => candidate.id === id);
      if (played === undefined || played.status === 'ok') return;
      const captures = writeCaptures(scenario.name, played).join(', ');
      throw new Error(`${formatDifferences(scenario.name, played)}\n  captures: ${captures}`);
    });
  });
}

test('a case that differs is shown side by side, with both captures', () => {
  const scenario = present(SCENARIOS[0], 'there is a scenario');
  const outcome = present(playScenario(scenario).cases[0], 'it has a case');
  const [kernel, lab] = outcome.events;
  const wrong = lab.map((event, i) => (i === 1 ? { ...event, spa: 'C' } : event)).slice(0, 3);
  const differing = { ...outcome, id: 'self-test', events: [kernel, wrong] as const };
  const shown = formatDifferences(scenario.name, differing).split('\n');
  expect(shown.map((line) => line.replace(/ {3,}/g, '   ').trim())).toEqual([
    '01a-arp-resolution self-test',
    'kernel   lab',
    '0.0 wire A > BROADCAST who-has B tell A   0.0 wire A > BROADCAST who-has B tell A',
    '0.0 wire B > A B is-at B to A   <',
    '>   0.0 wire B > A C is-at B to A',
    '0.0 wire A > B A > B echo-request ttl=64 df id=4660 seq=1   0.0 wire A > B A > B echo-request ttl=64 df id=4660 seq=1',
    '0.0 wire B > A B > A echo-reply ttl=64 id=4660 seq=1   <',
  ]);
  const packets = writeCaptures(scenario.name, differing).map(
    (path) => readPcapng(readFileSync(new URL(path, PROJECT))).packets.length,
  );
  expect(packets).toEqual([4, 4]);
});

test('chance decides nothing that is compared', () => {
  for (const seed of [2, 3]) {
    for (const scenario of SCENARIOS.filter(({ name }) => QUICK.includes(name.slice(0, 2)))) {
      const { cases } = playScenario(scenario, seed);
      const wrong = cases.filter(({ status }) => status !== 'ok').map(({ id }) => id);
      expect(wrong, `${scenario.name} with seed ${seed}`).toEqual([]);
    }
  }
});

/** The scenarios that are played again with other random numbers: those that are over in no time. */
const QUICK: readonly string[] = ['01', '02', '04', '06', '07'];
