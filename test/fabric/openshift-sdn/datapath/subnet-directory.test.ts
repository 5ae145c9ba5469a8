import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SubnetDirectory } from '../../../../src/fabric/openshift-sdn/datapath/subnet-directory.ts';
import { cidrContains, ipv4Address } from '../../../../src/wire/ipv4-address.ts';
import { ip } from '../../../support/frames.ts';
import { cidr } from '../../../support/lan.ts';

test('a host is a node’s as long as one HostSubnet says so', () => {
  const directory = new SubnetDirectory();
  directory.set('a', cidr('10.1.0.0/24'), ip('192.168.0.1'));
  directory.set('b', cidr('10.2.0.0/24'), ip('192.168.0.1'));
  directory.set('a', cidr('10.1.0.0/24'), ip('192.168.0.2'));
  expect(directory.nameOf(ip('192.168.0.1'))).toBe('b');
  expect(directory.isNode(ip('192.168.0.2'))).toBe(true);
  directory.delete('b');
  expect(directory.isNode(ip('192.168.0.1'))).toBe(false);
  directory.delete('b');
  expect(directory.nodeOf(ip('10.1.0.9'))).toBe(ip('192.168.0.2'));
});

test('what is remembered of pods is never stale', () => {
  const action = fc.record({
    node: fc.constantFrom('a', 'b', 'c'),
    subnet: fc.integer({ min: 0, max: 5 }),
    host: fc.integer({ min: 1, max: 4 }),
    deletes: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 20 }), (actions) => {
      const directory = new SubnetDirectory();
      const subnets = new Map<string, { subnet: ReturnType<typeof cidr>; host: number }>();
      for (const { node, subnet, host, deletes } of actions) {
        const place = { subnet: cidr(`10.${subnet}.0.0/16`), host: ipv4Address(host) };
        subnets.delete(node);
        if (deletes) directory.delete(node);
        else {
          directory.set(node, place.subnet, place.host);
          subnets.set(node, place);
        }
        for (let i = 0; i <= 6; i++) {
          const pod = ip(`10.${i}.0.7`);
          const held = [...subnets.values()].find((each) => cidrContains(each.subnet, pod));
          expect(directory.nodeOf(pod)).toBe(held?.host ?? null);
        }
        for (let n = 1; n <= 4; n++) {
          const owners = [...subnets].filter(([, each]) => each.host === n).map(([name]) => name);
          expect(directory.isNode(ipv4Address(n))).toBe(owners.length > 0);
          expect(directory.nameOf(ipv4Address(n))).toBe(owners[0] ?? null);
        }
      }
    }),
  );
});
