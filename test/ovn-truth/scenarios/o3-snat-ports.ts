// Source ports after SNAT to the egress IP: kept when free, clashes, classes, ICMP ids, sharing.

import type { CaseRun } from '../../kernel-truth/case-run.ts';
import type { Seen } from '../../kernel-truth/decode.ts';
import type { OvnScenario } from '../scenario.ts';
import type { OvnWorld } from '../world.ts';

type Step = readonly [text: string, host: string, command: string];

const PORTS = '1,80,511,512,600,1023,1024,5000,32768,60999,65535';
const FREE = [1, 80, 511, 512, 600, 1023, 1024, 5000, 32_768, 60_999, 65_535];
const FIRST = 20_000;
const MANY = 64;
const EXPECTED: Readonly<Record<string, readonly (readonly number[])[]>> = {
  'udp-free': [FREE],
  'udp-clash': [FREE, [2, 81, 3, 601, 602, 603, 1025, 5001, 32_769, 61_000, 1026]],
  'udp-clash-other-port': [[5000], [5000]],
  'udp-clash-other-host': [[5000], [5000]],
  'tcp-free': [[5000]],
  'tcp-clash': [[600], [601], [5000], [5001], [5002], [5003], [40_000], [40_001]],
  'tcp-clash-other-host': [[5000], [5000]],
  'udp-many': [range(FIRST), range(FIRST + MANY)],
};

export const scenario: OvnScenario = {
  name: 'o3-snat-ports',
  notCovered: null,
  options: {
    pods: ['P1', 'P2'],
    hosts: ['DB', 'DB2', 'RTR'],
    wire: ({ kind }) => kind !== 'arp',
  },

  play(world) {
    prepare(world);
    const scan = (pod: string, to: string, ports = PORTS): Step => [
      `${pod}: UDP from ports ${ports} to ${to}`,
      pod,
      `udpscan --src ${world.at(pod)} --ports ${ports} --dst ${world.at(to)} --interval 0.01`,
    ];
    const tcp = (pod: string, port: number, to: string): Step => [
      `${pod}: TCP from port ${port} to ${to}`,
      pod,
      `tcpclient --src ${world.at(pod)}:${port} --dst ${world.at(to)} --hold 0.3`,
    ];
    const steps = (id: string, ...list: readonly Step[]): void => {
      world.flushConntrack('n1');
      world.case(id);
      for (const [text, host, command] of list) {
        world.act(text);
        world.gt(host, command);
        world.sleep(0.05);
      }
      world.sleep(0.2);
      world.end();
    };
    steps('udp-free', scan('P1', 'DB:7000'));
    steps('udp-clash', scan('P1', 'DB:7000'), scan('P2', 'DB:7000'));
    steps('udp-clash-other-port', scan('P1', 'DB:7000', '5000'), scan('P2', 'DB:7001', '5000'));
    steps('udp-clash-other-host', scan('P1', 'DB:7000', '5000'), scan('P2', 'DB2:7000', '5000'));
    steps('tcp-free', tcp('P1', 5000, 'DB:8000'));
    steps(
      'tcp-clash',
      ...[600, 5000, 5001, 40_000].flatMap((port) => [
        tcp('P1', port, 'DB:8000'),
        tcp('P2', port, 'DB:8000'),
      ]),
    );
    steps('tcp-clash-other-host', tcp('P1', 5000, 'DB:8000'), tcp('P2', 5000, 'DB2:8000'));
    world.flushConntrack('n1');
    pings(world, 'icmp-clash');
    for (const pod of ['P1', 'P2'])
      steps(`udp-reuse-${pod}`, scan(pod, 'DB:7000', '5000,5001,5002'));
    const many = `${FIRST}-${FIRST + MANY - 1}`;
    steps('udp-many', scan('P1', 'DB:7000', many), scan('P2', 'DB:7000', many));
    world.unassign(['P1', 'P2'], 'n1');
    world.assign('EIP', ['P1', 'P2'], 'n2');
    world.sleep(1.5);
    world.flushConntrack('n1', 'n2');
    pings(world, 'icmp-clash-remote');
  },

  judge(world) {
    for (const played of world.cases) judgeCase(played);
  },
};

function prepare(world: OvnWorld): void {
  world.ready();
  world.assign('EIP', ['P1', 'P2'], 'n1');
  world.start('DB', 'udpecho --bind 0.0.0.0:7000');
  world.start('DB', 'udpecho --bind 0.0.0.0:7001');
  world.start('DB2', 'udpecho --bind 0.0.0.0:7000');
  world.start('DB', 'tcpserver --bind 0.0.0.0:8000');
  world.start('DB2', 'tcpserver --bind 0.0.0.0:8000');
  world.sleep(0.1);
  for (const pod of ['P1', 'P2']) {
    for (const host of ['DB', 'DB2']) world.x(pod, `ping -c 1 -q ${world.at(host)}`);
  }
  world.captureWire();
}

function pings(world: OvnWorld, id: string): void {
  world.case(id);
  for (const pod of ['P1', 'P2']) {
    world.act(`${pod}: ping -c 2 -e 4660 DB`);
    world.ping(pod, '-c 2 -i 0.2 -W 1 -e 4660', 'DB');
  }
  world.sleep(0.2);
  world.end();
}

function judgeCase(played: CaseRun): void {
  const first = new Map<string, Seen>();
  for (const frame of played.frames('wire')) {
    const isRequest = frame.kind !== 'icmp' || frame.type === 8;
    if (!['N1', 'N2'].includes(frame.l2src) || !isRequest) continue;
    const { kind, src, dst, sport, dport, id } = frame;
    const key = [kind, src, dst, sport ?? id, dport].join();
    if (!first.has(key)) first.set(key, frame);
  }
  const actions = played.actions();
  const mapping = actions.map(({ t, text }, i) => {
    const end = actions[i + 1]?.t ?? played.end;
    const frames = [...first.values()].filter((frame) => t <= frame.t && frame.t < end);
    return {
      step: text,
      sourceAfterSnat: [...new Set(frames.map(({ src = '' }) => src))].sort(),
      portsInOrder: frames.map(({ sport, id }) => sport ?? id ?? 0),
    };
  });
  played.drop((event) => event.kind === 'icmp' && event.type === 3);
  if (played.id === 'udp-many') played.keep((event) => event.kind === 'action');
  played.fact('mapping', mapping);
  const expected = EXPECTED[played.id];
  const got = mapping.map(({ portsInOrder }) => portsInOrder);
  if (expected !== undefined) {
    const isSame = JSON.stringify(got) === JSON.stringify(expected);
    played.check('ports on the wire as expected', isSame, got);
  }
  const sources = JSON.stringify(mapping.map(({ sourceAfterSnat }) => sourceAfterSnat));
  if (played.id === 'icmp-clash') {
    const text = "the second pod's echo requests leave with the pod's own address";
    played.check(text, sources === '[["EIP"],["P2"]]', sources);
  }
  if (played.id === 'icmp-clash-remote') {
    played.check('nothing of the second pod on the wire', sources === '[["EIP"],[]]', sources);
  }
}

function range(from: number): number[] {
  return Array.from({ length: MANY }, (_, i) => from + i);
}
