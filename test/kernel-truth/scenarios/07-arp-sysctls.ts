// arp_ignore, arp_announce and arp_filter with two interfaces on one LAN (ARP flux); proxy ARP.

import type { CaseRun } from '../case-run.ts';
import type { JsonObject } from '../fixture.ts';
import { CABLE, nic } from '../lan.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const ANSWERS: Readonly<Record<number, string>> = {
  0: 'M0 M1|M0 M1|M0 M1|M0 M1',
  1: 'M0|M1||M0',
  2: 'M0|M1||',
  3: 'M0 M1|M0 M1|M0 M1|M0 M1',
  8: '|||',
};
const ANNOUNCED = [
  [0, 'lvip', 'LVIP'],
  [0, 'm1', 'M1'],
  [1, 'lvip', 'M0'],
  [1, 'm1', 'M1'],
  [2, 'lvip', 'M0'],
  [2, 'm1', 'M0'],
] as const;
const SOURCES = { lvip: '192.168.99.1', m1: '10.0.0.2' } as const;

export const scenario: Scenario = {
  name: '07-arp-sysctls',
  topology: (roles) => ({
    name: 'flux',
    segments: { br0: CABLE, br1: CABLE },
    hosts: {
      A: { interfaces: { eth0: nic(roles, 'A', 'br0', 24) } },
      M: { interfaces: { eth0: nic(roles, 'M0', 'br0', 24), eth1: nic(roles, 'M1', 'br0', 24) } },
      R: { interfaces: { eth0: nic(roles, 'R0', 'br0', 24), eth1: nic(roles, 'R1', 'br1', 24) } },
    },
    scenario: { duration: '1s' },
  }),

  play(world) {
    const [a, r0] = ['A', 'R0'].map((role) => world.roles.macOf(role));
    world.x('M', 'ip addr add 10.9.9.9/32 dev lo');
    world.x('M', 'ip addr add 192.168.99.1/32 dev lo');
    world.captureSwitch('wire', 'br0');

    for (const value of Object.keys(ANSWERS)) {
      reset(world);
      world.sysctl('M', `net.ipv4.conf.all.arp_ignore=${value}`);
      quiet(world);
      world.case(`arp-ignore-${value}`);
      ask(world, 'who has M0', '10.0.0.1');
      ask(world, 'who has M1', '10.0.0.2');
      ask(world, 'who has VIP', '10.9.9.9');
      ask(world, 'who has M0, tell OUT', '10.0.0.1', '172.16.0.9');
      world.end();
    }
    reset(world);
    world.sysctl('M', 'net.ipv4.conf.all.arp_filter=1');
    quiet(world);
    world.case('arp-filter-1');
    ask(world, 'who has M0', '10.0.0.1');
    ask(world, 'who has M1', '10.0.0.2');
    world.end();
    reset(world);
    quiet(world);
    world.case('flux-resolution');
    world.x('A', 'ping -c 1 -W 1 -e 4660 -q 10.0.0.2');
    world.end();
    for (const [value, name] of ANNOUNCED) {
      reset(world);
      world.sysctl('M', `net.ipv4.conf.all.arp_announce=${value}`);
      quiet(world);
      world.case(`arp-announce-${value}-from-${name}`);
      world.x('M', 'ip route replace 10.0.0.10/32 dev eth0');
      world.x('M', `ping -I ${SOURCES[name]} -c 1 -W 1 -e 4661 -q 10.0.0.10`);
      world.end();
    }
    reset(world);

    world.sysctl('R', 'net.ipv4.ip_forward=1', 'net.ipv4.conf.eth0.proxy_arp=1');
    quiet(world);
    world.case('proxy-arp-delay');
    const frames = Array.from(
      { length: 12 },
      (_, i) => `--frame 1,${a},10.0.0.10,0,10.7.0.5,ff@${i}`,
    );
    world.x('A', `gt arp --dev eth0 ${frames.join(' ')}`);
    world.sleep(1);
    world.end();
    world.case('proxy-arp-which');
    world.do(
      'unicast request for FAR',
      'A',
      `gt arp --dev eth0 --frame 1,${a},10.0.0.10,0,10.7.0.5,${r0}`,
    );
    world.sleep(0.2);
    ask(world, 'SAMELAN', '10.0.0.77');
    world.sleep(0.9);
    ask(world, 'NOWHERE without route', '10.66.0.1');
    world.sleep(0.9);
    world.x('R', 'ip route add default via 10.7.0.1');
    ask(world, 'NOWHERE with default route via R1', '10.66.0.1');
    world.sleep(0.9);
    world.end();
    world.sysctl('R', 'net.ipv4.conf.eth0.proxy_arp=0');
    world.x('R', 'ip route add 10.0.0.200/32 dev eth1');
    world.x('R', 'ip neigh add proxy 10.0.0.200 dev eth0');
    world.sysctl('R', 'net.ipv4.neigh.eth0.proxy_delay=0');
    world.case('proxy-entry');
    ask(world, 'PUB', '10.0.0.200');
    ask(world, 'FAR', '10.7.0.5');
    world.sleep(0.3);
    world.end();
    world.sysctl('R', 'net.ipv4.conf.eth0.proxy_arp_pvlan=1');
    world.case('proxy-pvlan');
    ask(world, 'SAMELAN', '10.0.0.77');
    world.sleep(0.3);
    world.end();
  },

  judge(world) {
    for (const [value, expected] of Object.entries(ANSWERS)) {
      const c = world.verdict(`arp-ignore-${value}`);
      const answers = sorted(replies(c));
      c.fact('answersBy', answers);
      c.check('answers', text(answers) === expected, answers);
      c.keep(({ kind, op }) => kind === 'action' || (kind === 'arp' && op === 'request'));
    }
    let c = world.verdict('arp-filter-1');
    c.fact('answersBy', replies(c));
    c.check('eth0 answers for both addresses', text(replies(c)) === 'M0|M0', replies(c));

    c = world.verdict('flux-resolution');
    const who = c
      .frames('wire', { kind: 'arp', op: 'reply', spa: 'M1' })
      .map(({ sha = '' }) => sha)
      .sort();
    c.fact('answersBy', who);
    c.check('two answers', who.join() === 'M0,M1', who);
    c.keep(() => false);

    for (const [value, name, expected] of ANNOUNCED) {
      c = world.verdict(`arp-announce-${value}-from-${name}`);
      const [request] = c.frames('wire', {
        kind: 'arp',
        op: 'request',
        sha: 'M0',
        l2dst: 'BROADCAST',
      });
      c.fact('senderIp', request?.spa ?? null);
      c.check(`sender IP is ${expected}`, request?.spa === expected, request?.spa ?? null);
      c.keep(
        ({ kind, op, sha, l2dst }) =>
          kind === 'arp' && op === 'request' && sha === 'M0' && l2dst === 'BROADCAST',
      );
    }

    c = world.verdict('proxy-arp-delay');
    const asked = c.frames('wire', { kind: 'arp', op: 'request' }).map(({ t }) => t);
    const answers = c.frames('wire', { kind: 'arp', op: 'reply' });
    const delays = answers.map(({ t }) => t - (asked.findLast((at) => at <= t) ?? 0));
    c.check(
      "12 answers with R0's MAC",
      answers.length === 12 && answers.every(({ sha }) => sha === 'R0'),
      answers.length,
    );
    c.measured('delay_min_s', Math.min(...delays));
    c.measured('delay_max_s', Math.max(...delays));
    c.measured('delay_mean_s', delays.reduce((sum, delay) => sum + delay, 0) / delays.length);
    c.keep(() => false);

    c = world.verdict('proxy-arp-which');
    c.fact('answersBy', replies(c));
    c.check('answers', text(replies(c)) === 'R0|||R0', replies(c));
    const [question, answer] = c.frames('wire', { kind: 'arp' });
    c.measured('unicast_request_delay_s', (answer?.t ?? 0) - (question?.t ?? 0));

    c = world.verdict('proxy-entry');
    c.fact('answersBy', replies(c));
    c.check('answers', text(replies(c)) === 'R0|', replies(c));

    c = world.verdict('proxy-pvlan');
    c.fact('answersBy', replies(c));
    c.check('answers', text(replies(c)) === 'R0', replies(c));
  },
};

/** A asks by hand, as whoever it pretends to be. */
function ask(world: World, what: string, target: string, sender = '10.0.0.10'): void {
  const a = world.roles.macOf('A');
  world.do(what, 'A', `gt arp --dev eth0 --frame 1,${a},${sender},0,${target},ff`);
  world.sleep(0.15);
}

function reset(world: World): void {
  const all = ['arp_ignore', 'arp_filter', 'arp_announce'];
  world.sysctl('M', ...all.map((name) => `net.ipv4.conf.all.${name}=0`));
}

function quiet(world: World): void {
  world.x('A', 'ip neigh flush dev eth0 nud all');
  world.x('M', 'ip neigh flush dev eth0 nud all');
  world.x('M', 'ip neigh flush dev eth1 nud all');
  world.sleep(0.1);
}

/** Who answered after each question. */
function replies(c: CaseRun): Record<string, string[]> {
  const actions = c.actions();
  const all = c.frames('wire', { kind: 'arp', op: 'reply' });
  return Object.fromEntries(
    actions.map(({ t: from, text: question }, i) => {
      const until = actions[i + 1]?.t ?? c.end;
      const mine = all.filter(({ t }) => from <= t && t < until);
      return [question, mine.map(({ sha = '' }) => sha)];
    }),
  );
}

function sorted(answers: Record<string, string[]>): Record<string, string[]> & JsonObject {
  return Object.fromEntries(
    Object.entries(answers).map(([question, who]) => [question, [...who].sort()]),
  );
}

function text(answers: Record<string, string[]>): string {
  return Object.values(answers)
    .map((who) => who.join(' '))
    .join('|');
}
