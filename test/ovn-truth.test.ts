// Every measured OVN scenario of both releases, replayed against the lab's data path and compared case by
// case. `npm run ovn-truth` prints the same as a table.

import { describe, expect, test } from 'vitest';
import { formatDifferences } from './kernel-truth/report.ts';
import type { Outcome } from './kernel-truth/scenario.ts';
import { fixtureNames, RELEASES, readOvnFixture } from './ovn-truth/fixture.ts';
import { playOvnScenario } from './ovn-truth/scenario.ts';
import { OVN_SCENARIOS } from './ovn-truth/scenarios/index.ts';

test('every fixture has its scenario', () => {
  expect(OVN_SCENARIOS.map(({ name }) => name).sort()).toEqual(fixtureNames().sort());
});

for (const release of RELEASES) {
  for (const scenario of OVN_SCENARIOS) {
    const { cases, title } = readOvnFixture(release, scenario.name);
    describe(`OVN ${release}, ${scenario.name}: ${title}`, () => {
      let outcome: Outcome | null = null;
      const play = (): Outcome => {
        outcome ??= playOvnScenario(scenario, release);
        return outcome;
      };
      const wanted = scenario.notCovered === null ? 'ok' : 'not covered';
      test.each(cases.map(({ id }) => id))(`%s is ${wanted}`, (id) => {
        const played = play().cases.find((candidate) => candidate.id === id);
        if (played === undefined || played.status === wanted) return;
        throw new Error(formatDifferences(scenario.name, played, 'OVN'));
      });
    });
  }
}

test('chance decides nothing that is compared', () => {
  for (const scenario of OVN_SCENARIOS.filter(({ name }) => QUICK.includes(name))) {
    const { cases } = playOvnScenario(scenario, '25.03', 7);
    const wrong = cases.filter(({ status }) => status !== 'ok').map(({ id }) => id);
    expect(wrong, scenario.name).toEqual([]);
  }
});

/** The scenarios that are played again with other random numbers: those that are over in no time. */
const QUICK: readonly string[] = ['o2-arp-answers', 'o3-snat-ports', 'o8-mac-binding'];
