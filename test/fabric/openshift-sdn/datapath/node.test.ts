// The node of a lab keeps the contract that its sdn pod relies on.

import { expect, test } from 'vitest';
import type { SdnNode } from '../../../../src/fabric/openshift-sdn/datapath/node.ts';
import { createLab, type Lab } from '../../../../src/lab/lab.ts';
import { type Ipv4Address, parseIpv4 } from '../../../../src/wire/ipv4-address.ts';
import { egressNodeContract } from '../../../contract/egress-node.ts';
import { topologyOf } from '../../../support/scenarios.ts';
import { sdnNode } from '../sdn-node.ts';

const TOPOLOGY = `name: node
segments: { lan: { subnet: 192.168.50.0/24 } }
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
    master01: { role: master, address: 192.168.50.141, subnet: 10.10.0.0/23 }
    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23 }
  namespaces: { mywebserver: { netid: 5281170 } }
`;

function address(text: string): Ipv4Address {
  const parsed = parseIpv4(text);
  if (parsed === null) throw new Error(text);
  return parsed;
}

function running(): { readonly lab: Lab; readonly node: SdnNode } {
  const lab = createLab(topologyOf(TOPOLOGY, 'lab.yaml'));
  lab.advance('1s');
  return { lab, node: nodeOf(lab) };
}

function nodeOf(lab: Lab): SdnNode {
  return sdnNode(lab, 'worker01');
}

egressNodeContract('SdnNode', () => {
  const { lab, node } = running();
  return {
    node,
    nodeIp: address('192.168.50.144'),
    free: [address('192.168.50.120'), address('192.168.50.121')],
    dialable: address('192.168.50.141'),
    pass: (nanos) => lab.advance(nanos),
  };
});

test('an announcement of an address that is gone is not sent', () => {
  const { lab, node } = running();
  const egressIp = address('192.168.50.120');
  const sink = lab.capture('master01/enp1s0');
  node.addEgressAddress('enp1s0', { address: egressIp, prefixLength: 24 });
  node.removeEgressAddress('enp1s0', { address: egressIp, prefixLength: 24 });
  const before = sink.frames.length;
  expect(node.sendArp('enp1s0', egressIp, 'request', 'too late')).toBe(false);
  lab.advance('1ms');
  expect(sink.frames.length).toBe(before);
});
