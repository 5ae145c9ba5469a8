// A reroute policy with two next hops: which flow takes which node, stickiness, one next hop taken away.

import type { CaseRun } from '../../kernel-truth/case-run.ts';
import type { OvnScenario } from '../scenario.ts';
import type { OvnWorld } from '../world.ts';

const RANGE = '20000-20127';
const ONE_NODE = ['spread-1', 'spread-2', 'spread-3', 'other-pod', 'other-destination', 'icmp-ids'];
const NODE_OF: Readonly<Record<string, string>> = { EIP: 'N1', EIP2: 'N2' };

export const scenario: OvnScenario = {
  name: 'o7-ecmp',
  notCovered: null,
  options: {
    pods: ['P1', 'P3'],
    hosts: ['DB', 'DB2', 'RTR'],
    wire: ({ kind }) => kind !== 'arp',
  },

  play(world) {
    world.ready();
    for (const pod of ['P1', 'P3']) {
      world.putNat('EIP', pod, 'n1');
      world.putNat('EIP2', pod, 'n2');
      world.putPolicy(pod, ['n1', 'n2']);
    }
    world.start('DB', 'udpecho --bind 0.0.0.0:7000');
    world.start('DB2', 'udpecho --bind 0.0.0.0:7000');
    world.start('DB', 'tcpserver --bind 0.0.0.0:8000');
    world.sleep(2);
    world.captureWire();
    const flush = (): void => world.flushConntrack('n1', 'n2');
    const scan = (pod: string, ports: string, to = 'DB:7000'): void => {
      world.act(`${pod}: UDP ports ${ports} -> ${to}`);
      const flow = `--src ${world.at(pod)} --ports ${ports} --dst ${world.at(to)}`;
      world.gt(pod, `udpscan ${flow} --interval 0.01`);
      world.sleep(0.3);
    };
    const played = (id: string, ...steps: readonly (() => void)[]): void => {
      world.case(id);
      for (const step of steps) step();
      world.end();
    };
    played('spread-1', () => scan('P1', RANGE));
    played('spread-2', () => scan('P1', RANGE));
    played('spread-3', flush, () => scan('P1', RANGE));
    played('other-pod', () => scan('P3', RANGE));
    played('other-destination', () => scan('P1', RANGE, 'DB2:7000'));
    played('one-flow-many-packets', () => {
      world.act('P1: UDP 30000 -> DB:7000, 40 datagrams');
      const flow = `--src ${world.at('P1:30000')} --dst ${world.at('DB:7000')}`;
      world.gt('P1', `udp ${flow} --count 40 --interval 0.05`);
    });
    played('icmp-ids', () => {
      for (let id = 100; id < 116; id++) {
        world.act(`P1: ping id ${id}`);
        world.x('P1', `ping -c 2 -i 0.02 -W 1 -q -e ${id} ${world.at('DB')}`);
      }
    });
    played('tcp', () => tcps(world, 31_000));
    played('tcp-again', flush, () => tcps(world, 31_000));
    played('tcp-n2-removed', () =>
      tcps(world, 32_000, ['policy of P1: only n1', () => world.putPolicy('P1', ['n1'])]),
    );
    played('tcp-n2-back', () =>
      tcps(world, 33_000, ['policy of P1: n1 and n2', () => world.putPolicy('P1', ['n1', 'n2'])]),
    );
  },

  judge(world) {
    for (const played of world.cases) judgeCase(played);
  },
};

/** 24 connections at once; in the middle of them something may change. */
function tcps(world: OvnWorld, base: number, change: [string, () => void] | null = null): void {
  world.act(`P1: 24 TCP connections from ports ${base}..`);
  const [count, hold] = change === null ? [3, 0.8] : [22, 7];
  const clients = Array.from({ length: 24 }, (_, i) => {
    const flow = `--src ${world.at('P1')}:${base + i} --dst ${world.at('DB:8000')}`;
    return world.start(
      'P1',
      `tcpclient ${flow} --count ${count} --interval 0.25 --hold ${hold} --verbose`,
    );
  });
  if (change !== null) {
    const [text, act] = change;
    world.sleep(0.8);
    world.act(text);
    act();
  }
  world.wait(...clients);
}

function judgeCase(played: CaseRun): void {
  const where = new Map<number, string>();
  const connections = new Set<number>();
  let changes = 0;
  for (const frame of played.frames('wire')) {
    const node = NODE_OF[frame.src ?? ''];
    const isOf = frame.kind === 'udp' || frame.kind === 'tcp' || frame.type === 8;
    if (node === undefined || !isOf) continue;
    const flow = frame.sport ?? frame.id ?? 0;
    if ((where.get(flow) ?? node) !== node) changes++;
    where.set(flow, node);
    if (frame.kind === 'tcp') connections.add(flow);
  }
  const nodes = [...where.values()];
  const counts = ['N1', 'N2'].map((name) => nodes.filter((node) => node === name).length);
  const [first = 0, second = 0] = counts;
  const isChange = played.id.startsWith('tcp-n2');
  if (!isChange) played.fact('flowsSeenOnBothNodes', changes);
  if (ONE_NODE.includes(played.id)) {
    const text = 'all UDP flows (pings) between two hosts take one node, ports (ids) do not matter';
    played.check(text, Math.min(first, second) === 0 && first + second > 0, counts);
  }
  if (played.id === 'tcp' || played.id === 'tcp-again') {
    played.check('TCP flows spread: 15 and 9 of 24', first === 15 && second === 9, counts);
  }
  if (!isChange) played.check('no flow changes its node', changes === 0);
  played.keep((event) => event.kind === 'action');
}
