// What flows can say of their connections: from which port, how fast, and how each ended.

import { expect, test } from 'vitest';
import { runInMemory, topologyOf } from '../../support/scenarios.ts';

const lab = (flow: string, steps = '', extra = ''): string => `name: flows
segments: { lan: { subnet: 10.0.0.0/24, latency: 100us, bandwidth: 100Mbit } }
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1 } }${extra} }
  b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2 } }, services: [{ tcp: 80, app: sink }, { udp: 80, app: echo }] }
scenario:
  duration: 60s
  flows: { flow: { from: a, to: b, ${flow} } }
  steps: [${steps}]
`;

async function flowOf(text: string) {
  const { report } = await runInMemory(topologyOf(text, 'flows.yaml'));
  const [flow] = report.flows;
  if (flow === undefined) throw new Error('the lab has a flow');
  return { flow, report };
}

test.each(['tcp: 80', 'udp: 80'])(
  '%s: all requests come from the port that is given',
  async (to) => {
    const packet = `ip: { from: 10.0.0.1 }, ${to.startsWith('tcp') ? 'tcp' : 'udp'}: { from: 4711 }`;
    const step = `{ at: 20s, expect: { frame: { ${packet} }, on: b/eth0, count: ">= 10" } }`;
    const { flow, report } = await flowOf(
      lab(`${to}, sourcePort: 4711, every: 1s, stop: 15s`, step),
    );
    expect(flow.answered).toBe(15);
    expect(report.expectations.map(({ verdict, saw }) => [verdict, saw])).toEqual([['held', []]]);
  },
);

test('a port that is in use is said to be', async () => {
  const text = lab('udp: 80, sourcePort: 53', '', ', services: [{ udp: 53, app: echo }]');
  const { flow } = await flowOf(text);
  expect([flow.answered, flow.why]).toEqual([0, 'EADDRINUSE']);
});

test('a transfer has a throughput, near that of its cable', async () => {
  const { flow } = await flowOf(lab('tcp: 80, size: 4000000, count: 2, timeout: 10s, every: 10s'));
  expect(flow.answered).toBe(2);
  expect((flow.throughput ?? 0) * 8).toBeGreaterThan(80e6);
  expect((flow.throughput ?? 0) * 8).toBeLessThan(100e6);
});

test('small requests have none', async () => {
  expect((await flowOf(lab('tcp: 80'))).flow.throughput).toBeNull();
});

test.each([
  ['reset', '{ at: 10500ms, fail: b }, { at: 12500ms, restore: b }', 'ECONNRESET', 11, 13],
  ['timed out', '{ at: 10500ms, fail: b, how: unplugged }', 'ETIMEDOUT', 20, 60],
])('a connection that was %s is told with when and why', async (_how, step, why, from, to) => {
  const text = lab(
    'tcp: 80, connection: persistent, every: 1s',
    step,
    ', sysctls: { tcp_retries2: 5 }',
  );
  const { flow } = await flowOf(text);
  const [first] = flow.connections;
  expect(first).toMatchObject({ why });
  expect((first?.openedAt ?? 1e9) / 1e9).toBeLessThan(0.1);
  expect((first?.endedAt ?? 0) / 1e9).toBeGreaterThan(from);
  expect((first?.endedAt ?? 0) / 1e9).toBeLessThan(to);
});

test('a connection that stands has no end', async () => {
  const { flow } = await flowOf(lab('tcp: 80, connection: persistent'));
  expect(flow.connections).toMatchObject([{ endedAt: null, why: null }]);
});
