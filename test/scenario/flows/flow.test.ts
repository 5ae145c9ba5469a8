// Flows in labs small enough to follow: hosts that die and come back, flows stopped and started again,
// connections that break, requests that still wait when the scenario ends.

import { describe, expect, test } from 'vitest';
import type { FlowReport, RunReport } from '../../../src/scenario/report.ts';
import { runInMemory, topologyOf } from '../../support/scenarios.ts';

interface Wanted {
  readonly flow: string;
  readonly to?: string;
  readonly steps?: readonly string[];
  readonly duration?: string;
  readonly server?: string;
  readonly segment?: string;
}

async function run({
  flow,
  to = 'server',
  steps = [],
  duration = '20s',
  server = '',
  segment = '',
}: Wanted): Promise<{ flow: FlowReport; report: RunReport; story: string[] }> {
  const text = `name: flows
segments: { lan: { subnet: 10.0.0.0/24${segment} } }
hosts:
  client: { interfaces: { eth0: { segment: lan, addresses: [10.0.0.1, 10.0.0.11] } } }
  server:
    interfaces: { eth0: { segment: lan, address: 10.0.0.2 } }
    services: [{ tcp: 80, app: echo }, { udp: 7, app: echo }, { tcp: 81, app: whoami }]
${server}
scenario:
  duration: ${duration}
  flows: { f: { from: client, to: ${to}, every: 1s, ${flow} } }
  steps:
${steps.map((step) => `    - ${step}`).join('\n')}
`.replace(/ {2}steps:\n\n$/, '');
  const { report } = await runInMemory(topologyOf(text, 'flows.yaml'));
  const failed = report.expectations.filter(({ verdict }) => verdict !== 'held');
  expect(failed.map(({ text: words, saw }) => [words, ...saw])).toEqual([]);
  const [only] = report.flows;
  if (only === undefined) throw new Error('no flow');
  const story = report.timeline
    .filter(({ kind }) => kind.startsWith('flow-'))
    .map(({ at, text: told }) => `${(at / 1e9).toFixed(1)} ${told}`);
  return { flow: only, report, story };
}

const KINDS = ['icmp: echo', 'udp: 7', 'tcp: 80', 'tcp: 80, connection: persistent'] as const;

describe.each(KINDS)('a flow of %s', (kind) => {
  test('is answered, each request once', async () => {
    const { flow } = await run({ flow: kind });
    expect(flow).toMatchObject({ sent: 20, answered: 20, lost: 0, pending: 0, outages: [] });
    expect(flow.seenAs).toEqual([{ address: '10.0.0.1', count: 20 }]);
    expect(flow.answeredBy).toMatchObject([{ machine: 'server', count: 20 }]);
    expect(flow.state).toBe('running');
  });

  test('whose host loses power asks nothing meanwhile, and goes on after it', async () => {
    const { flow } = await run({
      flow: kind,
      steps: ['{ at: 5500ms, fail: client }', '{ at: 10500ms, restore: client }'],
      duration: '30s',
    });
    // Seconds 0 to 5 and 11 to 29; the port of the switch may need a moment.
    expect(flow.sent).toBe(25);
    expect(flow.sent).toBe(flow.answered + flow.lost + flow.pending);
    expect(flow.lost).toBeLessThanOrEqual(3);
    expect(flow.state).toBe('running');
  });

  test('whose server loses power is out until it is back', async () => {
    const { flow, story } = await run({
      flow: kind,
      steps: ['{ at: 5500ms, fail: server }', '{ at: 10500ms, restore: server }'],
      duration: '60s',
    });
    expect(flow.outages).toHaveLength(1);
    expect(flow.outages[0]?.from).toBe(6e9);
    expect(flow.longestOutage).toBeGreaterThanOrEqual(5e9);
    expect(flow.state).toBe('running');
    expect(story).toHaveLength(3);
    expect(story[2]).toContain('answered again after');
  });

  test('that is stopped and started again goes on counting, and was not out meanwhile', async () => {
    const { flow, story } = await run({
      flow: kind,
      steps: [
        '{ at: 5500ms, stop: f }',
        '{ at: 5600ms, stop: f }',
        '{ at: 15500ms, start: f }',
        '{ at: 15600ms, start: f }',
        '{ at: 20s, expect: { flow: f, sent: 11, answered: 11, longestOutage: 0s } }',
      ],
    });
    expect(flow).toMatchObject({ sent: 11, answered: 11, state: 'running' });
    expect(story).toHaveLength(1);
  });

  test('that is stopped while out is out no longer', async () => {
    const { flow } = await run({
      flow: kind,
      steps: [
        '{ at: 4500ms, link: server/eth0, state: down }',
        '{ at: 9500ms, stop: f }',
        '{ at: 20s, expect: { flow: f, longestOutage: 4500ms } }',
        '{ at: 30s, link: server/eth0, state: up }',
        '{ at: 50s, start: f }',
      ],
      duration: '60s',
    });
    expect(flow.outages[0]).toMatchObject({ from: 5e9, to: null, duration: 4.5e9 });
    expect(flow.state).toBe('running');
  });

  test('with `stop:` has stopped then, with `count:` after so many', async () => {
    const { flow, report } = await run({ flow: `${kind}, stop: 4500ms` });
    expect(flow).toMatchObject({ sent: 5, answered: 5, state: 'stopped' });
    expect(report.outcome).toBe('passed');
    const counted = await run({ flow: `${kind}, count: 3` });
    expect(counted.flow).toMatchObject({ sent: 3, answered: 3, state: 'stopped' });
    const again = await run({
      flow: `${kind}, count: 3`,
      steps: ['{ at: 10s, start: f }'],
    });
    expect(again.flow.sent).toBe(3);
  });

  test('that still waits at the end has lost nothing', async () => {
    const { flow } = await run({
      flow: `${kind}, start: 500ms, timeout: 5s`,
      duration: '3s',
      segment: ', latency: 800ms',
    });
    expect(flow.sent).toBe(3);
    expect(flow.pending).toBeGreaterThan(0);
    expect(flow.lost).toBe(0);
    expect(flow.answered + flow.pending).toBe(3);
    expect(flow.outages).toEqual([]);
  });

  test('from another address of its host is seen as that', async () => {
    const { flow } = await run({ flow: `${kind}, source: 10.0.0.11` });
    expect(flow.seenAs).toEqual([{ address: '10.0.0.11', count: 20 }]);
  });

  test('to nobody is never answered', async () => {
    const { flow, story } = await run({ flow: kind, to: '10.0.0.77' });
    expect(flow).toMatchObject({
      answered: 0,
      state: expect.stringMatching(/never answered|failing/),
    });
    expect(story).toHaveLength(1);
  });
});

describe('a connection for all requests', () => {
  const flow = 'tcp: 80, connection: persistent';

  test('that is reset is opened again by the next request, and the break is told', async () => {
    const { flow: told, story } = await run({
      flow,
      steps: ['{ at: 5500ms, fail: server }', '{ at: 5700ms, restore: server }'],
      duration: '60s',
    });
    expect(told.outages).toHaveLength(1);
    expect(told.outages[0]?.why).toBe('ECONNRESET');
    expect(told.sent).toBe(told.answered + told.lost + told.pending);
    expect(story[1]).toContain('ECONNRESET');
  });

  test('that stalls delivers what waited, and no request is answered twice', async () => {
    const { flow: told } = await run({
      flow: `${flow}, timeout: 30s`,
      steps: [
        '{ at: 5500ms, link: server/eth0, state: down }',
        '{ at: 8500ms, link: server/eth0, state: up }',
      ],
      duration: '60s',
    });
    expect(told).toMatchObject({ sent: 60, lost: 0, outages: [] });
    expect(told.answered).toBeGreaterThan(55);
    // Also of requests that came together in one segment the server saw the source.
    expect(told.seenAs).toEqual([{ address: '10.0.0.1', count: told.answered }]);
  });

  test('answers that come too late do not count for later requests', async () => {
    const { flow: told } = await run({
      flow: `${flow}, timeout: 500ms`,
      steps: [
        '{ at: 5500ms, link: server/eth0, state: down }',
        '{ at: 8500ms, link: server/eth0, state: up }',
      ],
      duration: '60s',
    });
    expect(told.lost).toBeGreaterThanOrEqual(3);
    expect(told.sent).toBe(told.answered + told.lost + told.pending);
    expect(told.outages).toHaveLength(1);
  });
});

describe('why', () => {
  test('is that of the latest loss: refused once and silent now is no refusal', async () => {
    const { flow } = await run({
      flow: 'tcp: 82, timeout: 500ms',
      steps: ['{ at: 10500ms, fail: server }'],
      duration: '14s',
    });
    expect(flow).toMatchObject({ state: 'never answered', why: null });
    const refused = await run({ flow: 'tcp: 82' });
    expect(refused.flow).toMatchObject({ state: 'refused', why: 'ECONNREFUSED', answered: 0 });
  });

  test('of datagrams to a closed port is an errno', async () => {
    const { flow } = await run({ flow: 'udp: 9' });
    expect(flow).toMatchObject({ state: 'refused', why: 'ECONNREFUSED', lost: 20 });
  });
});

describe('who answered', () => {
  const twin = `  twin:
    interfaces: { eth0: { segment: lan, address: 10.0.0.2 } }
    services: [{ udp: 7, app: echo }]`;

  test('is each machine that had the address and got requests, with its MAC address', async () => {
    const { flow } = await run({
      flow: 'udp: 7',
      server: twin,
      steps: [
        '{ at: 0s, fail: twin }',
        '{ at: 10500ms, fail: server }',
        '{ at: 10500ms, restore: twin }',
      ],
      duration: '60s',
    });
    const [first, second, ...others] = flow.answeredBy;
    expect([first?.machine, second?.machine, others]).toEqual(['twin', 'server', []]);
    expect(first?.mac).not.toBe(second?.mac);
    expect((first?.count ?? 0) + (second?.count ?? 0)).toBe(flow.answered);
    expect(second?.count).toBe(11);
  });

  test('is the machine itself where a flow goes to its own address', async () => {
    const { flow } = await run({ flow: 'icmp: echo', to: 'client' });
    expect(flow.answeredBy).toEqual([{ machine: 'client', mac: null, count: flow.answered }]);
  });

  test('is no machine when nothing was answered', async () => {
    const { flow } = await run({ flow: 'udp: 9' });
    expect(flow.answeredBy).toEqual([]);
  });
});

describe('small and large requests', () => {
  test.each([0, 8, 9, 12, 1472, 1473, 20_000, 65_000])(
    'of %i octets are answered, and never taken for others',
    async (size) => {
      for (const kind of KINDS) {
        const { flow } = await run({ flow: `${kind}, size: ${size}` });
        expect([kind, flow.answered, flow.lost]).toEqual([kind, 20, 0]);
        for (const { count } of flow.seenAs) expect(count).toBeLessThanOrEqual(20);
        if (size > 12 || kind !== 'icmp: echo') expect(flow.seenAs[0]?.count).toBe(20);
      }
    },
  );
});
