// What ICMP says about unusual packets, when it stays silent, and its limits.

import { CABLE, nic } from '../lan.ts';
import { rawPacket } from '../raw-packet.ts';
import type { Scenario } from '../scenario.ts';

const A = '10.0.0.10';
const B = '10.1.0.10';
const UDP = '9c400009001000006162636465666768';
const PORT_UNREACHABLE =
  '0303fcfc00000000450000240001000040110000' + '0a00000a0a01000a' + '9c40000900100000';
const ECHO = '0800f7ff00000000';

export const scenario: Scenario = {
  name: 'e04-icmp',
  topology: (roles) => ({
    name: 'icmp',
    segments: { br0: CABLE, br1: CABLE },
    hosts: {
      A: { interfaces: { eth0: nic(roles, 'A', 'br0', 24) }, gateway: '10.0.0.1' },
      B: { interfaces: { eth0: nic(roles, 'B', 'br1', 24) }, gateway: '10.1.0.1' },
      R: {
        interfaces: { eth0: nic(roles, 'R.a', 'br0', 24), eth1: nic(roles, 'R.b', 'br1', 24) },
        forwarding: true,
      },
    },
    scenario: { duration: '1s' },
  }),

  play(world) {
    const router = world.roles.macOf('R.a');
    const raw = (
      ttl: number,
      protocol: number,
      payload: string,
      more: { source?: string; destination?: string; fragment?: number } = {},
    ): void => {
      const { source = A, destination = B, fragment = 0 } = more;
      const hex = rawPacket({ ttl, protocol, source, destination, fragment, payload });
      // The script makes the packet with one Python and sends it with another.
      world.sleep(0.04);
      world.x('A', `gt raw --dev eth0 --to ${router} ${hex}`);
      world.sleep(0.05);
    };
    const hops = (port: number, count: number, interval: number): void => {
      world.x(
        'A',
        `gt udp --dst ${B}:7 --src ${A}:${port} --ttl 1 --count ${count} --interval ${interval} --linger 0.2`,
      );
    };
    world.captureSwitch('l0', 'br0');
    world.captureSwitch('l1', 'br1');
    world.prime('A', B);

    world.case('unknown-protocol', 'l0');
    raw(64, 200, '0011223344556677');
    world.end();
    world.case('error-about-error', 'l0');
    world.act('TTL 1, port unreachable');
    raw(1, 1, PORT_UNREACHABLE);
    world.act('TTL 1, echo request');
    raw(1, 1, ECHO);
    world.end();
    world.case('fragments', 'l0');
    world.act('first fragment');
    raw(1, 17, UDP, { fragment: 0x2000 });
    world.act('later fragment');
    raw(1, 17, UDP, { fragment: 0x0010 });
    world.end();
    world.case('odd-sources', 'l0');
    for (const source of ['0.0.0.0', '255.255.255.255', '224.0.0.9', '127.0.0.1', '10.0.0.1']) {
      raw(1, 17, UDP, { source });
    }
    world.end();
    world.case('odd-destinations', 'l0');
    for (const destination of ['0.0.0.0', '127.0.0.1', '240.0.0.1', '224.0.0.9']) {
      raw(64, 17, UDP, { destination });
    }
    world.end();
    world.case('source-not-on-link', 'l0');
    raw(1, 17, UDP, { source: '10.66.0.9' });
    world.end();
    world.case('bad-checksums', 'l0');
    raw(64, 1, '08000001000000007777');
    raw(64, 17, '9c4000090010abcd6162636465666768');
    world.end();
    world.sleep(6);
    world.sysctl('R', 'net.ipv4.icmp_ratelimit=100');
    world.case('ratelimit-100', 'l0');
    hops(40001, 60, 0.02);
    world.end();
    world.sysctl('R', 'net.ipv4.icmp_ratelimit=0');
    world.case('ratelimit-0', 'l0');
    hops(40002, 20, 0.01);
    world.end();
    world.sysctl('R', 'net.ipv4.icmp_ratelimit=1000', 'net.ipv4.icmp_ratemask=0');
    world.case('ratemask-0', 'l0');
    hops(40003, 20, 0.01);
    world.end();
    world.sleep(6);
    world.sysctl('R', 'net.ipv4.icmp_ratemask=1');
    world.case('ratemask-echo', 'l0');
    world.x('A', 'ping -c 20 -i 0.02 -W 0.3 -e 4660 -q 10.0.0.1');
    world.end();
    world.sysctl('R', 'net.ipv4.icmp_ratemask=6168');
    world.x('R', 'sysctl net.ipv4.icmp_echo_ignore_all=1');
    world.case('echo-ignore-all', 'l0');
    world.x('A', 'ping -c 1 -W 0.3 -e 4661 -q 10.0.0.1');
    world.end();
    world.x('R', 'sysctl net.ipv4.icmp_echo_ignore_all=0');
    world.sleep(2);
    world.x('R', 'sysctl net.ipv4.ip_default_ttl=99');
    // The script's programs took their time, in which the limit for A's errors was saved up again.
    world.sleep(1);
    world.case('default-ttl', 'l0');
    world.x('A', 'ping -c 1 -W 0.3 -e 4662 -q 10.0.0.1');
    raw(1, 17, UDP);
    world.end();
    world.sleep(2);
    world.x('R', 'sysctl net.ipv4.ip_default_ttl=64');
    world.case('tos', 'l0');
    world.x('A', 'ping -Q 0x48 -c 1 -W 0.3 -e 4663 -q 10.0.0.1');
    world.x('A', `ping -Q 0x48 -t 1 -c 1 -W 0.3 -e 4664 -q ${B}`);
    world.end();
    world.case('big-ping', 'l0');
    world.x('A', 'ping -s 3000 -c 1 -W 0.5 -e 4665 -q 10.0.0.1');
    world.end();
  },

  judge(world) {
    for (const c of world.cases) {
      c.check('ran', true);
      c.keep(({ kind }) => kind !== 'arp');
    }
    for (const id of ['ratelimit-100', 'ratelimit-0', 'ratemask-0']) {
      const c = world.verdict(id);
      c.measured('errors', c.frames('l0', { kind: 'icmp', type: 11 }).length);
      c.keep(() => false);
    }
    let c = world.verdict('ratemask-echo');
    c.measured('replies', c.frames('l0', { kind: 'icmp', type: 0 }).length);
    c.keep(() => false);
    c = world.verdict('tos');
    c.fact(
      'tos',
      c.frames('l0', { kind: 'icmp' }).map(({ type = -1, tos = -1 }) => [type, tos]),
    );
  },
};
