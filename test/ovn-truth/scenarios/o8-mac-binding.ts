// How a gateway router resolves and keeps the MAC of an external host: requests, packets that wait,
// learning from ARP traffic.

import type { CaseRun } from '../../kernel-truth/case-run.ts';
import { RELEASE_OF } from '../releases.ts';
import type { OvnScenario } from '../scenario.ts';
import type { OvnWorld } from '../world.ts';

type Step = number | readonly [text: string, act: () => void];

const SENT: Readonly<Record<string, number>> = {
  unanswered: 5,
  'unanswered-burst': 20,
  'late-answer': 12,
  'very-late-answer': 1,
};
const FOLLOWS: Readonly<Record<string, string>> = {
  'garp-request-known': 'DB2',
  'garp-reply-known': 'DB',
  'request-known': 'DB2',
  'request-for-other-known': 'DB',
};

export const scenario: OvnScenario = {
  name: 'o8-mac-binding',
  notCovered: null,
  options: { nodes: ['n1'], pods: ['P1'], hosts: ['DB', 'DB2', 'RTR'] },

  play(world) {
    world.assign('EIP', ['P1'], 'n1');
    world.sleep(world.quiet());
    world.captureWire();
    const played = (id: string, ...steps: readonly Step[]): void => {
      world.case(id);
      const before = bindings(world);
      for (const step of steps) {
        if (typeof step === 'number') {
          world.sleep(step);
        } else {
          world.act(step[0]);
          step[1]();
        }
      }
      world.end();
      changes.set(`${world.release} ${id}`, changed(before, bindings(world)));
    };
    const send = (text: string, to: string, count = 1, gap = 0.1): Step => [
      text,
      () => {
        const flow = `--src ${world.at('P1:43000')} --dst ${world.at(to)}:9000`;
        world.gt('P1', `udp ${flow} --count ${count} --interval ${gap} --linger 0`);
      },
    ];
    const arp = (text: string, host: string, ...frames: readonly string[]): Step => [
      text,
      () => world.arp(host, ...frames),
    ];
    const once = send('P1: UDP -> F2', 'F2');
    played('resolve', send('P1: UDP -> DB', 'DB'), 0.5);
    played('unanswered', send('P1: 5 UDP -> FREE', 'FREE', 5, 0.3), 5);
    played('unanswered-burst', send('P1: 20 UDP -> F1', 'F1', 20, 0.01), 2);
    played(
      'late-answer',
      send('P1: 12 UDP -> F2', 'F2', 12, 0.1),
      0.7,
      arp('DB answers for F2', 'DB', '2,DB,F2,N1,N1,N1'),
      1,
      once,
      0.5,
    );
    played(
      'very-late-answer',
      send('P1: UDP -> F3', 'F3'),
      12,
      arp('DB answers for F3', 'DB', '2,DB,F3,N1,N1,N1'),
      1,
      send('P1: UDP -> F3', 'F3'),
      0.5,
    );
    const known = (id: string, text: string, host: string, frame: string): void =>
      played(id, arp(text, host, frame), 0.5, once, 0.3);
    known('garp-request-known', 'DB2: GARP request F2', 'DB2', '1,DB2,F2,0,F2,ff');
    known('garp-reply-known', 'DB: GARP reply F2', 'DB', '2,DB,F2,ff,F2,ff');
    known('request-known', 'DB2: ARP request N1, spa F2', 'DB2', '1,DB2,F2,0,N1,ff');
    known('request-for-other-known', 'DB: ARP request RTR, spa F2', 'DB', '1,DB,F2,0,RTR,ff');
    const both = ['1,DB2,F2,0,F2,ff', '1,DB,F2,0,F2,ff@0.01'];
    played('flip-twice', arp('GARP F2 of DB2 then DB', 'DB', ...both), 0.5, once, 0.3);
    const unknown = (id: string, roles: readonly string[]): void => {
      const [a = '', b = '', c = '', d = '', e = ''] = roles;
      played(
        id,
        arp(`DB: GARP request ${a}`, 'DB', `1,DB,${a},0,${a},ff`),
        0.2,
        arp(`DB: GARP reply ${b}`, 'DB', `2,DB,${b},ff,${b},ff`),
        0.2,
        arp(`DB: ARP request N1, spa ${c}`, 'DB', `1,DB,${c},0,N1,ff`),
        0.2,
        arp(`DB: ARP request RTR, spa ${d}`, 'DB', `1,DB,${d},0,RTR,ff`),
        0.2,
        arp(`DB: unicast reply ${e}`, 'DB', `2,DB,${e},N1,N1,N1`),
        0.6,
      );
    };
    unknown('unknown', ['F4', 'F5', 'F6', 'F7', 'F8']);
    world.node('n1').gatewayRouter.bindings.alwaysLearns = true;
    unknown('unknown-always-learn', ['F9', 'F10', 'F11', 'F12', 'F1']);
  },

  judge(world) {
    for (const played of world.cases) judgeCase(played, world);
  },
};

/** What became of bindings in each case: role of the address to role of the MAC. */
const changes = new Map<string, Readonly<Record<string, string>>>();

function judgeCase(played: CaseRun, world: OvnWorld): void {
  const { id } = played;
  const learned = changes.get(`${world.release} ${id}`) ?? {};
  const names = Object.keys(learned).sort().join();
  const asked = played
    .frames('wire', { kind: 'arp', op: 'request', l2src: 'N1' })
    .filter(({ tpa = '' }) => ['FREE', 'F1', 'F2', 'F3'].includes(tpa));
  const datagrams = played.frames('wire', { kind: 'udp', src: 'EIP' });
  const numbers = datagrams.map(({ data = '' }) => Number(data));
  const sent = SENT[id];
  if (sent !== undefined) {
    const isRight = asked.length === sent && asked.every(({ l2dst }) => l2dst === 'BROADCAST');
    const text = `one broadcast request per packet (${sent}), none by timer`;
    played.check(text, isRight, asked.length);
  }
  const keeps = RELEASE_OF[world.release].queueLimit;
  if (id === 'late-answer') {
    const wanted = [...Array.from({ length: keeps }, (_, i) => 12 - keeps + i), 0];
    const text = `the last ${keeps} waiting packets are delivered`;
    played.check(text, numbers.join() === wanted.join(), numbers);
  }
  if (id === 'very-late-answer') {
    const isGone = numbers.join() === '0' && (datagrams[0]?.t ?? 0) - played.zero() > 12.5;
    played.check('after 12 s the waiting packet is gone', isGone, numbers);
  }
  const follows = FOLLOWS[id];
  if (follows !== undefined) {
    played.check(`binding of F2 follows: ${follows}`, learned.F2 === follows, learned);
  }
  if (id === 'unknown') {
    const text =
      'learnt: GARP reply, request for the router, unsolicited reply; not learnt: GARP request, request for another host';
    played.check(text, names === 'F5,F6,F8', learned);
  }
  if (id === 'unknown-always-learn') {
    played.check('all five learnt', Object.keys(learned).length === 5, learned);
  }
}

function bindings(world: OvnWorld): Map<string, string> {
  const { rows } = world.node('n1').gatewayRouter.bindings;
  return new Map(rows.map(({ address, mac }) => [world.roleOf(address), world.roles.mac(mac)]));
}

function changed(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Record<string, string> {
  return Object.fromEntries([...after].filter(([role, mac]) => before.get(role) !== mac));
}
