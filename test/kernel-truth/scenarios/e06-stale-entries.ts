// A keeps the old node's MAC for X. What becomes of its packets there: forwarded, redirected, refused,
// or swallowed by a socket that is still there.

import { lan } from '../lan.ts';
import type { Scenario } from '../scenario.ts';

const X = '10.0.0.100';
const ADD = `ip addr add ${X}/32 dev eth0`;
const DELETE = `ip addr del ${X}/32 dev eth0`;

export const scenario: Scenario = {
  name: 'e06-stale-entries',
  topology: (roles) => lan(roles, 'A', 'B', 'C'),

  play(world) {
    const b = world.roles.macOf('B');
    let holder: 'B' | 'C' | null = null;
    const give = (host: 'B' | 'C' | null): void => {
      if (holder !== null && holder !== host) world.x(holder, DELETE);
      if (host !== null && holder !== host) world.x(host, ADD);
      holder = host;
    };
    const move = (): void => {
      world.act('X moves to C');
      give('C');
    };
    const atB = (): void => {
      give('B');
      for (const host of ['A', 'B', 'C']) world.x(host, 'ip neigh flush dev eth0 nud all');
      world.prime('A', X);
      world.prime('C', '10.0.0.1');
      world.prime('B', '10.0.0.3');
      world.sleep(0.3);
    };
    const udp = (options: string): void => {
      world.x('A', `gt udp --src 10.0.0.1:${options}`);
    };
    const redirects = (value: number): void =>
      world.sysctl(
        'A',
        `net.ipv4.conf.all.accept_redirects=${value}`,
        `net.ipv4.conf.eth0.accept_redirects=${value}`,
      );
    world.captureSwitch('wire', 'br0');
    world.monitor('A', 'B');
    world.bg('B', 'gt tcpserver --bind 0.0.0.0:80 --mode echo');
    world.bg('C', 'gt tcpserver --bind 0.0.0.0:80 --mode echo');
    world.bg('C', 'gt udpecho --bind 0.0.0.0:7');
    world.sleep(0.4);
    world.x('B', 'sysctl net.ipv4.ip_forward=1');
    redirects(0);

    atB();
    world.case('not-believed');
    const ignored = world.bg('A', `ping -i 0.1 -c 140 -q -e 4660 ${X}`);
    world.sleep(0.35);
    move();
    world.wait(ignored);
    world.end();
    atB();
    world.case('tcp');
    const idle = `--dst ${X}:80 --count 2 --interval 1.2 --hold 3 --rst --app A`;
    const client = world.bg('A', `gt tcpclient --src 10.0.0.1:42000 ${idle}`);
    world.sleep(0.6);
    move();
    world.wait(client);
    world.end();
    atB();
    world.case('udp-connected');
    const twice = '--dst 10.0.0.1:40009 --connect --count 2 --interval 1.5 --linger 0.2 --app B';
    const sender = world.bg('B', `gt udp --src ${X}:5000 ${twice}`);
    world.sleep(0.5);
    move();
    udp(`40009 --dst ${X}:5000 --linger 0.2`);
    udp(`40008 --dst ${X}:5000 --linger 0.2`);
    world.wait(sender);
    world.end();
    atB();
    give('C');
    world.case('tcp-new');
    const short = `--dst ${X}:80 --count 1 --hold 0.4 --app A`;
    world.x('A', `gt tcpclient --src 10.0.0.1:42001 ${short}`);
    world.end();
    world.case('udp');
    udp(`40000 --dst ${X}:7 --linger 0.2 --app A`);
    udp(`40001 --dst ${X}:9 --connect --linger 0.2 --app A`);
    world.end();
    world.case('ttl-1-after-redirects');
    udp(`40005 --dst ${X}:7 --ttl 1 --linger 0.2`);
    world.end();
    world.sleep(21);
    atB();
    world.case('ttl-1');
    move();
    udp(`40002 --dst ${X}:7 --ttl 1 --linger 0.2`);
    world.end();
    redirects(1);
    atB();
    world.case('on-link');
    world.x('A', `ping -c 1 -W 1 -e 4663 -q ${X}`);
    move();
    world.x('A', `ping -c 2 -i 0.3 -W 1 -e 4664 -q ${X}`);
    world.sleep(1.2);
    world.act('X goes back to B');
    give('B');
    world.do('B: GARP', 'B', `gt arp --dev eth0 --frame 1,${b},${X},ff,${X},ff`);
    world.sleep(0.1);
    world.x('A', `ping -c 1 -W 1 -e 4665 -q ${X}`);
    world.end();
    world.sleep(21);
    atB();
    world.case('nobody');
    world.act('X is gone');
    give(null);
    udp(`40003 --dst ${X}:7 --count 10 --interval 0.2 --linger 2`);
    world.end();
    atB();
    world.x('B', 'sysctl net.ipv4.ip_forward=0');
    world.case('not-forwarding');
    move();
    udp(`40004 --dst ${X}:7 --count 3 --interval 0.2 --linger 0.2`);
    world.end();
    world.x('B', 'sysctl net.ipv4.ip_forward=1');
    world.sysctl(
      'A',
      'net.ipv4.neigh.eth0.base_reachable_time_ms=2000',
      'net.ipv4.neigh.eth0.delay_first_probe_time=2',
    );
    atB();
    world.case('found-out');
    const pings = world.bg('A', `ping -i 0.2 -c 60 -q -e 4662 ${X}`);
    world.sleep(0.3);
    move();
    world.wait(pings);
    world.end();
  },

  judge(world) {
    for (const c of world.cases) {
      c.check('ran', true);
      c.drop(({ kind, op, l2dst }) => kind === 'arp' && (op === 'reply' || l2dst !== 'BROADCAST'));
      c.keepNeighbors(({ host, ip }) => host === 'A' && ip === 'X');
    }
    let c = world.verdict('not-believed');
    c.measured('redirects', c.frames('wire', { kind: 'icmp', type: 5 }).length);
    c.keep(({ kind }) => kind === 'action');
    c.keepNeighbors(() => false);
    c = world.verdict('nobody');
    c.measured('redirects', c.frames('wire', { kind: 'icmp', type: 5 }).length);
    c.measured('unreachables', c.frames('wire', { kind: 'icmp', type: 3 }).length);
    c = world.verdict('found-out');
    const pings = c.frames('wire', { kind: 'icmp', type: 8, l2src: 'A' });
    const moved = pings.find(({ l2dst }) => l2dst === 'C');
    c.fact('hops', [pings[0]?.l2dst ?? '', pings.at(-1)?.l2dst ?? '']);
    c.measured('moved_s', (moved?.t ?? 0) - (pings[0]?.t ?? 0));
    c.keep(({ kind }) => kind === 'action');
  },
};
