// B and C own the same address X: which reply wins, the locktime, what flips the entry, what does not.

import type { CaseRun } from '../case-run.ts';
import { lan } from '../lan.ts';
import type { Scenario } from '../scenario.ts';
import { SlowCable } from '../slow-cable.ts';
import { analyze } from '../tshark.ts';
import type { World } from '../world.ts';

const X = '10.0.0.100';
const isArpReply = (octets: Uint8Array): boolean =>
  octets[12] === 8 && octets[13] === 6 && octets[21] === 2;

export const scenario: Scenario = {
  name: '03a-duplicate-ip',
  topology: (roles) => lan(roles, 'A', 'B', 'C', 'D'),

  play(world) {
    const { roles } = world;
    const [m1, m2, m3, a] = ['M1', 'M2', 'M3', 'A'].map((role) => roles.macOf(role));
    // Slow cables: only ARP replies are delayed.
    const slow = ['B', 'C'].map((host) => new SlowCable(world, host, isArpReply));
    const begin = (id: string, delayB: number, delayC: number): void => {
      flush(world);
      if (slow[0] !== undefined) slow[0].delay = delayB;
      if (slow[1] !== undefined) slow[1].delay = delayC;
      world.case(id);
    };
    world.captureSwitch('wire', 'br0');
    world.monitor('A', 'D');
    world.x('B', `ip addr add ${X}/32 dev eth0`);
    world.x('C', `ip addr add ${X}/32 dev eth0`);

    begin('first-B', 0, 0.02);
    world.x('A', `ping -c 1 -W 2 -e 4660 -q ${X}`);
    world.sleep(0.2);
    world.end();
    begin('first-C', 0.02, 0);
    world.x('A', `ping -c 1 -W 2 -e 4661 -q ${X}`);
    world.sleep(0.2);
    world.end();
    begin('late-reply', 0, 1.2);
    world.x('A', `ping -c 1 -W 2 -e 4662 -q ${X}`);
    world.sleep(1.4);
    world.x('A', `ping -c 1 -W 2 -e 4663 -q ${X}`);
    world.sleep(0.2);
    world.end();
    world.sysctl('A', 'net.ipv4.neigh.eth0.locktime=0');
    begin('locktime-0', 0, 0.02);
    world.x('A', `ping -c 1 -W 2 -e 4664 -q ${X}`);
    world.sleep(0.2);
    world.end();
    world.sysctl('A', 'net.ipv4.neigh.eth0.locktime=100');

    world.x('A', `ip neigh replace 10.0.0.150 dev eth0 lladdr ${m1} nud stale`);
    world.case('locktime-edge');
    world.act('frames');
    const reply = `--frame 2,${m3},10.0.0.150,${a},10.0.0.1,${a}`;
    world.x(
      'D',
      `gt arp --dev eth0 --src ${m2} --frame 1,${m2},10.0.0.150,0,10.0.0.150,ff@0.1
        ${reply}@0.6 ${reply}@1.0 ${reply}@1.08 ${reply}@1.12`,
    );
    world.sleep(0.2);
    world.end();

    begin('loser-asks-A', 0, 0.02);
    world.x('A', `ping -c 1 -W 2 -e 4665 -q ${X}`);
    world.sleep(0.3);
    world.x('C', 'ip neigh flush dev eth0 nud all');
    world.do('C: ping A from X', 'C', `ping -I ${X} -c 1 -W 1 -e 4666 -q 10.0.0.1`);
    world.sleep(0.2);
    world.end();
    begin('loser-asks-D', 0, 0.02);
    world.x('A', `ping -c 1 -W 2 -e 4667 -q ${X}`);
    world.sleep(0.3);
    world.do('C: ping D from X', 'C', `ping -I ${X} -c 1 -W 1 -e 4668 -q 10.0.0.4`);
    world.sleep(1);
    world.x('C', 'ip neigh flush dev eth0 nud all');
    world.do('C: ping D from X again', 'C', `ping -I ${X} -c 1 -W 1 -e 4669 -q 10.0.0.4`);
    world.sleep(0.2);
    world.end();

    flush(world);
    shorten(world, 'A');
    world.bg('B', `gt udpecho --bind ${X}:9 --mode sink`);
    world.bg('C', `gt udpecho --bind ${X}:9 --mode sink`);
    world.sleep(0.25);
    world.case('reprobe-sticky');
    world.x('A', `gt udp --dst ${X}:9 --src 10.0.0.1:40000 --count 60 --interval 0.2`);
    world.end();

    world.sysctl(
      'A',
      'net.ipv4.neigh.eth0.base_reachable_time_ms=30000',
      'net.ipv4.neigh.eth0.delay_first_probe_time=5',
    );
    for (const host of ['B', 'C']) {
      world.x(host, 'ip addr flush dev eth0');
      world.x(host, `ip addr add ${X}/24 dev eth0`);
      shorten(world, host);
    }
    flush(world);
    const last = world.case('flapping');
    const fromB = world.bg('B', 'ping -c 48 -i 0.25 -W 1 -e 4670 -q 10.0.0.1');
    world.sleep(0.12);
    const fromC = world.bg('C', 'ping -c 48 -i 0.25 -W 1 -e 4671 -q 10.0.0.1');
    world.wait(fromB, fromC);
    last.outputs.set('pingB', fromB.output);
    last.outputs.set('pingC', fromC.output);
    world.end();
  },

  judge(world) {
    let c = world.verdict('first-B');
    c.check('two replies, B then C', repliers(c).join() === 'B,C', repliers(c));
    c.check('A has B', c.entry('A', 'X') === 'REACHABLE:B', c.entry('A', 'X'));

    c = world.verdict('first-C');
    c.check('two replies, C then B', repliers(c).join() === 'C,B', repliers(c));
    c.check('A has C', c.entry('A', 'X') === 'REACHABLE:C', c.entry('A', 'X'));

    c = world.verdict('late-reply');
    c.check(
      'A has C in the end, REACHABLE',
      c.entry('A', 'X') === 'REACHABLE:C',
      c.entry('A', 'X'),
    );
    c.fact('states', c.states('A', 'X'));
    const echoed = c.frames('wire', { kind: 'icmp', type: 8 }).map(({ l2dst }) => l2dst);
    c.check('second ping goes to C', echoed.join() === 'B,C', echoed);

    c = world.verdict('locktime-0');
    c.check('A has C', c.entry('A', 'X') === 'REACHABLE:C', c.entry('A', 'X'));

    c = world.verdict('locktime-edge');
    const announced = c.frames('wire', { kind: 'arp' })[0]?.t ?? 0;
    const changes = c.neighbors('A', 'X2').filter(({ t }) => t > announced - 0.01);
    const macs = changes.map(({ lladdr }) => c.mac(lladdr ?? ''));
    c.check('M2 by GARP, then only the reply at 1.02 s', macs.join() === 'M2,M3', macs);
    c.measured('flip_after_s', (changes.at(-1)?.t ?? 0) - announced);
    c.check('state REACHABLE (unicast reply)', changes.at(-1)?.state === 'REACHABLE');

    c = world.verdict('loser-asks-A');
    const [request] = c.frames('wire', { kind: 'arp', op: 'request', sha: 'C' });
    c.check("C's request carries spa=X", request?.spa === 'X');
    const life = c.neighbors('A', 'X');
    c.check(
      'A flips inside the locktime',
      c.entry('A', 'X').endsWith(':C') && c.states('A', 'X').includes('STALE:C'),
      c.states('A', 'X'),
    );
    const flipped = life.find(({ lladdr }) => c.mac(lladdr ?? '') === 'C')?.t ?? 0;
    const believed = life.findLast(({ state }) => state === 'REACHABLE')?.t ?? 0;
    c.measured('entry_age_at_flip_s', flipped - believed);

    c = world.verdict('loser-asks-D');
    const before = c.entry('A', 'X', c.action(1).t - 0.05);
    c.check('first request ignored by A', before.endsWith(':B'), before);
    c.check(
      'second request flips A to C, STALE',
      c.entry('A', 'X').endsWith(':C') && c.states('A', 'X').includes('STALE:C'),
      c.states('A', 'X'),
    );
    c.keepNeighbors(({ host }) => host === 'A');

    c = world.verdict('reprobe-sticky');
    const probed = c
      .frames('wire', { kind: 'arp', op: 'request', sha: 'A' })
      .map(({ l2dst }) => l2dst)
      .filter((l2dst) => l2dst !== 'BROADCAST');
    c.measured('unicast_probes_in_12s', probed.length);
    const held = c.neighbors('A', 'X').flatMap(({ lladdr }) => (lladdr === null ? [] : [lladdr]));
    c.check(
      'all probes to the first winner, entry never changes',
      [...probed, ...held.map((mac) => c.mac(mac))].every((role) => role === 'B'),
    );
    c.keep(() => false);
    c.keepNeighbors(() => false);

    judgeFlapping(world);
  },
};

function judgeFlapping(world: World): void {
  const c = world.verdict('flapping');
  const held = c.neighbors('A', 'X').flatMap(({ lladdr }) => (lladdr === null ? [] : [lladdr]));
  c.measured('flips_in_12s', held.filter((mac, i) => i > 0 && mac !== held[i - 1]).length);
  const replies = c.frames('wire', { kind: 'icmp', type: 0 });
  const wrong = replies.filter(({ id, l2dst }) => (id === 4670) !== (l2dst === 'B'));
  c.measured('echo_replies_total', replies.length);
  c.measured('echo_replies_delivered_to_the_wrong_host', wrong.length);
  for (const host of ['B', 'C']) {
    const received = /(\d+) received/.exec(c.output(`ping${host}`))?.[1];
    c.measured(`ping_received_by_${host}`, Number(received));
  }
  const probes = c
    .frames('wire', { kind: 'arp', op: 'request', l2dst: 'A' })
    .filter(({ sha }) => sha === 'B' || sha === 'C');
  c.check(
    'the flips come from unicast probes with spa=X',
    probes.length > 0 && probes.every(({ spa }) => spa === 'X'),
  );
  c.keep(() => false);
  c.keepNeighbors(() => false);
  c.fact(
    'tsharkRule',
    "flags every ARP whose sender (or a request's/reply's target) IP was seen before with another MAC; a legitimate move is flagged as well",
  );
  const analysis = analyze(world, 'wire');
  if (analysis === null) {
    const reason = 'tshark is not installed';
    c.waive('measured tshark_frames_with_arp.duplicate-address-detected', reason);
    c.waive('fact tsharkExpert', reason);
    c.waive('fact tsharkFirstDetection', reason);
    return;
  }
  c.measured('tshark_frames_with_arp.duplicate-address-detected', analysis.duplicates);
  c.fact('tsharkExpert', analysis.expert);
  c.fact('tsharkFirstDetection', analysis.firstDetection);
}

/** Whose replies for X, in order. */
function repliers(c: CaseRun): string[] {
  return c.frames('wire', { kind: 'arp', op: 'reply', spa: 'X' }).map(({ sha = '' }) => sha);
}

function flush(world: World): void {
  for (const host of ['A', 'B', 'C', 'D']) world.x(host, 'ip neigh flush dev eth0 nud all');
  world.sleep(0.1);
}

function shorten(world: World, host: string): void {
  world.sysctl(
    host,
    'net.ipv4.neigh.eth0.base_reachable_time_ms=1000',
    'net.ipv4.neigh.eth0.delay_first_probe_time=1',
  );
}
