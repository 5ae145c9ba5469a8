// What an exploration rests on: variants mean what they say, runs are the same for whoever makes them, and what
// breaks becomes small and fails again as a file.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { Campaign } from '../../src/explore/campaign.ts';
import { type Effect, stepsOf } from '../../src/explore/effects.ts';
import { explore } from '../../src/explore/explorer.ts';
import { topologyText } from '../../src/explore/finding-text.ts';
import { runGenome } from '../../src/explore/run.ts';
import { Systematic } from '../../src/explore/strategy/systematic.ts';
import { runScenario } from '../../src/scenario/run.ts';
import { ScenarioSession } from '../../src/scenario/session.ts';
import { Random } from '../../src/sim/random.ts';
import { FAULT_NAMES } from '../../src/topology/explore.ts';
import { parseTopology } from '../../src/topology/parse.ts';
import { campaignOf, drawnBy, SMALL } from './support.ts';

describe('faults that overlap', () => {
  const interval = fc
    .record({
      from: fc.integer({ min: 0, max: 50 }),
      length: fc.integer({ min: 1, max: 50 }),
      what: fc.constantFrom('power', 'agent'),
    })
    .map(
      ({ from, length, what }): Effect => ({
        resource: 'machine a',
        what,
        value: 1,
        from,
        to: from + length,
      }),
    );

  test('do not cure each other: a machine is off exactly while one of them says so', () => {
    fc.assert(
      fc.property(fc.array(interval, { minLength: 1, maxLength: 5 }), (effects) => {
        const steps = stepsOf(effects, [], 1000);
        for (let at = 0; at <= 110; at++) {
          let isOff = false;
          let isStopped = false;
          for (const step of steps.filter((each) => each.at <= at)) {
            const { fail, how, restore } = step.words;
            if (restore !== undefined) {
              isOff = false;
              isStopped = false;
            } else if (fail !== undefined && how === undefined) isOff = true;
            else if (fail !== undefined) isStopped = true;
          }
          const says = (what: string): boolean =>
            effects.some((each) => each.what === what && each.from <= at && at < (each.to ?? 1000));
          expect(isOff).toBe(says('power'));
          if (!isOff) expect(isStopped).toBe(says('agent'));
        }
      }),
      { numRuns: 60 },
    );
  });
});

test('a variant and its document are the same run, whatever the kinds', async () => {
  const { space } = await campaignOf({ faults: FAULT_NAMES, vary: ['seed', 'step-times'] });
  for (let seed = 0; seed < 6; seed++) {
    const genome = space.draw(new Random(seed));
    const { diagnostics, topology } = parseTopology(stringify(space.base.documentOf(genome)), {
      file: 'variant.yaml',
    });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    if (topology === null) throw new Error('it is sound');
    const eventsOf = (model: typeof topology): string => {
      const session = new ScenarioSession(model, {});
      session.begin();
      session.lab.scheduler.advanceTo(model.scenario.duration);
      return JSON.stringify(session.lab.events.events);
    };
    expect(eventsOf(topology), JSON.stringify(genome)).toBe(eventsOf(space.base.variant(genome)));
  }
});

describe('a campaign', () => {
  test('draws the same runs in whichever order results come', async () => {
    const { header, space } = await campaignOf({ lag: 5, faults: ['agent'] });
    const forward = drawnBy(new Campaign(header, space), 400, (all) => all);
    const backward = drawnBy(new Campaign(header, space), 400, (all) => all.reverse());
    expect(backward).toEqual(forward);
    expect(drawnBy(new Campaign(header, space), 400, (all) => all.slice(0, 1))).toEqual(forward);
    expect(drawnBy(new Campaign({ ...header, lag: 6 }, space), 400, (all) => all)).not.toEqual(
      forward,
    );
  });

  test('on a grid has every combination once, and tells how many', async () => {
    const { space } = await campaignOf({ faults: ['power'], window: { from: 5e9, to: 7e9 } });
    const systematic = new Systematic(space, 10, 2);
    const all = Array.from({ length: systematic.size }, (_, index) =>
      JSON.stringify(systematic.draw(index)),
    );
    const singles = space.distinctAtoms.length * 3;
    expect(systematic.size).toBe(singles + (singles * (singles - 1)) / 2);
    expect(new Set(all).size).toBe(all.length);
  });

  test('makes what breaks small, groups it, and writes a topology that fails by itself', async () => {
    const { header, space, work } = await campaignOf();
    const campaign = new Campaign(header, space);
    const crew = {
      width: 1,
      batch: 4,
      run: async (runs: Parameters<typeof work.run>[0][]) =>
        runs.map((run) => work.run(run, () => false)),
      find: async (request: Parameters<typeof work.find>[0]) => work.find(request, () => false),
    };
    const ledger = {
      results: () => {},
      known: () => undefined,
      finding: () => {},
      progress: () => {},
    };
    const found = await explore(campaign, crew, ledger, { runs: 40, isOver: () => false });
    const dead = found.find(
      ({ finding }) => finding.signature === 'outage<10s | flow of a pod | power worker',
    );
    if (dead === undefined)
      throw new Error(found.map(({ finding }) => finding.signature).join('\n'));
    const { finding } = dead;
    expect(finding).toMatchObject({ property: 'outage<10s', reproducible: true });
    expect(finding.genome.items).toHaveLength(1);
    expect(finding.document.hosts).not.toHaveProperty('bystander');
    const { topology } = parseTopology(topologyText(finding), { file: 'finding.yaml' });
    if (topology === null) throw new Error('it is sound');
    const { expectations } = await runScenario(topology);
    expect(expectations).toMatchObject([
      { verdict: 'failed', text: expect.stringContaining('outage<10s') },
    ]);
  });
});

describe('what cannot be explored', () => {
  test('a run that fails without any fault is told with its expectation', async () => {
    const failing = SMALL.replace('answering: true', 'answering: false');
    await expect(campaignOf({ text: failing })).rejects.toMatchObject({
      code: 'EGL_EXPLORE_BASE',
      message: expect.stringContaining('flow: web, answering: false'),
    });
  });

  test('a property that the plain run breaks is told', async () => {
    const both = ['db', 'bystander'].map(
      (to) => `    - { at: 3s, addAddress: 192.168.50.77, to: ${to} }`,
    );
    const text = SMALL.replace('  steps:', `  steps:\n${both.join('\n')}`);
    await expect(campaignOf({ text })).rejects.toMatchObject({
      code: 'EGL_EXPLORE_BASE',
      message: expect.stringContaining('breaks never-two-answer: db and bystander answer'),
    });
  });

  test('a run that takes too long is a finding of its own', async () => {
    const { space } = await campaignOf();
    const late = runGenome(space.base, { seed: null, items: [], moves: [] }, () => true);
    expect(late).toMatchObject({ outcome: 'hang', broke: [{ property: 'no-hang' }] });
  });
});
