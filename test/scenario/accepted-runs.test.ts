// What `validate` accepts, `run` runs: random topologies of hosts, routers, nodes and pods with whatever the schema
// takes of names, addresses, routes, rules, services, flows and steps. A failure prints its seed and the topology.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { topologyFromObject } from '../../src/topology/parse.ts';
import { runInMemory } from '../support/scenarios.ts';

/** More with EGRESSLAB_TOPOLOGIES=100000. */
const RUNS = Number(process.env.EGRESSLAB_TOPOLOGIES ?? 60);

const NAMES = ['a', 'b', 'x.json', '1a', 'r-1', 'constructor', 'to-string', 'kernel1'];
const name = fc.constantFrom(...NAMES);
const octet = fc.integer({ min: 1, max: 254 });
const address = fc
  .tuple(fc.constantFrom('10.0.0', '10.0.1', '10.7.50'), octet)
  .map(([net, last]) => `${net}.${last}`);
const withPrefix = address.map((each) => `${each}/8`);
const milliseconds = fc.integer({ min: 0, max: 2000 });
const time = milliseconds.map((each) => `${each}ms`);
const segment = fc.constantFrom('lan', 'wan');
const sometimes = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq: 2 });

const cable = fc.record(
  {
    latency: fc.constantFrom('0ms', '50us', '20ms'),
    loss: fc.constantFrom(0, 0.3, '100%'),
    duplication: fc.constantFrom(0, 0.5),
    corruption: fc.constantFrom(0, 0.5),
    bandwidth: fc.constantFrom('64Kbit', '1Gbit'),
    queue: fc.constantFrom('1500B', '64KiB'),
  },
  { requiredKeys: [] },
);
const host = fc.record(
  {
    interfaces: fc.record(
      {
        eth0: fc.record({ segment, address: withPrefix }),
        eth1: fc.record({
          segment,
          address: withPrefix,
          mtu: sometimes(fc.constantFrom(68, 576, 9000)),
        }),
      },
      { requiredKeys: ['eth0'] },
    ),
    forwarding: fc.boolean(),
    gateway: address,
    responder: fc.constantFrom('linux', 'ovn', 'silent'),
    observer: fc.constantFrom('linux', 'strict', 'ignores-garp', 'router-20min'),
    services: fc.uniqueArray(
      fc.constantFrom(
        { tcp: 80, app: 'whoami' },
        { udp: 7, app: 'echo' },
        { tcp: 19, app: 'chargen' },
      ),
    ),
    firewall: fc.array(fc.constantFrom({ drop: { tcp: 80 } }, { accept: {} }, { reject: {} }), {
      maxLength: 2,
    }),
    sysctls: fc.constantFrom({ arp_ignore: 8 }, { rp_filter: 1 }, { nf_conntrack_max: 1 }, {}),
    loopback: fc.array(address, { maxLength: 1 }),
    routes: fc.array(fc.record({ to: fc.constantFrom('default', '10.9.0.0/16'), via: address }), {
      maxLength: 1,
    }),
  },
  { requiredKeys: ['interfaces'] },
);
const flow = fc.tuple(
  fc.record({
    from: name,
    to: fc.oneof(name, address),
    every: fc.constantFrom('10ms', '1s'),
    start: sometimes(time),
  }),
  fc.constantFrom({ icmp: 'echo' }, { udp: 7 }, { tcp: 80 }, { tcp: 80, connection: 'persistent' }),
);
const action = fc.oneof(
  fc.record({ fail: name, how: fc.constantFrom('power-off', 'unplugged') }),
  fc.record({ restore: name }),
  fc.record({ link: name.map((each) => `${each}/eth0`), state: fc.constantFrom('down', 'up') }),
  fc.record({ addAddress: withPrefix, to: name }),
  fc.record({ removeAddress: address, from: name }),
  fc.record({ arping: address, from: name, mode: fc.constantFrom('-U', '-A', '-D') }),
  fc.record({ ping: fc.oneof(name, address), from: name }),
  fc.record({ addNeighbor: address, mac: name, to: name }),
  fc.record({ impair: segment, loss: fc.constantFrom(0, '50%') }),
  fc.record({ heal: segment }),
  fc.record({
    setInterface: name.map((each) => `${each}/eth0`),
    state: fc.constantFrom('down', 'up'),
  }),
  fc.record({ removeRoute: fc.constant('default'), on: name }),
);
const topology = fc.record(
  {
    name: fc.constantFrom('lab', 'x.json', 'constructor'),
    seed: fc.nat({ max: 2 ** 32 - 1 }),
    segments: fc.record({ lan: cable, wan: cable }),
    hosts: fc.dictionary(name, host, { minKeys: 2, maxKeys: 5, noNullPrototype: true }),
    capture: fc.constantFrom(['*/eth0'], ['drops'], { ports: ['*'], format: 'text' }),
    scenario: fc.record({
      duration: fc.constant('2500ms'),
      flows: fc
        .dictionary(name, flow, { maxKeys: 3, noNullPrototype: true })
        .map((flows) =>
          Object.fromEntries(
            Object.entries(flows).map(([key, [base, kind]]) => [key, { ...base, ...kind }]),
          ),
        ),
      steps: fc
        .array(fc.tuple(milliseconds, action), { maxLength: 6 })
        .map((steps) =>
          steps.sort(([a], [b]) => a - b).map(([at, step]) => ({ at: `${at}ms`, ...step })),
        ),
    }),
  },
  { requiredKeys: ['name', 'segments', 'hosts', 'scenario'] },
);

/** Drops what `undefined` stands for, as YAML has none. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

test('a random topology that is accepted runs to its end, and the report says so', async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(topology, async (candidate) => {
      const { topology: model } = topologyFromObject(plain(repaired(candidate)));
      if (model === null) return;
      accepted++;
      const { report } = await runInMemory(model);
      expect(['passed', 'stopped']).toContain(report.outcome);
      if (report.outcome === 'stopped') {
        expect(report.problems.map(({ code }) => code)).toEqual([
          expect.stringMatching(/^EGL_(BROADCAST|EVENT)_STORM$/),
        ]);
      } else expect(report.labDuration).toBe(2.5e9);
    }),
    { numRuns: RUNS },
  );
  expect(accepted, 'many of them are topologies').toBeGreaterThan(RUNS / 4);
}, 120_000);

/** Names that nobody has become those of hosts that there are; without it hardly any would be accepted. */
function repaired<T extends { readonly hosts: object; readonly scenario: object }>(
  candidate: T,
): T {
  const known = Object.keys(candidate.hosts);
  const text = JSON.stringify(candidate.scenario, (_key, value: unknown) => {
    if (typeof value !== 'string') return value;
    const [machine = '', ...rest] = value.split('/');
    if (!NAMES.includes(machine) || known.includes(machine)) return value;
    const other = known[NAMES.indexOf(machine) % known.length] ?? '';
    return [other, ...rest].join('/');
  });
  return { ...candidate, scenario: JSON.parse(text) };
}
