// A failover, asserted in vitest: the node with the egress IP dies, and another one takes over.

import { labTest } from 'egresslab/vitest';
import { expect } from 'vitest';

const ADDRESS = '192.168.50.120';

const test = labTest(
  `
name: failover
segments: { lan: { subnet: 192.168.50.0/24, latency: 50us } }
hosts:
  db:
    interfaces: { eth0: { segment: lan, address: 192.168.50.10/24 } }
    sysctls: { arp_accept: 1 } # believes announcements of addresses that it never talked to
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
    master01: { role: master, address: 192.168.50.141/24 }
    worker01: { address: 192.168.50.144/24, egressCIDRs: [192.168.50.0/24] }
    worker02: { address: 192.168.50.145/24, egressCIDRs: [192.168.50.0/24] }
  namespaces: { web: { netid: 5281170, egressIPs: [${ADDRESS}] } }
`,
  { advance: '6s', capture: ['db/eth0'] },
);

test('the other node announces the address, and is believed', ({ lab, capture }) => {
  expect(lab).toHoldAddress(ADDRESS, 'worker02');
  lab.fail('worker02');
  expect(capture).toHaveFrame(
    { arp: { operation: 'reply', senderIp: ADDRESS, senderMac: 'worker01' } },
    { within: '30s' },
  );
  expect(lab).toHoldAddress(ADDRESS, 'worker01');
  expect(lab.host('db')).toBelieve(ADDRESS, { mac: 'worker01', state: 'STALE' });
});
