// The secondary address X moves from B to C and nobody announces it: default timers.

import type { CaseRun } from '../case-run.ts';
import { element } from '../case-run.ts';
import type { Seen } from '../decode.ts';
import { lan } from '../lan.ts';
import type { Scenario } from '../scenario.ts';

const X = '10.0.0.100';
const CLIENTS = ['A', 'D', 'E', 'F'];

export const scenario: Scenario = {
  name: '05a-failover-silent',
  topology: (roles) => lan(roles, 'A', 'D', 'E', 'F', 'B', 'C'),

  play(world) {
    world.captureSwitch('wire', 'br0');
    world.monitor(...CLIENTS);
    const tables = CLIENTS.map((host) => [host, world.x(host, 'ip ntable show').output] as const);
    world.x('B', `ip addr add ${X}/32 dev eth0`);
    for (const host of ['B', 'C']) {
      world.bg(host, 'gt udpecho --bind 0.0.0.0:7');
      world.bg(host, 'gt tcpserver --bind 0.0.0.0:80');
    }
    world.sleep(0.4);
    const running = [
      world.bg('A', `ping -i 0.1 -c 600 -q -e 4660 ${X}`),
      world.bg('D', `gt udp --dst ${X}:7 --src 10.0.0.4:40000 --count 300 --interval 0.2`),
      world.bg(
        'F',
        `gt udp --dst ${X}:7 --src 10.0.0.6:40000 --count 300 --interval 0.2 --confirm`,
      ),
      world.bg(
        'E',
        `gt tcpclient --dst ${X}:80 --src 10.0.0.5:40000 --count 290 --interval 0.2 --hold 60 --app E`,
      ),
    ];
    world.sleep(3);
    const c = world.case('silent-move');
    for (const [host, text] of tables) c.outputs.set(`ntable-${host}`, text);
    world.act('X: deleted on B, added on C');
    world.x('B', `ip addr del ${X}/32 dev eth0`);
    world.x('C', `ip addr add ${X}/32 dev eth0`);
    world.wait(...running);
  },

  judge(world) {
    const c = world.verdict('silent-move');
    const moved = c.action(0).t;
    const answers: Readonly<Record<string, readonly Seen[]>> = {
      A: c.allFrames('wire', { kind: 'icmp', type: 0, dst: 'A' }),
      D: c.allFrames('wire', { kind: 'udp', dst: 'D' }),
      F: c.allFrames('wire', { kind: 'udp', dst: 'F' }),
    };
    for (const [host, frames] of Object.entries(answers)) {
      judgeBlackout(
        c,
        host,
        moved,
        frames.map(({ t }) => t),
      );
    }
    const probes = c
      .allFrames('wire', { kind: 'arp', op: 'request', sha: 'B' })
      .filter(({ l2dst }) => l2dst !== 'BROADCAST');
    const carried = [...new Set(probes.map(({ spa = '' }) => spa))].sort();
    c.fact('B_unicast_probes_carry', carried);
    c.check(
      "B's unicast probes carry its primary address, never X",
      carried.join() === 'B',
      carried,
    );
    const misled = c
      .allFrames('wire', { kind: 'icmp', type: 8, l2dst: 'B' })
      .filter(({ t }) => t > moved);
    c.measured('echo_requests_sent_to_the_old_MAC', misled.length);
    c.check(
      'B drops silently: no ICMP from B',
      !c
        .allFrames('wire', { kind: 'icmp', l2src: 'B' })
        .some(({ type }) => type === 3 || type === 5),
    );
    c.measured('reachable_time_E_s', reachableTime(c, 'E'));
    c.keep(
      ({ kind, l2src, l2dst }) =>
        kind === 'action' || (kind === 'arp' && (l2src === 'A' || l2dst === 'A')),
    );
    c.keepNeighbors(({ host }) => host === 'A');
  },
};

/** How long a client was without answers, and which way its entry went meanwhile. */
function judgeBlackout(c: CaseRun, host: string, moved: number, answered: readonly number[]): void {
  c.measured(`reachable_time_${host}_s`, reachableTime(c, host));
  const back = answered.find((t) => t > moved);
  const life = c.neighbors(host, 'X').filter(({ t }) => t > moved);
  if (back === undefined) return;
  const last = element(answered, answered.indexOf(back) - 1, 'answer before the move');
  c.measured(`blackout_${host}_s`, back - last);
  const failed = life.find(({ state }) => state === 'FAILED')?.t ?? 0;
  const expired = life.find(({ state }) => state === 'STALE' || state === 'DELAY')?.t ?? 0;
  c.measured(`expiry_to_FAILED_${host}_s`, failed - expired);
  c.check(`${host}: goes on within 0.4 s after FAILED`, back - failed < 0.4, back - failed);
  const asked = c
    .allFrames('wire', { kind: 'arp', op: 'request', sha: host })
    .filter(({ t }) => t > moved && t < back)
    .map(({ l2dst }) => l2dst);
  c.check(
    `${host}: 3 unicast requests to B (no answer), then one broadcast answered by C`,
    asked.slice(-4).join() === 'B,B,B,BROADCAST',
    asked,
  );
}

function reachableTime(c: CaseRun, host: string): number {
  return Number(/reachable (\d+)/.exec(c.output(`ntable-${host}`))?.[1]) / 1000;
}
