// Which address a host speaks from; primaries, secondaries, and what goes with them.

import { CABLE, nic } from '../lan.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

export const scenario: Scenario = {
  name: 'e03-addresses',
  topology: (roles) => ({
    name: 'addresses',
    segments: { br0: CABLE, br1: CABLE },
    hosts: {
      A: { interfaces: { eth0: nic(roles, 'A', 'br0', 24) } },
      B: { interfaces: { eth0: nic(roles, 'B', 'br0', 24) } },
      M: {
        interfaces: {
          eth0: nic(roles, 'M0', 'br0', 24),
          eth1: { segment: 'br1', mac: roles.macOf('M1') },
        },
      },
      C: { interfaces: { eth0: nic(roles, 'C', 'br1', 24) } },
    },
    scenario: { duration: '1s' },
  }),

  play(world) {
    const a = (command: string): void => {
      world.x('A', command);
    };
    const b = (command: string): void => {
      world.x('B', command);
    };
    const ping = (id: number, to: string): void => {
      a(`ping -c 1 -W 0.3 -e ${id} -q ${to}`);
      world.sleep(0.1);
    };
    const deletePrimary = (): void => {
      world.do('A: del .1', 'A', 'ip addr del 10.0.0.1/24 dev eth0');
    };
    const renew = (...more: readonly string[]): void => {
      a('ip addr flush dev eth0');
      for (const cidr of ['10.0.0.1/24', ...more]) a(`ip addr add ${cidr} dev eth0`);
    };
    world.captureSwitch('wire', 'br0');
    world.captureSwitch('far', 'br1');
    b('ip route add 10.5.0.0/24 dev eth0');
    b('ip route add 10.9.9.9/32 via 10.0.0.1');
    for (const cidr of ['10.0.0.11/24', '10.0.0.12/32', '10.0.0.13/25', '10.0.0.14/24']) {
      a(`ip addr add ${cidr} dev eth0`);
    }
    world.case('order');
    world.save('order', 'A', 'ip addr show dev eth0');
    ping(4660, '10.0.0.2');
    world.end();
    quiet(world);
    world.case('second-address-asked');
    b('ping -c 1 -W 1 -e 4661 -q 10.0.0.11');
    b('ping -c 1 -W 1 -e 4662 -q 10.0.0.12');
    world.sleep(0.1);
    world.end();
    quiet(world);
    world.case('primary-deleted');
    deletePrimary();
    world.save('deleted', 'A', 'ip addr show dev eth0');
    ping(4663, '10.0.0.2');
    b('ping -c 1 -W 0.3 -e 4664 -q 10.0.0.11');
    world.end();
    renew('10.0.0.11/24', '10.0.0.14/24');
    quiet(world);
    world.sysctl('A', 'net.ipv4.conf.all.promote_secondaries=1');
    world.case('promoted');
    deletePrimary();
    world.save('promoted', 'A', 'ip addr show dev eth0');
    ping(4665, '10.0.0.2');
    world.end();
    world.sysctl('A', 'net.ipv4.conf.all.promote_secondaries=0');
    renew('10.5.0.1/24');
    b('ip addr add 10.5.0.2/24 dev eth0');
    quiet(world);
    world.case('two-subnets');
    ping(4666, '10.5.0.2');
    ping(4667, '10.0.0.2');
    world.end();
    a('ip route add 172.16.0.0/16 via 10.5.0.2');
    b('ip addr add 172.16.0.1/32 dev lo');
    quiet(world);
    world.case('gateway-in-second');
    ping(4668, '172.16.0.1');
    world.end();
    a('ip route replace 172.16.0.0/16 via 10.5.0.2 src 10.0.0.1');
    quiet(world);
    world.case('preferred-source');
    ping(4669, '172.16.0.1');
    world.end();
    world.case('source-removed');
    deletePrimary();
    world.save('routes', 'A', 'ip route show');
    ping(4670, '172.16.0.1');
    world.end();
    renew();
    a('ip addr add 10.9.9.9/32 dev lo');
    quiet(world);
    world.case('loopback-address');
    b('ping -c 1 -W 1 -e 4671 -q 10.9.9.9');
    a('ping -I 10.9.9.9 -c 1 -W 1 -e 4672 -q 10.0.0.2');
    world.sleep(0.1);
    world.end();
    quiet(world);
    world.x('M', 'ip route add 10.8.0.0/24 dev eth1');
    world.x('C', 'ip route add 10.0.0.5/32 dev eth0');
    world.case('unnumbered', 'far');
    world.x('M', 'ping -c 1 -W 1 -e 4673 -q 10.8.0.9');
    world.sleep(0.1);
    world.end();
    quiet(world);
    world.case('broadcast');
    a('ping -b -c 1 -W 0.3 -e 4674 -q 10.0.0.255');
    world.act('B answers broadcasts');
    b('sysctl net.ipv4.icmp_echo_ignore_broadcasts=0');
    a('ping -b -c 1 -W 0.3 -e 4675 -q 10.0.0.255');
    world.end();
  },

  judge(world) {
    for (const c of world.cases) c.check('ran', true);
    for (const [id, label] of [
      ['order', 'order'],
      ['primary-deleted', 'deleted'],
      ['promoted', 'promoted'],
    ] as const) {
      const c = world.verdict(id);
      c.fact('addresses', c.output(label).split('\n'));
    }
    const c = world.verdict('source-removed');
    const targets = c
      .output('routes')
      .split('\n')
      .map((line) => line.split(' ')[0] ?? '');
    c.fact('routes', targets);
  },
};

function quiet(world: World): void {
  for (const host of ['A', 'B', 'M', 'C']) world.x(host, 'ip neigh flush dev eth0 nud all');
  world.sleep(0.1);
}
