import { createLab, readTopology, runScenario } from 'egresslab';
import { expect, test } from 'vitest';

const topology = readTopology(
  `
name: takeover
segments:
  lan: { subnet: 192.168.50.0/24, latency: 50us }
hosts:
  db:
    interfaces: { eth0: { segment: lan, address: 192.168.50.10/24 } }
    sysctls: { arp_accept: 1 } # believes announcements of addresses that it has never talked to
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
    master01: { role: master, address: 192.168.50.141/24 }
    worker01: { address: 192.168.50.144/24, egressCIDRs: [192.168.50.0/24] }
    worker02: { address: 192.168.50.145/24, egressCIDRs: [192.168.50.0/24] }
  namespaces: { mywebserver: { netid: 5281170, egressIPs: [192.168.50.120] } }
scenario:
  duration: 40s
  steps:
    - { at: 10s, fail: worker02 }
    - { at: 40s, expect: { hostsubnet: worker01, egressIPs: [192.168.50.120] } }
`,
  { file: 'takeover' },
);

test('when the holder of an egress IP dies, another node takes it over and says so', () => {
  const lab = createLab(topology); // time zero; nothing happens unless time is advanced
  const wire = lab.capture('db/eth0');
  lab.advance('6s');
  expect(lab.holders('192.168.50.120')).toEqual(['worker02']);

  lab.fail('worker02');
  wire.clear();
  expect(lab.advanceUntil(() => lab.holders('192.168.50.120').length > 0, '30s')).toBe(true);
  lab.advance('3s');

  expect(lab.holders('192.168.50.120')).toEqual(['worker01']);
  expect(wire.lines().filter((line) => line.includes('192.168.50.120'))).toMatchInlineSnapshot(`
    [
      "ARP, Announcement 192.168.50.120 is-at 02:00:7b:be:01:44 (reply)",
      "ARP, Announcement 192.168.50.120 is-at 02:00:7b:be:01:44 (request)",
    ]
  `);
  expect(lab.host('db').neighbor('192.168.50.120')).toMatchObject({
    mac: '02:00:7b:be:01:44',
    state: 'STALE',
  });
});

test('the scenario as a whole holds', async () => {
  const report = await runScenario(topology, { seed: 1 });
  expect(report.expectations.filter(({ verdict }) => verdict !== 'held')).toEqual([]);

  const found = report.analysis?.addresses.find(({ address }) => address === '192.168.50.120');
  expect(found?.holdings.map(({ machine, end }) => `${machine}: ${end ?? 'to the end'}`)).toEqual([
    'worker02: power-off',
    'worker01: to the end',
  ]);
  expect(found?.moves).toMatchObject([{ from: 'worker02', to: 'worker01', clean: true }]);
});
