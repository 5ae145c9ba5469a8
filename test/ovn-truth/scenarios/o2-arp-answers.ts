// Who answers ARP for egress IPs, node IPs and others; duplicate rows; conflicting announcements; removal.

import type { CaseRun } from '../../kernel-truth/case-run.ts';
import type { Seen } from '../../kernel-truth/decode.ts';
import type { OvnScenario } from '../scenario.ts';
import type { OvnWorld } from '../world.ts';

const ANSWERS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  broadcast: { N1: 3 },
  unicast: { N1: 3 },
  'unicast-wrong-node': {},
  probe: { N1: 3 },
  'foreign-sender': { N1: 3 },
  'node-ip': { N2: 6 },
  free: {},
  'pod-ip': {},
  'conflict-garp-requests': {},
  'conflict-garp-replys': {},
  'duplicate-row': { N1: 5, N2: 5 },
  'duplicate-one-removed': { N2: 3 },
  removed: {},
};
const ASK = '1,DB,DB,0,EIP,ff';

export const scenario: OvnScenario = {
  name: 'o2-arp-answers',
  notCovered: null,
  options: {
    pods: ['P1', 'P3'],
    hosts: ['DB', 'DB2', 'RTR'],
    wire: ({ kind }) => kind === 'arp',
    keepsConfirmations: true,
  },

  play(world) {
    world.ready();
    world.assign('EIP', ['P1'], 'n1');
    world.sleep(world.quiet());
    world.captureWire();
    const asked = (id: string, text: string, ...frames: string[]): void => {
      world.case(id);
      ask(world, 3, text, frames);
      world.end();
    };
    asked('broadcast', 'DB: ARP request EIP', ASK);
    asked('unicast', 'DB: unicast ARP request EIP to N1', '1,DB,DB,0,EIP,N1');
    asked('unicast-wrong-node', 'DB: unicast ARP request EIP to N2', '1,DB,DB,0,EIP,N2');
    asked('probe', 'DB: ARP probe for EIP', '1,DB,0.0.0.0,0,EIP,ff');
    asked('foreign-sender', 'DB: ARP request EIP, spa 10.9.9.9', '1,DB,10.9.9.9,0,EIP,ff');
    asked('node-ip', 'DB: ARP request N2', '1,DB,DB,0,N2,ff');
    asked('free', 'DB: ARP request FREE', '1,DB,DB,0,FREE,ff');
    asked('pod-ip', 'DB: ARP requests P1, JOIN.N1', '1,DB,DB,0,P1,ff', '1,DB,DB,0,100.64.0.2,ff');
    world.case('gateway-asks');
    world.act('P3: ping -c 2 EIP');
    world.ping('P3', '-c 2 -W 1', 'EIP');
    world.sleep(0.3);
    world.end();
    claim(world, 'request', '1,DB2,EIP,0,EIP,ff');
    claim(world, 'reply', '2,DB2,EIP,ff,EIP,ff');
    world.case('duplicate-row');
    world.act('EIP -> n2 (P3) too');
    world.assign('EIP', ['P3'], 'n2');
    world.sleep(world.quiet());
    ask(world, 5, 'DB: ARP request EIP', [ASK]);
    world.end();
    world.case('duplicate-one-removed');
    world.act('EIP removed from n1');
    world.unassign(['P1'], 'n1');
    ask(world, 3, 'DB: ARP request EIP', [ASK]);
    world.end();
    world.case('removed');
    world.act('EIP removed from n2');
    world.unassign(['P3'], 'n2');
    ask(world, 3, 'DB: ARP request EIP', [ASK]);
    world.end();
  },

  judge(world) {
    for (const played of world.cases) judgeCase(played);
  },
};

function judgeCase(played: CaseRun): void {
  const frames = played.frames('wire', { kind: 'arp' });
  const replies = frames.filter(({ op, spa, tpa }) => op === 'reply' && spa !== tpa);
  played.fact(
    'requests',
    frames.filter(({ op, spa, tpa }) => op === 'request' && spa !== tpa).length,
  );
  const by = counted(replies);
  played.fact('repliesBy', by);
  const wanted = ANSWERS[played.id];
  if (wanted !== undefined) {
    const text = Object.entries(wanted).map(([who, count]) => `"${who}": ${count}`);
    const isSame = JSON.stringify(by) === JSON.stringify(wanted);
    played.check(`answers by {${text.join(', ')}}`, isSame, by);
  }
  const own = frames.filter(
    ({ op, spa, tpa, l2src }) => op === 'reply' && spa === tpa && ['N1', 'N2'].includes(l2src),
  );
  played.fact('answersToGarps', counted(own));
  if (played.id === 'conflict-garp-requests') {
    played.check(
      'each GARP request of the other claimant is answered by the holder: unicast, spa = tpa = EIP, tha = the claimant',
      own.length === 3 && own.every(({ tha, l2dst }) => tha === 'DB2' && l2dst === 'DB2'),
    );
  }
  if (played.id === 'conflict-garp-replys') {
    played.check('GARPs in reply form are not answered', own.length === 0);
  }
}

function ask(world: OvnWorld, times: number, text: string, frames: readonly string[]): void {
  for (let i = 0; i < times; i++) {
    world.act(text);
    world.arp('DB', ...frames);
    world.sleep(0.4);
  }
}

function claim(world: OvnWorld, form: string, frame: string): void {
  world.case(`conflict-garp-${form}s`);
  for (let i = 0; i < 3; i++) {
    world.act(`DB2: GARP ${form} EIP`);
    world.arp('DB2', frame);
    world.sleep(0.5);
  }
  world.end();
}

function counted(frames: readonly Seen[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of frames.map(({ l2src }) => l2src).sort())
    counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
