// Life of a REACHABLE entry with default timers: idle, ping, UDP, UDP with MSG_CONFIRM, TCP.

import type { CaseRun } from '../case-run.ts';
import { lan } from '../lan.ts';
import type { Scenario } from '../scenario.ts';

const CLIENTS = ['A', 'C', 'D', 'E', 'F'];

export const scenario: Scenario = {
  name: '01c-reachability-timers',
  topology: (roles) => lan(roles, 'B', 'A', 'C', 'D', 'E', 'F'),

  play(world) {
    world.captureSwitch('wire', 'br0');
    world.monitor(...CLIENTS, 'B');
    world.bg('B', 'gt udpecho --bind 10.0.0.2:7');
    world.bg('B', 'gt tcpserver --bind 10.0.0.2:80 --mode echo');
    world.sleep(0.25);
    const c = world.case('timers');
    for (const host of CLIENTS) {
      c.outputs.set(`ntable-${host}`, world.x(host, 'ip ntable show dev eth0').output);
    }
    world.act('start');
    const running = [
      world.bg('C', 'ping -c 55 -i 1 -q -e 4660 10.0.0.2'),
      world.bg('D', 'gt udp --dst 10.0.0.2:7 --src 10.0.0.4:40000 --count 55 --interval 1'),
      world.bg(
        'E',
        'gt tcpclient --dst 10.0.0.2:80 --src 10.0.0.5:40000 --count 54 --interval 1 --hold 55',
      ),
      world.bg(
        'F',
        'gt udp --dst 10.0.0.2:7 --src 10.0.0.6:40000 --count 55 --interval 1 --confirm',
      ),
    ];
    world.x('A', 'ping -c 1 -W 2 -e 4661 -q 10.0.0.2');
    world.sleep(48);
    world.do(
      'A sends one UDP datagram',
      'A',
      'gt udp --dst 10.0.0.2:7 --src 10.0.0.1:40000 --linger 0',
    );
    world.sleep(6);
    world.wait(...running);
  },

  judge(world) {
    const c = world.verdict('timers');
    const zero = c.zero();
    for (const host of CLIENTS) {
      c.measured(`reachable_time_of_${host}_s`, reachableTime(c, host));
    }
    const entered = (host: string, state: string): number =>
      (c.neighbors(host, 'B').find((note) => note.state === state)?.t ?? 0) - zero;
    const states = (host: string): string[] => c.neighbors(host, 'B').map(({ state }) => state);
    c.check(
      'A: exactly REACHABLE, STALE, DELAY, PROBE, REACHABLE',
      states('A').join() === 'REACHABLE,STALE,DELAY,PROBE,REACHABLE',
      states('A'),
    );
    c.measured('A_stale_minus_reachable_time_s', entered('A', 'STALE') - reachableTime(c, 'A'));
    c.measured('A_delay_to_probe_s', entered('A', 'PROBE') - entered('A', 'DELAY'));
    const probes = (host: string): number =>
      c
        .frames('wire', { kind: 'arp', op: 'request', l2src: host })
        .filter(({ l2dst }) => l2dst !== 'BROADCAST').length;
    c.check('A sends one unicast probe', probes('A') === 1);
    c.check('F (UDP with MSG_CONFIRM) never probes', probes('F') === 0);
    c.check(
      'C (ping 1/s, all answered) does probe: replies to data do not confirm',
      probes('C') >= 1 || reachableTime(c, 'C') > 46,
    );
    c.check('E (TCP, ACK progress) never probes', probes('E') === 0);
    c.check(
      'D (UDP): REACHABLE expires although packets and echoes flow, goes STALE/DELAY -> PROBE -> REACHABLE',
      probes('D') >= 1 && states('D')[0] === 'REACHABLE',
    );
    const left = c.neighbors('D', 'B').find(({ state }) => state === 'STALE' || state === 'DELAY');
    const after = (left?.t ?? 0) - zero - reachableTime(c, 'D');
    c.measured('D_first_leave_reachable_minus_reachable_time_s', after);
    c.fact('statesOfA', states('A'));
    c.fact('probesOfF', probes('F'));
    c.fact('probesOfE', probes('E'));
  },
};

/** The draw of the host's eth0. */
function reachableTime(c: CaseRun, host: string): number {
  return Number(/reachable (\d+)/.exec(c.output(`ntable-${host}`))?.[1]) / 1000;
}
