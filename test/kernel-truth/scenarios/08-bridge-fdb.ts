// The switch: learning, MAC moves, ageing, flooding; frames to the wrong port after a failover.

import type { CaseRun } from '../case-run.ts';
import type { Seen } from '../decode.ts';
import { lan } from '../lan.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const X = '10.0.0.100';
const PORTS = ['B', 'C', 'D'];
const EVERYWHERE = ['A', 'B', 'C', 'D'];

export const scenario: Scenario = {
  name: '08-bridge-fdb',
  topology: (roles) => lan(roles, 'A', 'B', 'C', 'D'),

  play(world) {
    const [a, b, v, u] = ['A', 'B', 'V', 'U'].map((role) => world.roles.macOf(role));
    const udp = (to: string, more = ''): void => {
      world.x('A', `gt udp --dst ${to}:9 --src 10.0.0.1:40000 --linger 0 ${more}`);
    };
    const speaksAsV = (host: string): void => {
      world.x(host, `gt arp --dev eth0 --src ${v} --frame 1,${v},10.0.0.150,0,10.0.0.150,ff`);
    };
    const bSpeaks = `gt arp --dev eth0 --frame 2,${b},10.0.0.2,${a},10.0.0.1,${a}`;
    const fdb = (label: string): void => world.save(`fdb-${label}`, 'sw', 'bridge fdb show br br0');
    world.captureSwitch('wire', 'br0');
    for (const host of EVERYWHERE) world.capture(host, 'eth0', host);
    for (const host of ['B', 'C']) world.x(host, 'iptables -w -A INPUT -p udp -j DROP');
    world.x('A', `ip neigh replace 10.0.0.2 dev eth0 lladdr ${b} nud permanent`);
    world.x('A', `ip neigh replace 10.0.0.150 dev eth0 lladdr ${v} nud permanent`);
    world.x('A', `ip neigh replace 10.0.0.160 dev eth0 lladdr ${u} nud permanent`);
    world.x('sw', 'ip link set br0 type bridge fdb_flush');
    world.sleep(0.1);

    world.case('unknown-unicast', ...EVERYWHERE);
    udp('10.0.0.2', '--count 2 --interval 0.1');
    world.sleep(0.1);
    fdb('1');
    world.end();
    world.case('learned', ...EVERYWHERE);
    world.x('B', bSpeaks);
    world.sleep(0.1);
    world.act('A sends to B');
    udp('10.0.0.2');
    world.sleep(0.1);
    fdb('2');
    world.end();
    world.case('never-seen', ...EVERYWHERE);
    udp('10.0.0.160', '--count 3 --interval 0.1');
    world.sleep(0.1);
    world.end();
    world.case('broadcast', ...EVERYWHERE);
    world.x('A', `gt arp --dev eth0 --frame 1,${a},10.0.0.1,0,10.0.0.77,ff`);
    world.sleep(0.1);
    world.end();
    world.case('mac-move', ...EVERYWHERE);
    for (const [host, label] of [
      ['B', 'm1'],
      ['C', 'm2'],
    ] as const) {
      world.act(`V's GARP from port ${host}`);
      speaksAsV(host);
      world.sleep(0.1);
      udp('10.0.0.150');
      world.sleep(0.05);
      fdb(label);
    }
    world.end();
    world.case('mac-duplicate', ...EVERYWHERE);
    for (const host of ['B', 'C', 'B']) {
      speaksAsV(host);
      world.sleep(0.1);
      udp('10.0.0.150');
      world.sleep(0.05);
    }
    world.end();
    world.x('sw', 'ip link set br0 type bridge ageing_time 500');
    speaksAsV('B');
    world.sleep(0.1);
    world.case('ageing', 'A');
    world.act("V's last frame was 0.1 s ago from port B");
    udp('10.0.0.150', '--count 45 --interval 0.2');
    fdb('aged');
    world.end();
    world.x('sw', 'ip link set br0 type bridge ageing_time 30000');
    speaksAsV('B');
    world.sleep(0.1);
    world.case('port-down', 'A', 'C', 'D');
    udp('10.0.0.150');
    world.sleep(0.1);
    world.do('B: link down', 'B', 'ip link set eth0 down');
    world.sleep(0.4);
    udp('10.0.0.150');
    world.sleep(0.1);
    fdb('pd');
    world.end();
    world.x('B', 'ip link set eth0 up');
    world.sleep(0.4);
    world.x('B', `ip addr add ${X}/32 dev eth0`);
    world.x('A', `ip neigh replace ${X} dev eth0 lladdr ${b} nud reachable`);
    world.x('B', bSpeaks);
    world.case('ip-moved-mac-not', ...EVERYWHERE);
    world.x('B', `ip addr del ${X}/32 dev eth0`);
    world.x('C', `ip addr add ${X}/32 dev eth0`);
    world.act('A sends to X');
    udp(X);
    world.sleep(0.2);
    world.end();
  },

  judge(world) {
    for (const c of world.cases) {
      c.keep(({ kind }) => kind === 'udp' || kind === 'arp' || kind === 'action');
    }
    const seenAs = (id: string, check: string, expected: string): CaseRun => {
      const c = world.verdict(id);
      const counts = count(c);
      c.fact('framesSeenAtPort', counts);
      c.check(check, text(counts) === expected, counts);
      return c;
    };
    let c = seenAs('unknown-unicast', 'flooded twice', 'B2 C2 D2');
    c.fact('fdbPortOfA', port(world, c, '1', 'A'));
    c.fact('fdbPortOfB', port(world, c, '1', 'B'));
    c = seenAs('learned', 'only B', 'B1 C0 D0');
    c.fact('fdbPortOfB', port(world, c, '2', 'B'));
    seenAs('never-seen', 'all flooded', 'B3 C3 D3');

    c = world.verdict('broadcast');
    const everything = count(c, () => true);
    c.fact('framesSeenAtPort', everything);
    c.check('everywhere', text(everything) === 'B1 C1 D1', everything);

    c = world.verdict('mac-move');
    const moved = c.action(1).t;
    const before = count(c, ({ kind, t }) => kind === 'udp' && t < moved);
    const after = count(c, ({ kind, t }) => kind === 'udp' && t >= moved);
    c.fact('beforeMove', before);
    c.fact('afterMove', after);
    c.check('B then C', text(before) === 'B1 C0 D0' && text(after) === 'B0 C1 D0');
    c.fact('fdb', [port(world, c, 'm1', 'V'), port(world, c, 'm2', 'V')]);

    seenAs('mac-duplicate', 'two to B, one to C', 'B2 C1 D0');

    c = world.verdict('ageing');
    const spoke = c.allFrames('B', { kind: 'arp', l2src: 'V' }).findLast(({ t }) => t < c.start)?.t;
    const flooded = c.frames('D', { kind: 'udp' })[0]?.t ?? 0;
    const age = flooded - (spoke ?? 0);
    c.check('flooding starts when the entry is 5 s old', age > 4.9 && age < 5.4, age);
    c.measured('flooding_starts_after_s', age);
    const wrong = c.frames('B', { kind: 'udp' }).filter(({ t }) => t < flooded - 0.001);
    c.measured('frames_to_the_wrong_port_before', wrong.length);
    c.fact('defaultAgeing_s', world.lab.segment('br0').spec.fdbAgeing / 1e9);
    c.keep(({ kind }) => kind === 'action');

    c = world.verdict('port-down');
    const down = c.action(0).t;
    const at = (host: string, late: boolean): number =>
      c.frames(host, { kind: 'udp' }).filter(({ t }) => t > down === late).length;
    c.fact('before', { C: at('C', false), D: at('D', false) });
    c.fact('after', { C: at('C', true), D: at('D', true) });
    c.check(
      '0 before, flooded after',
      ['C', 'D'].every((host) => at(host, false) === 0 && at(host, true) === 1),
    );

    c = world.verdict('ip-moved-mac-not');
    const counts = count(c);
    c.fact('framesSeenAtPort', counts);
    c.check(
      'only B gets it, no answer',
      text(counts) === 'B1 C0 D0' && c.frames('A', { kind: 'icmp' }).length === 0,
      counts,
    );
  },
};

/** How many of A's frames were seen at each port. */
function count(
  c: CaseRun,
  wanted: (seen: Seen) => boolean = ({ kind }) => kind === 'udp',
): Record<string, number> {
  return Object.fromEntries(
    PORTS.map((host) => {
      const frames = c.frames(host, { l2src: 'A' });
      const own = frames.filter(({ kind }) => kind === 'udp' || kind === 'arp');
      return [host, own.filter(wanted).length];
    }),
  );
}

function text(counts: Record<string, number>): string {
  return PORTS.map((host) => `${host}${counts[host]}`).join(' ');
}

/** 'pB': where the bridge believes a MAC to be, as the script calls its ports. */
function port(world: World, c: CaseRun, label: string, role: string): string | null {
  const mac = world.roles.macOf(role);
  const line = c
    .output(`fdb-${label}`)
    .split('\n')
    .find((each) => each.startsWith(mac));
  const host = /dev (\w+)\./.exec(line ?? '')?.[1];
  return host === undefined ? null : `p${host}`;
}
