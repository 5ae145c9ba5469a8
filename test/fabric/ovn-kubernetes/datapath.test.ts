// The data path of OVN-Kubernetes beyond what was measured: interconnect, local gateway mode, claims, and
// drops with their names.

import { describe, expect, test } from 'vitest';
import type { DatapathSettings } from '../../../src/fabric/ovn-kubernetes/datapath/node.ts';
import { parseIpv4 } from '../../../src/wire/ipv4-address.ts';
import { readOvnFixture } from '../../ovn-truth/fixture.ts';
import { OvnWorld } from '../../ovn-truth/world.ts';

function world(settings: Partial<DatapathSettings> = {}): OvnWorld {
  const made = new OvnWorld(readOvnFixture('25.03', 'o1-garp'), '25.03', { settings }, 1);
  made.captureWire();
  return made;
}

function received(made: OvnWorld, host: string, target: string, more = ''): number {
  const { output } = made.x(host, `ping -c 1 -W 1 ${more} -q ${made.at(target)}`);
  return Number(/(\d+) received/.exec(output)?.[1] ?? 0);
}

describe('the way of a pod', () => {
  test('leaves as the egress IP of another node, and Geneve carries it there', () => {
    const made = world();
    const { stack } = made.node('n2');
    made.captureSwitch('underlay', 'underlay');
    made.assign('EIP', ['P1'], 'n2');
    expect(received(made, 'P1', 'DB')).toBe(1);
    const [request] = made.recorder.seen.filter(({ at, type }) => at === 'wire' && type === 8);
    expect(request).toMatchObject({ src: 'EIP', l2src: 'N2', ttl: 62 });
    const [outer] = made.recorder.seen.filter(
      ({ at, dport }) => at === 'underlay' && dport === 6081,
    );
    expect(outer).toMatchObject({
      src: '172.31.0.11',
      dst: '172.31.0.12',
      df: true,
      l4SumOk: true,
    });
    // Its kernel hears the router ask, with the address that both share.
    expect(stack.drops.entries()).toEqual([['martian', 1]]);
  });

  test('through the transit switch it crosses one more router', () => {
    const made = world({ zoned: true });
    made.assign('EIP', ['P1'], 'n2');
    const { database } = made;
    const policy = database.policies.find(({ priority }) => priority === 100);
    if (policy === undefined) throw new Error('there is no policy');
    database.put('policy', { ...policy, nexthops: ['100.88.0.3'] });
    database.put('route', {
      key: 'egress zone',
      externalIds: {},
      prefix: '10.244.1.5/32',
      nexthop: '100.88.0.3',
    });
    made.node('n2');
    received(made, 'P1', 'DB');
    // Both zones share a database here: the policy sends the packet round until its TTL ends.
    const drops = made.node('n2').stack.drops.of('logical-ttl-exceeded');
    expect(drops + made.node('n1').stack.drops.of('logical-ttl-exceeded')).toBe(1);
  });

  test('in local gateway mode it leaves through the kernel of its node, as the node', () => {
    const made = world({ gatewayMode: 'local' });
    made.database.transact(() => {
      for (const { key } of made.database.routes) made.database.remove('route', key);
    });
    expect(received(made, 'P1', 'DB')).toBe(1);
    const [request] = made.recorder.seen.filter(({ at, type }) => at === 'wire' && type === 8);
    expect(request).toMatchObject({ src: 'N1', l2src: 'N1', ttl: 62 });
    made.assign('EIP', ['P1'], 'n1');
    expect(received(made, 'P1', 'DB')).toBe(1);
    const last = made.recorder.seen.filter(({ at, type }) => at === 'wire' && type === 8).at(-1);
    expect(last).toMatchObject({ src: 'EIP' });
  });

  test('a pod reaches other pods, its node and its gateway', () => {
    const made = world();
    for (const target of ['P2', 'P3', '10.244.1.1', '10.244.1.2', '10.244.2.2', 'N1']) {
      expect(received(made, 'P1', target), target).toBe(1);
    }
  });

  test('without a row on the egress node br-ex lets no pod address out, and says so', () => {
    const made = world();
    made.putPolicy('P1', ['n2']);
    const { database } = made;
    database.remove('nat', 'n2 10.244.0.0/16');
    expect(received(made, 'P1', 'DB')).toBe(0);
    expect(made.node('n2').stack.drops.of('untranslated-pod')).toBe(1);
  });
});

describe('what a node claims', () => {
  test('its gateway router claims every address of its rows, and no kernel does', () => {
    const made = world();
    made.assign('EIP', ['P1'], 'n1');
    const address = parseIpv4(made.at('EIP'));
    if (address === null) throw new Error('no address');
    const { gatewayRouter, stack } = made.node('n1');
    expect(gatewayRouter.claims(address)).toEqual([
      { holder: 'GR_n1', machine: 'n1', interface: 'br-ex', kind: 'address' },
    ]);
    expect(stack.addresses.isLocal(address)).toBe(false);
    const said = made.lab.events.events.filter((event) => event.kind === 'claim-added');
    expect(said.map(({ source, fields }) => [source, fields])).toContainEqual([
      'n1',
      expect.objectContaining({ holder: 'GR_n1', address: made.at('EIP') }),
    ]);
    stack.powerOff();
    expect(gatewayRouter.claims(address)).toEqual([]);
  });

  test('with the guard on, the router announces its node only', () => {
    const made = world();
    made.node('n1').brEx.guarded = true;
    made.assign('EIP', ['P1'], 'n1');
    made.sleep(20);
    const said = made.recorder.seen.filter(({ spa, tpa }) => spa === tpa && spa === 'EIP');
    expect(said).toEqual([]);
    expect(made.node('n1').stack.drops.of('announcement-guard')).toBe(5);
  });
});
