// Duplicate address detection, `arping -D`: RFC 5227 probes with sender IP 0.0.0.0.

import { lan } from '../lan.ts';
import type { Scenario } from '../scenario.ts';

const X = '10.0.0.100';

export const scenario: Scenario = {
  name: '04-dad',
  topology: (roles) => lan(roles, 'A', 'B', 'C', 'D', 'E'),

  play(world) {
    const b = world.roles.macOf('B');
    world.x('B', `ip addr add ${X}/32 dev eth0`);
    world.x('D', 'ip addr add 10.0.0.120/32 dev lo');
    world.x('E', 'ip addr add 10.0.0.121/32 dev lo');
    world.sysctl('E', 'net.ipv4.conf.eth0.arp_ignore=1');
    world.captureSwitch('wire', 'br0');
    world.x('C', 'ip link set eth0 down');
    world.x('C', 'ip link set eth0 up');
    world.sleep(0.4);
    world.monitor('A', 'B', 'C', 'D');
    world.prime('A', X);
    world.sleep(0.2);

    world.case('owner-answers');
    world.act('C: arping -D -c 2 X');
    world.exitCode('C', `arping -D -c 2 -w 3 -I eth0 ${X}`);
    world.sleep(0.1);
    world.end();
    world.case('free');
    world.act('C: arping -D -c 2 N');
    world.exitCode('C', 'arping -D -c 2 -w 3 -I eth0 10.0.0.99');
    world.sleep(0.1);
    world.end();
    const both = world.case('two-probers');
    const probers = ['C', 'D'].map((host) =>
      world.bg(host, 'arping -D -c 2 -w 3 -I eth0 10.0.0.99'),
    );
    world.wait(...probers);
    both.outputs.set('two-rc', probers.map(({ exitCode }) => exitCode).join(' '));
    world.sleep(0.1);
    world.end();
    world.case('loopback-owner');
    world.act('C: arping -D V');
    world.exitCode('C', 'arping -D -c 1 -w 1 -I eth0 10.0.0.120');
    world.act('C: arping -D W');
    world.exitCode('C', 'arping -D -c 1 -w 1 -I eth0 10.0.0.121');
    world.sleep(0.1);
    world.end();
    world.case('self-probe');
    world.x('C', `ip addr add ${X}/32 dev eth0`);
    world.act('B: arping -D X');
    world.exitCode('B', `arping -D -c 2 -w 3 -I eth0 ${X}`);
    world.sleep(0.1);
    world.end();
    world.x('C', `ip addr del ${X}/32 dev eth0`);
    world.case('announce-mid-probe');
    world.x('B', `ip addr del ${X}/32 dev eth0`);
    const announcement = world.bg('B', `gt arp --dev eth0 --frame 1,${b},${X},0,${X},ff@0.5`);
    world.act('C: arping -D X');
    world.exitCode('C', `arping -D -c 3 -w 4 -I eth0 ${X}`);
    world.wait(announcement);
    world.sleep(0.1);
    world.end();
  },

  judge(world) {
    let c = world.verdict('owner-answers');
    let arp = c.frames('wire', { kind: 'arp' });
    const [probe, answer] = arp;
    c.check(
      'probe: broadcast request, sha=C, spa=0.0.0.0, tpa=X',
      probe?.op === 'request' &&
        probe.spa === 'ZERO' &&
        probe.sha === 'C' &&
        probe.l2dst === 'BROADCAST',
    );
    c.fact('probeTha', probe?.tha ?? '');
    c.check(
      'answer: unicast to C, spa=X, tha=C, tpa=0.0.0.0',
      answer?.op === 'reply' &&
        answer.l2dst === 'C' &&
        answer.spa === 'X' &&
        answer.tpa === 'ZERO' &&
        answer.tha === 'C',
    );
    c.check(
      'arping stops at the first answer, exit code 1',
      c.exitCodes.join() === '1' && arp.length === 2,
      c.exitCodes,
    );
    c.check(
      "nobody's table changes: A keeps X->B, B learns nothing about C",
      c.entry('A', 'X').endsWith(':B') &&
        c.neighbors('A').length === 0 &&
        c.neighbors('B').length === 0,
    );
    c.fact('exitCode', c.exitCodes[0] ?? null);

    c = world.verdict('free');
    arp = c.frames('wire', { kind: 'arp' });
    c.check('two probes, exit code 0', arp.length === 2 && c.exitCodes.join() === '0');
    c.measured('probe_interval_s', (arp[1]?.t ?? 0) - (arp[0]?.t ?? 0));
    c.fact('exitCode', c.exitCodes[0] ?? null);

    c = world.verdict('two-probers');
    c.check('kernel: no ARP reply', c.frames('wire', { kind: 'arp', op: 'reply' }).length === 0);
    c.measured('exit_codes_C_D', c.output('two-rc'));
    c.keep(() => false);

    c = world.verdict('loopback-owner');
    const answers = c
      .frames('wire', { kind: 'arp', op: 'reply', l2dst: 'C' })
      .map(({ sha, spa }) => `${sha} ${spa}`);
    c.keep(({ kind, l2src, l2dst }) => kind !== 'arp' || l2src === 'C' || l2dst === 'C');
    c.keepNeighbors(() => false);
    c.check("V answered by D with eth0's MAC, W not answered", answers.join() === 'D V', answers);
    c.fact('exitCodes', c.exitCodes);
    c.check('exit codes 1 and 0', c.exitCodes.join() === '1,0', c.exitCodes);

    c = world.verdict('self-probe');
    const [duplicate, ...more] = c.frames('wire', { kind: 'arp', op: 'reply' });
    c.check(
      'C answers B',
      duplicate?.l2src === 'C' && more.length === 0 && c.exitCodes.join() === '1',
    );

    c = world.verdict('announce-mid-probe');
    c.fact('exitCode', c.exitCodes);
    c.check('conflict reported', c.exitCodes.join() === '1', c.exitCodes);
  },
};
