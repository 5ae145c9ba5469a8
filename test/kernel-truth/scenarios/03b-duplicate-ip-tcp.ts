// What a duplicate IP does to TCP: RST from the wrong host, silent stall, split handshake.

import { lan } from '../lan.ts';
import type { Scenario } from '../scenario.ts';
import { SlowCable } from '../slow-cable.ts';
import type { World } from '../world.ts';

const X = '10.0.0.100';

export const scenario: Scenario = {
  name: '03b-duplicate-ip-tcp',
  topology: (roles) => lan(roles, 'A', 'B', 'C'),

  play(world) {
    const [b, c] = ['B', 'C'].map((role) => world.roles.macOf(role));
    const slow = new SlowCable(world, 'B');
    const garp = (mac = ''): string =>
      `gt arp --dev eth0 --src ${mac} --frame 1,${mac},${X},0,${X},ff`;
    world.captureSwitch('wire', 'br0');
    world.monitor('A', 'B', 'C');
    for (const host of ['B', 'C']) {
      world.x(host, `ip addr add ${X}/32 dev eth0`);
      world.bg(
        host,
        `gt tcpserver --bind ${X}:80 --mode echo --push-file push${host} --app ${host}`,
      );
    }
    world.sleep(0.4);

    prepare(world);
    world.case('rst-from-wrong-host');
    let client = world.bg(
      'A',
      `gt tcpclient --dst ${X}:80 --src 10.0.0.1:40001 --count 4 --interval 0.5 --hold 4 --verbose --app A`,
    );
    world.sleep(0.8);
    world.do('C: arping -U X', 'C', garp(c));
    world.wait(client);
    world.sleep(0.3);
    world.save('ssB', 'B', 'ss -tn -o');
    world.act("B's application pushes data into its half-open connection");
    world.signals.add('pushB');
    world.sleep(1.2);
    world.save('ssB2', 'B', 'ss -tn -o');
    world.end();
    pointToB(world);
    world.sleep(2.5);
    const listener = world.bg('B', `gt tcpserver --bind ${X}:81 --mode echo --app B`);
    world.sleep(0.4);
    prepare(world);
    world.case('closed-port');
    client = world.bg(
      'A',
      `gt tcpclient --dst ${X}:81 --src 10.0.0.1:40003 --count 4 --interval 0.5 --hold 4 --app A`,
    );
    world.sleep(0.8);
    world.do('C: GARP for X', 'C', garp(c));
    world.wait(client);
    world.sleep(0.15);
    world.end();
    world.stop(listener);
    pointToB(world);
    world.sleep(0.2);
    world.x('C', `ip addr del ${X}/32 dev eth0`);
    prepare(world);
    world.case('stall-and-return');
    client = world.bg(
      'A',
      `gt tcpclient --dst ${X}:80 --src 10.0.0.1:40004 --count 3 --interval 0.5 --hold 11 --verbose --app A`,
    );
    world.sleep(0.75);
    world.do('C: GARP for X', 'C', garp(c));
    world.sleep(4);
    world.do('B: GARP for X', 'B', garp(b));
    world.wait(client);
    world.end();
    world.x('C', `ip addr add ${X}/32 dev eth0`);
    world.sleep(0.2);
    prepare(world);
    slow.delay = 0.3;
    world.case('split-handshake');
    client = world.bg(
      'A',
      `gt tcpclient --dst ${X}:80 --src 10.0.0.1:40005 --count 1 --hold 1.5 --app A`,
    );
    world.sleep(0.25);
    world.do('C: GARP for X', 'C', garp(c));
    world.wait(client);
    world.sleep(3.2);
    world.end();
  },

  judge(world) {
    for (const id of ['rst-from-wrong-host', 'closed-port'] as const) {
      const c = world.verdict(id);
      const segments = c.frames('wire', { kind: 'tcp' });
      const reset = segments.find(({ flags }) => flags?.includes('R') === true);
      const provoked = segments.findLast(({ t, l2dst }) => l2dst === 'C' && t < (reset?.t ?? 0));
      c.check('first RST comes from C', reset?.l2src === 'C', reset?.l2src ?? null);
      c.check(
        "RST without ACK flag, seq = the segment's ack, window 0",
        reset?.flags === 'R' && reset.seq === provoked?.ack && reset.win === 0,
      );
      c.check(
        "A's application gets ECONNRESET",
        c.apps('A').some(({ text }) => text.includes('ECONNRESET')),
      );
      const { flags = '', seq = 0, win = 0, ttl = 0 } = reset ?? {};
      c.fact('rst', { flags, seq, win, ttl });
    }
    for (const c of world.cases) {
      c.keep(({ kind, spa }) => kind !== 'arp' || spa === 'X');
      c.keepNeighbors(({ ip }) => ip === 'X');
    }

    let c = world.verdict('rst-from-wrong-host');
    c.check('B is not told: still ESTABLISHED', c.output('ssB').includes('ESTAB'));
    const lines = c.output('ssB').split('\n');
    c.fact(
      'ss_on_B_after_the_reset',
      lines.filter((line) => line.includes('40001')),
    );
    const asked = c.action(1).t;
    const segments = c.frames('wire', { kind: 'tcp' });
    const pushed = segments.filter(
      ({ t, l2src, dataLen }) => t > asked && l2src === 'B' && dataLen === 4,
    );
    c.check(
      "B's push reaches A, A's RST goes to C's MAC, so B keeps retransmitting",
      pushed.length >= 2 &&
        segments
          .filter(({ l2src, flags }) => l2src === 'A' && flags?.includes('R') === true)
          .every(({ l2dst }) => l2dst === 'C'),
      pushed.length,
    );
    c.measured('B_retransmissions_within_1.2s', pushed.length - 1);

    c = world.verdict('stall-and-return');
    const data = c
      .frames('wire', { kind: 'tcp', l2src: 'A' })
      .filter(({ dataLen = 0 }) => dataLen > 0);
    const lost = data.filter(({ l2dst }) => l2dst === 'C').map(({ t }) => t);
    const right = c.action(1).t;
    const back = data.find(({ t, l2dst }) => l2dst === 'B' && t > right)?.t ?? 0;
    c.measured('gaps_between_segments_sent_to_C_s', gaps(lost).join(' '));
    c.check(
      'no RST, the connection survives',
      !c.frames('wire', { kind: 'tcp' }).some(({ flags }) => flags?.includes('R') === true) &&
        c.apps('A').some(({ text }) => text === 'closed'),
    );
    c.measured('stall_s_after_the_entry_is_right_again', back - right);
    c.measured('longest_gap_in_A_data_s', Math.max(...gaps([...lost, back])));
    c.keep(({ kind }) => kind === 'action' || kind === 'app' || kind === 'arp');

    c = world.verdict('split-handshake');
    const reset = c
      .frames('wire', { kind: 'tcp' })
      .find(({ flags }) => flags?.includes('R') === true);
    c.check("A's ACK goes to C and is reset", reset?.l2src === 'C');
    const answers = c.frames('wire', { kind: 'tcp', l2src: 'B', flags: 'SA' }).map(({ t }) => t);
    c.measured('SYN_ACKs_from_B', answers.length);
    c.check(
      "A's application gets ECONNRESET, from connect(), the first send() or recv() (a race of microseconds)",
      c.apps('A').some(({ text }) => text.includes('ECONNRESET')),
    );
    c.drop(({ kind, host }) => kind === 'app' && host === 'A');
    c.fact('applicationError', 'ECONNRESET, from connect(), the first send or the first recv');
    c.measured('SYN_ACK_times_s', answers.map((t) => t - (answers[0] ?? 0)).join(' '));
  },
};

/** B and C know A, and A's entry for X is right and fresh. */
function prepare(world: World): void {
  for (const host of ['B', 'C']) world.x(host, 'ping -c 1 -W 1 -q 10.0.0.1');
  pointToB(world);
}

function pointToB(world: World): void {
  const mac = world.roles.macOf('B');
  world.x('A', `ip neigh replace ${X} dev eth0 lladdr ${mac} nud reachable`);
  world.sleep(0.15);
}

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((t, i) => Math.round((t - (times[i] ?? 0)) * 1000) / 1000);
}
