// Two interfaces in one subnet, and two uplinks with policy routing.
//
//   A .10, C .11 --- br0 10.0.0.0/24 --- H eth0 .1, eth1 .2; R .254 | H eth2 .1 --- bru 10.9.0.0/24 --- R .254

import type { CaseRun } from '../case-run.ts';
import { CABLE, nic } from '../lan.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const VIP = '10.0.0.100';
const EGRESS = '10.9.0.100';

export const scenario: Scenario = {
  name: '25b-two-nics',
  topology: (roles) => ({
    name: 'two-nics',
    segments: { br0: CABLE, bru: CABLE },
    hosts: {
      H: {
        interfaces: {
          eth0: nic(roles, 'H.0', 'br0', 24),
          // The interface that was made last is the first in the bridge's list of ports.
          eth1: { ...nic(roles, 'H.1', 'br0', 24), latency: '4us' },
          eth2: { segment: 'bru', mac: roles.macOf('H.2') },
        },
      },
      A: { interfaces: { eth0: nic(roles, 'A', 'br0', 24) } },
      C: { interfaces: { eth0: nic(roles, 'C', 'br0', 24) } },
      R: {
        interfaces: { eth0: nic(roles, 'R.0', 'br0', 24), eth1: nic(roles, 'R.u', 'bru', 24) },
        forwarding: true,
        loopback: ['192.0.2.1'],
      },
    },
    scenario: { duration: '1s' },
  }),

  play(world) {
    const h = (command: string): void => {
      world.x('H', command);
    };
    const flush = (): void => {
      world.x('A', 'ip neigh flush dev eth0 nud all');
      for (const dev of ['eth0', 'eth1', 'eth2']) h(`ip neigh flush dev ${dev}`);
      world.x('sw', 'ip link set br0 type bridge fdb_flush');
      world.sleep(0.1);
    };
    const ping = (to: string, label = 'p'): void => {
      world.act(`A pings ${to}`);
      world.save(label, 'A', `ping -c 2 -i 0.2 -W 1 ${to}`);
      world.sleep(0.2);
    };
    const conf = (...settings: readonly string[]): void => {
      world.sysctl('H', ...settings.map((setting) => `net.ipv4.conf.all.${setting}`));
    };
    const reset = (): void => conf('arp_filter=0', 'arp_ignore=0', 'arp_announce=0', 'rp_filter=0');
    const believe = (mac: string, state = 'permanent'): void => {
      world.x('A', `ip neigh replace 10.0.0.2 dev eth0 lladdr ${mac} nud ${state}`);
    };
    const first = world.roles.macOf('H.0');
    const second = world.roles.macOf('H.1');
    world.captureSwitch('wire', 'br0');
    world.capture('H', 'eth0', 'H0');
    world.capture('H', 'eth1', 'H1');
    world.sysctl('A', 'net.ipv4.neigh.eth0.delay_first_probe_time=60');
    world.case('flux', 'wire', 'H0', 'H1');
    flush();
    ping('10.0.0.2');
    world.end();
    world.case('flux-cable-cut', 'wire');
    flush();
    believe(second, 'reachable');
    world.act("eth1's switch port down");
    world.x('sw', 'ip link set pH.eth1 down');
    world.x('A', 'ip neigh del 10.0.0.2 dev eth0');
    world.sleep(0.1);
    ping('10.0.0.2');
    world.x('sw', 'ip link set pH.eth1 up');
    world.sleep(0.5);
    world.end();
    world.case('strict-rp', 'wire');
    flush();
    conf('rp_filter=1');
    believe(second);
    ping('10.0.0.2', 'p1');
    believe(first);
    ping('10.0.0.2', 'p2');
    world.x('A', 'ip neigh del 10.0.0.2 dev eth0');
    reset();
    world.end();
    world.case('strict-rp-arp', 'wire');
    flush();
    conf('rp_filter=1');
    ping('10.0.0.2');
    reset();
    world.end();
    world.case('arp-filter', 'wire', 'H0', 'H1');
    flush();
    conf('arp_filter=1');
    ping('10.0.0.2');
    ping('10.0.0.1', 'p1');
    reset();
    world.end();
    world.case('ignore1-announce2', 'wire', 'H0', 'H1');
    flush();
    conf('arp_ignore=1', 'arp_announce=2');
    ping('10.0.0.2');
    world.end();
    world.case('policy', 'wire', 'H0', 'H1');
    h('ip route add 10.0.0.0/24 dev eth1 src 10.0.0.2 table 102');
    h('ip rule add from 10.0.0.2 table 102 pref 102');
    flush();
    ping('10.0.0.2');
    world.end();
    world.case('policy-rp1', 'wire');
    flush();
    conf('rp_filter=1');
    ping('10.0.0.2');
    conf('rp_filter=0');
    world.end();
    world.case('policy-arp-filter', 'wire');
    flush();
    conf('arp_ignore=0', 'arp_announce=0', 'arp_filter=1');
    ping('10.0.0.2');
    ping('10.0.0.1', 'p1');
    reset();
    world.end();
    h('ip rule del pref 102');
    h('ip route flush table 102');
    world.case('second-address-nic', 'wire', 'H0', 'H1');
    flush();
    h(`ip addr add ${VIP}/32 dev eth1`);
    ping(VIP);
    h(`ip addr del ${VIP}/32 dev eth1`);
    world.end();
    playUplinks(world);
  },

  judge(world) {
    for (const c of world.cases) c.readPerPoint();
    for (const [id, role] of [
      ['flux', 'H.1'],
      ['arp-filter', 'H.1'],
      ['ignore1-announce2', 'H.1'],
      ['policy', 'H.1'],
      ['second-address-nic', 'X'],
    ] as const) {
      const c = world.verdict(id);
      c.fact('arpAnswers', answers(c, role));
      if (id !== 'flux' && id !== 'second-address-nic') {
        c.fact('requestArrivesOn', places(c, { type: 8, dst: role }));
      }
      c.fact('answerLeavesBy', leaves(c, role));
      c.fact('works', answered(c));
    }
    let c = world.verdict('flux');
    c.check('two answers', String(answers(c, 'H.1')) === 'H.0,H.1', answers(c, 'H.1'));
    c = world.verdict('flux-cable-cut');
    c.fact('works', answered(c));
    c.check('works over eth0', answered(c) && String(answers(c, 'H.1')) === 'H.0');
    c = world.verdict('strict-rp');
    c.fact('viaEth1', answered(c, 'p1'));
    c.fact('viaEth0', answered(c, 'p2'));
    c.check('eth1 no, eth0 yes', !answered(c, 'p1') && answered(c, 'p2'));
    c = world.verdict('strict-rp-arp');
    c.fact('arpAnswers', answers(c, 'H.1'));
    c.fact('works', answered(c));
    c = world.verdict('arp-filter');
    const only = [...answers(c, 'H.1'), ...answers(c, 'H.0')];
    c.check('eth0 only', String(only) === 'H.0,H.0', only);
    c = world.verdict('ignore1-announce2');
    const apart = String(answers(c, 'H.1')) === 'H.1' && String(leaves(c, 'H.1')) === 'H0:H.0';
    c.check('eth1 answers, eth0 sends', apart);
    c = world.verdict('policy');
    const both = String(answers(c, 'H.1')) === 'H.1' && String(leaves(c, 'H.1')) === 'H1:H.1';
    c.check('eth1 both ways', both);
    c = world.verdict('policy-rp1');
    c.check('works', answered(c));
    c = world.verdict('policy-arp-filter');
    c.fact('arpAnswersFor.2', answers(c, 'H.1'));
    c.fact('arpAnswersFor.1', answers(c, 'H.0'));
    judgeUplinks(world);
  },
};

function playUplinks(world: World): void {
  const h = (command: string): void => {
    world.x('H', command);
  };
  const ping = (count = 2): void => {
    world.act('H pings 192.0.2.1 from Y');
    world.save('p', 'H', `ping -c ${count} -i 0.2 -W 1 -I ${EGRESS} 192.0.2.1`);
    world.sleep(0.1);
  };
  const through = (): void => {
    world.act('A pings 192.0.2.1 through H');
    world.save('p', 'A', 'ping -c 2 -i 0.2 -W 1 192.0.2.1');
    world.sleep(0.1);
  };
  h('ip link set eth1 down');
  h('ip addr flush dev eth1');
  h('ip addr add 10.9.0.1/24 dev eth2');
  h('ip route add default via 10.0.0.254');
  world.captureSwitch('up', 'bru');
  h(`ip addr add ${EGRESS}/32 dev eth2`);
  world.case('egress-no-rule', 'wire', 'up');
  ping();
  world.end();
  world.case('egress-no-rule-rp1', 'wire', 'up');
  world.sysctl('H', 'net.ipv4.conf.all.rp_filter=1');
  ping();
  world.end();
  world.case('egress-rule', 'wire', 'up');
  h('ip route add default via 10.9.0.254 dev eth2 table 109');
  h(`ip rule add from ${EGRESS} table 109 pref 109`);
  ping();
  world.end();
  world.case('egress-rule-snat', 'wire', 'up');
  world.sysctl('H', 'net.ipv4.ip_forward=1', 'net.ipv4.conf.all.rp_filter=0');
  world.x('A', 'ip route add 192.0.2.1/32 via 10.0.0.1');
  world.sysctl('H', 'net.ipv4.conf.all.send_redirects=0', 'net.ipv4.conf.eth0.send_redirects=0');
  h(`iptables -t nat -A POSTROUTING -s 10.0.0.10 -d 192.0.2.1 -j SNAT --to-source ${EGRESS}`);
  through();
  world.end();
  world.case('egress-mark-snat', 'wire', 'up');
  h('iptables -t mangle -A PREROUTING -s 10.0.0.10 -j MARK --set-mark 9');
  h('ip rule add fwmark 9 table 109 pref 108');
  through();
  world.end();
  world.case('egress-gateway-arp', 'up');
  h('ip neigh del 10.9.0.254 dev eth2');
  ping(1);
  world.end();
}

function judgeUplinks(world: World): void {
  for (const [id, check, want] of [
    ['egress-no-rule', 'out by eth0, back by eth2, works', ['wire', 'up', true]],
    ['egress-no-rule-rp1', 'answer dropped', ['wire', 'up', false]],
    ['egress-rule', 'symmetric', ['up', 'up', true]],
    ['egress-rule-snat', 'leaves by eth0 with source Y', ['wire', 'up', true]],
    ['egress-mark-snat', 'leaves by eth2', ['up', 'up', true]],
  ] as const) {
    const c = world.verdict(id);
    const wires = (wanted: Parameters<CaseRun['frames']>[1]): string[] =>
      places(c, wanted, ['wire', 'up']);
    const [request, answer] = [wires({ type: 8, src: 'Y' }), wires({ type: 0, dst: 'Y' })];
    c.fact('requestVia', request);
    c.fact('answerVia', answer);
    c.fact('works', answered(c));
    c.check(check, String([...request, ...answer, answered(c)]) === String(want));
  }
  const c = world.verdict('egress-gateway-arp');
  const asked = c.frames('up', { kind: 'arp', op: 'request', tpa: 'R.u', sha: 'H.2' });
  c.fact(
    'spa',
    asked.map(({ spa = '' }) => spa),
  );
}

function answers(c: CaseRun, role: string): string[] {
  const replies = c.frames('wire', { kind: 'arp', op: 'reply', spa: role });
  return [...new Set(replies.map(({ sha = '' }) => sha))].sort();
}

/** Where frames like this were seen. */
function places(
  c: CaseRun,
  wanted: Parameters<CaseRun['frames']>[1],
  among: readonly string[] = ['H0', 'H1'],
): string[] {
  const seen = c.frames('', wanted).map(({ at }) => at);
  return among.filter((at) => seen.includes(at));
}

function leaves(c: CaseRun, role: string): string[] {
  const own = ['H.0', 'H.1', 'H.2'];
  const replies = c
    .frames('', { type: 0, src: role })
    .filter(({ at, l2src }) => at.startsWith('H') && own.includes(l2src));
  return [...new Set(replies.map(({ at, l2src }) => `${at}:${l2src}`))].sort();
}

function answered(c: CaseRun, label = 'p'): boolean {
  const [, sent, received] =
    /(\d+) packets transmitted, (\d+) received/.exec(c.output(label)) ?? [];
  return sent !== undefined && sent === received;
}
