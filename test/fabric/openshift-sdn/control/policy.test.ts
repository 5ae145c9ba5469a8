import { describe } from 'vitest';
import {
  type ProfileName,
  profiles,
} from '../../../../src/fabric/openshift-sdn/control/profile.ts';
import { Scheduler } from '../../../../src/sim/scheduler.ts';
import { type Ipv4Address, parseIpv4 } from '../../../../src/wire/ipv4-address.ts';
import { egressNodeContract } from '../../../contract/egress-node.ts';
import { egressPolicyContract, type PolicyUnderTest } from '../../../contract/egress-policy.ts';
import { ArticleCluster } from './cluster.ts';
import { FakeNode } from './fake-node.ts';

const IP = '192.168.50.120';

function address(text: string): Ipv4Address {
  const parsed = parseIpv4(text);
  if (parsed === null) throw new Error(`${text} is no address`);
  return parsed;
}

function openshiftSdn(profile: ProfileName, seed: number): PolicyUnderTest {
  const cluster = new ArticleCluster({ profile: profiles[profile], seed });
  cluster.oc(`patch netnamespace mywebserver --type=merge -p '{"egressIPs": ["${IP}"]}'`);
  const candidates = ['worker01', 'worker02'];
  for (const node of candidates) {
    cluster.oc(`patch hostsubnet ${node} --type=merge -p '{"egressCIDRs": ["192.168.50.0/24"]}'`);
  }
  return {
    candidates,
    holders: () => cluster.holders(IP),
    announcements: (node) => cluster.site(node).node.arps.filter(({ ip }) => ip === IP).length,
    startAgent: (node) => cluster.site(node).agent.start(),
    stopAgent: (node) => cluster.site(node).agent.stop(),
    powerOff: (node) => cluster.kill(node),
    setApi: (node, reachable) => {
      const { connection } = cluster.site(node);
      if (reachable) connection.restore();
      else connection.cut();
    },
    isRunning: (node) => cluster.site(node).agent.isRunning,
    pass: (time) => cluster.until(cluster.now + time),
    story: () => cluster.story().join('\n'),
  };
}

egressPolicyContract('OpenShift SDN 4.3', (seed) => openshiftSdn('v4.3', seed));
egressPolicyContract('OpenShift SDN head', (seed) => openshiftSdn('head', seed));

describe('the fake node of these tests', () => {
  egressNodeContract('FakeNode', () => {
    const scheduler = new Scheduler();
    const node = new FakeNode(scheduler, 'worker01', '192.168.50.144/24');
    return {
      node,
      nodeIp: node.nodeIp,
      free: [address('192.168.50.120'), address('192.168.50.121')],
      dialable: address('10.8.2.1'),
      pass: (nanos) => scheduler.advanceTo(scheduler.now + nanos),
    };
  });
});
