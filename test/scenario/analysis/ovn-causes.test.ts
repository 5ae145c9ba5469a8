// What the analysis says of OVN-Kubernetes: causes with names of their own, for outages that only its logical
// routers can bring about.

import { expect, test } from 'vitest';
import { runScenario } from '../../../src/scenario/run.ts';
import { shippedScenarios } from '../../support/scenarios.ts';

const CASES: readonly (readonly [string, string, RegExp])[] = [
  ['ovnk-gap-node-ip', 'move-gap', /^the move left a gap of 2 ms, in which the pod leaves with/],
  [
    'ovnk-loop-between-holders',
    'routing-loop',
    /^answers for 192\.168\.50\.120 go to and fro between worker03 and worker02 until their TTL/,
  ],
  [
    'ovnk-two-routers-one-address',
    'old-router-answers',
    /^worker02 has announced 192\.168\.50\.120, GR_worker01 still answers for it, and db sends to worker01/,
  ],
];

test.each(CASES)('%s is explained by %s', async (name, cause, text) => {
  const scenario = shippedScenarios().find((each) => each.name === name);
  if (scenario === undefined) throw new Error(name);
  const { analysis } = await runScenario(scenario.load(), {});
  const stages = analysis?.flows.flatMap((flow) => flow.stages) ?? [];
  expect(stages).toContainEqual(
    expect.objectContaining({ cause, text: expect.stringMatching(text) }),
  );
});

test('an outage of a failover is told in stages that name the check and the way out', async () => {
  const scenario = shippedScenarios().find(({ name }) => name === 'ovnk-failover');
  if (scenario === undefined) throw new Error('no such lab');
  const { analysis } = await runScenario(scenario.load(), {});
  const [flow] = analysis?.flows ?? [];
  expect(flow?.stages[0]).toMatchObject({ cause: 'probe-not-failed' });
  expect(flow?.stages[0]?.text).toContain('no health check has failed often enough');
});
