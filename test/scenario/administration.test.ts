// What an administrator does while a lab runs: routes, interfaces, rules and tracked connections, as steps.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runInMemory, topologyOf } from '../support/scenarios.ts';

const LAB = `name: lab
segments:
  left: { subnet: 10.1.0.0/24, latency: 100us }
  right: { subnet: 10.2.0.0/24, latency: 100us }
hosts:
  a: { interfaces: { eth0: { segment: left, address: 10.1.0.10 } }, gateway: 10.1.0.1 }
  r:
    interfaces: { eth0: { segment: left, address: 10.1.0.1 }, eth1: { segment: right, address: 10.2.0.1 } }
    forwarding: true
  b:
    interfaces: { eth0: { segment: right, address: 10.2.0.10 } }
    gateway: 10.2.0.1
    services: [{ tcp: 80, app: whoami }, { udp: 53, app: whoami }]
capture: [b/eth0]
`;

interface Told {
  readonly timeline: readonly string[];
  readonly flow: (name: string) => {
    readonly outages: readonly string[];
    readonly seenAs: readonly string[];
  };
  readonly analysis: readonly string[];
}

async function told(flows: string, ...steps: readonly string[]): Promise<Told> {
  const scenario = `scenario:\n  duration: 20s\n  flows: ${flows}\n  steps:\n${steps.map((step) => `    - ${step}\n`).join('')}`;
  const { report } = await runInMemory(topologyOf(LAB + scenario, 'lab.yaml'));
  const wanted = report.timeline.filter(({ kind }) => !kind.startsWith('flow-'));
  return {
    timeline: wanted.map(({ at, source, text }) => `${at / 1e9} ${source} ${text}`),
    flow: (name) => {
      const found = report.flows.find((flow) => flow.name === name);
      return {
        outages: (found?.outages ?? []).map(({ from, to }) => `${from / 1e9}..${(to ?? 0) / 1e9}`),
        seenAs: (found?.seenAs ?? []).map(({ address }) => address),
      };
    },
    analysis: (report.analysis?.flows ?? []).flatMap(({ ended, stages }) => [
      ...stages.map(({ cause }) => cause),
      ended,
    ]),
  };
}

const PING = '{ ping: { from: a, to: b, icmp: echo, every: 1s } }';

describe('routes', () => {
  test('that are removed and added end and mend a flow, and the analysis says so', async () => {
    const run = await told(
      PING,
      '{ at: 5500ms, removeRoute: default, on: a }',
      '{ at: 9500ms, addRoute: 10.2.0.0/24, via: 10.1.0.1, on: a }',
    );
    expect(run.timeline).toEqual([
      '5.5 a removes the route default via 10.1.0.1 dev eth0',
      '9.5 a adds the route 10.2.0.0/24 via 10.1.0.1 dev eth0',
    ]);
    expect(run.flow('ping').outages).toEqual(['6..10']);
    expect(run.analysis).toEqual([
      'no-route',
      'retry-pending',
      'a got the route 10.2.0.0/24 via 10.1.0.1 dev eth0',
    ]);
  });

  test('are refused as ip refuses them', async () => {
    const { timeline } = await told(
      '{}',
      '{ at: 1s, addRoute: default, via: 10.1.0.1, on: a }',
      '{ at: 2s, removeRoute: 192.0.2.0/24, on: a }',
      '{ at: 3s, replaceRoute: default, via: 10.1.0.9, on: a }',
      '{ at: 4s, removeRoute: default, via: 10.1.0.1, on: a }',
    );
    expect(timeline.map((line) => line.replace(/ \(.*\)/, ''))).toEqual([
      '1 a ip route add default via 10.1.0.1 dev eth0: File exists',
      '2 a ip route del: No such process',
      '3 a adds the route default via 10.1.0.9 dev eth0',
      '4 a ip route del: No such process',
    ]);
  });

  test('of a public report: one datagram is lost, the next leaves by the second uplink', async () => {
    const url = new URL('../fixtures/reports/route-step/topology.yaml', import.meta.url);
    const { report } = await runInMemory(topologyOf(readFileSync(url, 'utf8'), 'route-step'));
    const register = report.flows.find(({ name }) => name === 'register');
    expect(register?.lost).toBe(1);
    expect(register?.seenAs.map(({ address }) => address)).toEqual(['198.51.100.2', '203.0.113.2']);
    const [flow] = report.analysis?.flows ?? [];
    expect(flow?.stages[0]).toMatchObject({ cause: 'nat-changed' });
  });

  test.each([
    ['masquerade: the next datagram has the other address', 'snat: masquerade', 0, 0],
    ['SNAT to an address: it goes on with the address that is gone', null, 26, 26],
  ])(
    'of the same report, the address goes and the route with it; %s',
    async (_title, snat, lost, pings) => {
      const url = new URL('../fixtures/reports/route-step/topology.yaml', import.meta.url);
      const text = readFileSync(url, 'utf8')
        .replace(/removeRoute:.*/, 'removeAddress: 203.0.113.2, from: router/eth1 }')
        .replaceAll(/address: (\S+)\/24, snat: masquerade/g, (all, address: string) =>
          snat === null ? `address: ${address}/24, snat: { to: ${address} }` : all,
        );
      const { report } = await runInMemory(topologyOf(text, 'route-step'));
      const [register, ping] = report.flows;
      expect([register?.lost, ping?.lost]).toEqual([lost, pings]);
      const sources = register?.seenAs.map(({ address }) => address);
      expect(sources).toEqual(snat === null ? ['203.0.113.2'] : ['198.51.100.2', '203.0.113.2']);
      // Answers end when the first ISP no longer finds who has the address.
      if (snat === null) expect(report.analysis?.flows[0]?.stages[0]?.cause).toBe('source-gone');
    },
  );
});

describe('an interface', () => {
  test('that is set down takes its routes along, and they do not come back', async () => {
    const run = await told(
      PING,
      '{ at: 5500ms, setInterface: a/eth0, state: down }',
      '{ at: 7500ms, setInterface: a/eth0, state: up }',
      '{ at: 9500ms, addRoute: default, via: 10.1.0.1, on: a }',
    );
    expect(run.flow('ping').outages).toEqual(['6..10']);
    expect(run.timeline).toContain('5.5 a eth0 is down');
  });

  test('gets another MAC address and MTU', async () => {
    const run = await told(
      PING,
      '{ at: 5500ms, setInterface: b/eth0, mac: "02:00:00:00:00:99", mtu: 1400 }',
    );
    expect(run.timeline).toEqual([
      '5.5 b gives eth0 the MAC address 02:00:00:00:00:99',
      '5.5 b gives eth0 the MTU 1400',
    ]);
    expect(run.flow('ping').outages).toHaveLength(1);
    expect(run.analysis[0]).toBe('wrong-mac');
  });
});

describe('rules', () => {
  test('of the firewall come, first or last, and go as they were written', async () => {
    const run = await told(
      '{ web: { from: a, to: b, tcp: 80, every: 1s } }',
      '{ at: 4500ms, addFirewall: { accept: { tcp: 80 } }, on: b }',
      '{ at: 5500ms, addFirewall: { drop: { tcp: 80 } }, on: b, position: first }',
      '{ at: 9500ms, removeFirewall: { drop: { tcp: 80 } }, on: b }',
      '{ at: 9500ms, removeFirewall: { drop: { tcp: 81 } }, on: b }',
    );
    expect(run.flow('web').outages).toEqual(['6..10']);
    expect(run.timeline).toEqual([
      '4.5 b adds the firewall rule INPUT -p tcp --dport 80 -j ACCEPT',
      '5.5 b adds the firewall rule INPUT -p tcp --dport 80 -j DROP',
      '9.5 b removes the firewall rule INPUT -p tcp --dport 80 -j DROP',
      '9.5 b iptables -D INPUT -p tcp --dport 81 -j DROP: Bad rule (does a matching rule exist in that chain?)',
    ]);
    expect(run.analysis).toContain('b removed the rule INPUT -p tcp --dport 80 -j DROP');
  });

  test('of SNAT decide for new connections; deleted ones are new', async () => {
    const dns = '{ dns: { from: a, to: b, udp: 53, every: 1s, start: 1s } }';
    const added = await told(dns, '{ at: 5500ms, addSnat: masquerade, on: r/eth1 }');
    expect(added.flow('dns').seenAs).toEqual(['10.2.0.1', '10.1.0.10']);
    const both = await told(
      dns,
      '{ at: 1ms, addSnat: masquerade, on: r/eth1 }',
      '{ at: 5500ms, removeSnat: masquerade, on: r/eth1 }',
      '{ at: 10500ms, deleteConnections: r, protocol: udp, from: 10.1.0.10, port: 53 }',
      '{ at: 10500ms, deleteConnections: a }',
    );
    expect(both.timeline.slice(1)).toEqual([
      '5.5 r removes the SNAT rule -o eth1 -j MASQUERADE',
      '10.5 r forgets 1 tracked connections',
      '10.5 a forgets 0 tracked connections',
    ]);
    expect(both.flow('dns').seenAs).toEqual(['10.2.0.1', '10.1.0.10']);
  });
});
