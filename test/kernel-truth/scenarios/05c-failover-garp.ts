// Failover with an announcement: the blackout is the gap until the GARP, and nothing else.

import type { CaseRun } from '../case-run.ts';
import { lan } from '../lan.ts';
import type { Process } from '../process.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const X = '10.0.0.100';
/** The ping of each case. */
const IDENTIFIERS: Readonly<Record<string, number>> = {
  'overlap-garp-U': 4661,
  'gap-1s-garp-A': 4662,
  'add-then-speak': 4663,
  'garp-then-old-node-speaks': 4664,
  'garp-before-address': 4665,
};

export const scenario: Scenario = {
  name: '05c-failover-garp',
  topology: (roles) => lan(roles, 'A', 'B', 'C'),

  play(world) {
    const c = world.roles.macOf('C');
    const garp = `gt arp --dev eth0 --frame 1,${c},${X},ff,${X},ff`;
    const del = `ip addr del ${X}/32 dev eth0`;
    const add = `ip addr add ${X}/32 dev eth0`;
    const speak = `gt udp --src ${X}:5000 --dst 10.0.0.1:9 --linger 0`;
    world.captureSwitch('wire', 'br0');
    world.capture('B', 'eth0', 'B');
    world.capture('C', 'eth0', 'C');
    world.monitor('A');

    let stream = begin(world, 'overlap-garp-U', 40);
    world.do('C: add X', 'C', add);
    world.do('C: GARP request', 'C', garp);
    world.sleep(0.2);
    world.do('B: del X', 'B', del);
    world.wait(stream);
    world.end();

    stream = begin(world, 'gap-1s-garp-A', 50);
    world.do('B: del X', 'B', del);
    world.sleep(1);
    world.do('C: add X', 'C', add);
    world.do('C: GARP reply', 'C', `gt arp --dev eth0 --frame 2,${c},${X},${c},${X},ff`);
    world.wait(stream);
    world.end();

    stream = begin(world, 'add-then-speak', 50);
    world.do('B: del X', 'B', del);
    world.do('C: add X', 'C', add);
    world.sleep(1);
    world.do('C: UDP datagram from X to A', 'C', speak);
    world.wait(stream);
    world.end();

    stream = begin(world, 'garp-then-old-node-speaks', 60);
    world.do('C: add X', 'C', add);
    world.do('C: GARP request', 'C', garp);
    world.sleep(1);
    world.x('B', 'ip neigh flush dev eth0 nud all');
    world.do('B: UDP datagram from X to A', 'B', speak);
    world.wait(stream);
    world.end();

    stream = begin(world, 'garp-before-address', 60);
    world.do('B: del X', 'B', del);
    world.do('C: GARP request', 'C', garp);
    world.sleep(0.5);
    world.do('C: add X', 'C', add);
    world.wait(stream);
    world.end();
  },

  judge(world) {
    for (const id of Object.keys(IDENTIFIERS)) {
      const c = world.verdict(id);
      const replies = c.allFrames('wire', { kind: 'icmp', type: 0 });
      const times = replies.map(({ t }) => t).filter((t) => c.start - 1.2 < t && t < c.end);
      c.measured(
        'longest_gap_between_replies_s',
        Math.max(...times.slice(1).map((t, i) => t - (times[i] ?? 0))),
      );
      c.measured('lost_echoes', lost(c, IDENTIFIERS[id] ?? 0));
      c.keep(({ kind }) => kind === 'action' || kind === 'arp');
      c.keepNeighbors(({ ip }) => ip === 'X');
      c.drop(
        ({ kind, op, l2dst, spa }) =>
          kind === 'arp' && op === 'request' && l2dst === 'A' && spa !== 'X',
      );
      c.drop(
        ({ kind, op, l2src, tpa }) =>
          kind === 'arp' && op === 'reply' && l2src === 'A' && tpa !== 'X',
      );
    }
    let c = world.verdict('overlap-garp-U');
    let hosts = answering(c).join();
    c.check('B then C', hosts === 'B,C' || hosts === 'C', hosts);
    c.fact('answeringHosts', 'B then C');
    c = world.verdict('garp-then-old-node-speaks');
    hosts = answering(c).slice(-2).join();
    c.check('C, then B again', hosts === 'C,B', hosts);
    c.fact('answeringHosts', 'C then B');
    for (const id of ['gap-1s-garp-A', 'add-then-speak', 'garp-before-address']) {
      c = world.verdict(id);
      c.fact(
        'answeringHosts',
        answering(c).filter((host) => host === 'C'),
      );
    }
  },
};

/** X is B's alone, A knows it, and pings it ten times a second. */
function begin(world: World, id: string, count: number): Process {
  world.x('C', `ip addr del ${X}/32 dev eth0`);
  world.x('B', `ip addr add ${X}/32 dev eth0`);
  world.x('A', 'ip neigh flush dev eth0 nud all');
  world.x('C', 'ip neigh flush dev eth0 nud all');
  world.prime('A', X);
  const stream = world.bg('A', `ping -i 0.1 -c ${count} -q -e ${IDENTIFIERS[id]} ${X}`);
  world.sleep(1);
  world.case(id);
  return stream;
}

function lost(c: CaseRun, id: number): number {
  const sequences = (type: number): Set<unknown> =>
    new Set(c.allFrames('wire', { kind: 'icmp', type, id }).map(({ seq }) => seq));
  const answered = sequences(0);
  return [...sequences(8)].filter((sequence) => !answered.has(sequence)).length;
}

/** Who answered the pings of the case, one after the other. */
function answering(c: CaseRun): string[] {
  const hosts = c.frames('wire', { kind: 'icmp', type: 0 }).map(({ l2src }) => l2src);
  return hosts.filter((host, i) => host !== hosts[i - 1]);
}
