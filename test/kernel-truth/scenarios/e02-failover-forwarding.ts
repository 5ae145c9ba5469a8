// Failover where the old node forwards: redirects. Links that go down on either side.

import { lan } from '../lan.ts';
import type { Process } from '../process.ts';
import type { Scenario } from '../scenario.ts';

const X = '10.0.0.100';
const ADD = `ip addr add ${X}/32 dev eth0`;
const DELETE = `ip addr del ${X}/32 dev eth0`;

const STREAMS: readonly string[] = ['forwarding-old-node', 'forwarding-no-redirects', 'port-down'];

export const scenario: Scenario = {
  name: 'e02-failover-forwarding',
  topology: (roles) => lan(roles, 'A', 'B', 'C'),

  play(world) {
    const c = world.roles.macOf('C');
    const stream = (options: string): Process => world.bg('A', `ping ${options} -q ${X}`);
    const move = (): void => {
      world.act('X moves to C');
      world.x('B', DELETE);
      world.x('C', ADD);
    };
    const learn = (): void => {
      world.x('A', 'ip neigh flush dev eth0 nud all');
      world.x('A', 'ip route flush cache');
      world.prime('A', X);
      world.sleep(0.2);
    };
    world.captureSwitch('wire', 'br0');
    world.monitor('A', 'B');
    world.x('B', 'sysctl net.ipv4.ip_forward=1');
    world.x('B', ADD);
    world.prime('A', X);
    world.sleep(0.3);

    world.case('forwarding-old-node');
    let pings = stream('-i 0.1 -c 60 -e 4660');
    world.sleep(0.55);
    move();
    world.wait(pings);
    world.end();
    world.x('C', DELETE);
    world.x('B', ADD);
    world.x('B', 'ip neigh flush dev eth0 nud all');
    learn();
    world.sysctl('B', 'net.ipv4.conf.all.send_redirects=0', 'net.ipv4.conf.eth0.send_redirects=0');
    world.case('forwarding-no-redirects');
    pings = stream('-i 0.2 -c 10 -e 4661');
    world.sleep(0.55);
    move();
    world.wait(pings);
    world.end();
    world.x('C', DELETE);
    world.x('B', ADD);
    learn();
    world.case('port-down');
    pings = stream('-i 0.1 -c 40 -e 4662');
    world.sleep(0.55);
    world.do('B: link down', 'B', 'ip link set eth0 down');
    world.sleep(0.5);
    world.do('C: add X', 'C', ADD);
    world.do('C: GARP', 'C', `gt arp --dev eth0 --frame 1,${c},${X},ff,${X},ff`);
    world.wait(pings);
    world.end();
    world.x('B', 'ip link set eth0 up');
    world.sleep(0.5);
    world.x('B', DELETE);
    learn();
    world.case('a-link-flap');
    world.act('A: link down');
    world.x('A', 'ip link set eth0 down');
    world.sleep(0.3);
    world.do('A: link up', 'A', 'ip link set eth0 up');
    world.sleep(0.3);
    world.x('A', `ping -c 1 -W 1 -e 4663 -q ${X}`);
    world.sleep(0.1);
    world.end();
    world.x('A', 'ip neigh replace 10.0.0.77 dev eth0 lladdr 02:00:00:00:00:77 nud permanent');
    for (const [id, identifier] of [
      ['carrier-loss', 4664],
      ['carrier-loss-keep', 4665],
    ] as const) {
      if (identifier === 4665) {
        world.sysctl(
          'A',
          'net.ipv4.conf.all.arp_evict_nocarrier=0',
          'net.ipv4.conf.eth0.arp_evict_nocarrier=0',
        );
      }
      world.case(id);
      world.x('sw', 'ip link set pA down');
      world.sleep(0.3);
      world.x('sw', 'ip link set pA up');
      world.sleep(0.3);
      world.x('A', `ping -c 1 -W 1 -e ${identifier} -q ${X}`);
      world.sleep(0.1);
      world.end();
    }
    world.x('A', 'ip neigh del 10.0.0.77 dev eth0');
    world.case('zero-mac-release');
    for (const [form, operation] of [
      ['request form', 1],
      ['reply form', 2],
    ] as const) {
      world.do(form, 'C', `gt arp --dev eth0 --src ${c} --frame ${operation},0,${X},0,${X},ff`);
      world.sleep(0.3);
    }
    world.x('A', `ping -c 1 -W 1 -e 4666 -q ${X}`);
    world.sleep(0.1);
    world.end();
  },

  judge(world) {
    for (const c of world.cases) {
      c.check('ran', true);
      if (STREAMS.includes(c.id)) c.keep(({ kind, type }) => kind !== 'icmp' || type === 5);
      c.drop(
        ({ kind, op, l2src, l2dst }) =>
          kind === 'arp' &&
          ((op === 'request' && l2dst !== 'BROADCAST') || (op === 'reply' && l2src === 'A')),
      );
      c.keepNeighbors(({ host, ip }) => host === 'A' || ip !== 'A');
    }
  },
};
