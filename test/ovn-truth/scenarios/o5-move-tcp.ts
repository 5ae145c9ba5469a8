// An open TCP connection and a UDP flow while the egress IP moves between nodes, and what the old gateway
// router does with packets that come late.

import type { CaseRun } from '../../kernel-truth/case-run.ts';
import type { Seen } from '../../kernel-truth/decode.ts';
import type { OvnScenario } from '../scenario.ts';
import type { OvnWorld } from '../world.ts';

const TCP = 'P1: TCP -> DB:8000, 4 bytes every 0.25 s, echoed';
const UDP = 'P1: UDP -> DB:7000, a datagram every 0.25 s, echoed';
/** What it takes at least, rounded down: events have tenths of a second. */
const STARTUP = 0.05;
const NODES = ['N1', 'N2', 'N3'];

export const scenario: OvnScenario = {
  name: 'o5-move-tcp',
  notCovered: null,
  options: { nodes: ['n1', 'n2', 'n3'], pods: ['P1'] },
  tcpUntil: {
    'tcp-local-to-remote-gap': 1.4,
    'tcp-removed-local': 1.4,
    'tcp-removed-remote': 1.4,
  },

  play(world) {
    world.ready();
    world.assign('EIP', ['P1'], 'n1');
    world.start('DB', 'udpecho --bind 0.0.0.0:7000');
    world.start('DB', 'tcpserver --bind 0.0.0.0:8000');
    world.sleep(world.quiet());
    world.captureWire();
    world.capturePod('P1');
    const run = new Run(world);
    const move =
      (from: string, to: string, gap = 0) =>
      (): void =>
        world.move('EIP', ['P1'], from, to, gap);
    run.tcp('tcp-local-to-remote', 'EIP: n1 -> n2', move('n1', 'n2'));
    run.tcp('tcp-remote-to-remote', 'EIP: n2 -> n3', move('n2', 'n3'));
    run.tcp('tcp-remote-to-local', 'EIP: n3 -> n1', move('n3', 'n1'));
    run.tcp('tcp-local-to-remote-gap', 'EIP: n1 -> n2, 1 s gap', move('n1', 'n2', 1));
    run.tcp('tcp-remote-to-remote-gap', 'EIP: n2 -> n3, 1 s gap', move('n2', 'n3', 1));
    run.udp('udp-remote-to-remote', 'EIP: n3 -> n2', move('n3', 'n2'));
    run.udp('udp-back', 'EIP: n2 -> n3', move('n2', 'n3'), false);
    run.udp('udp-loop', 'EIP: n3 -> n1', move('n3', 'n1'), false);
    world.move('EIP', ['P1'], 'n1', 'n2');
    world.sleep(2.5);
    run.udp('udp-remote-to-local-gap', 'EIP: n2 -> n1, 1 s gap', move('n2', 'n1', 1), true, 41_001);
    run.tcp('tcp-removed-local', 'EIP removed from n1', () => world.unassign(['P1'], 'n1'));
    world.assign('EIP', ['P1'], 'n2');
    world.sleep(2.5);
    run.tcp('tcp-removed-remote', 'EIP removed from n2', () => world.unassign(['P1'], 'n2'));
    world.assign('EIP', ['P1'], 'n1');
    world.sleep(2.5);
    for (const [i, from] of ['n1', 'n2', 'n3'].entries()) {
      const to = ['n2', 'n3', 'n1'][i] ?? '';
      run.race(`race-${i + 1}`, `EIP: ${from} -> ${to}`, move(from, to));
      world.sleep(3);
    }
  },

  judge(world) {
    for (const played of world.cases) judgeCase(played);
  },
};

class Run {
  readonly #world: OvnWorld;
  #port = 40_000;

  constructor(world: OvnWorld) {
    this.#world = world;
  }

  tcp(id: string, text: string, act: () => void): void {
    this.#play(id, TCP, () => this.#connect(16, 0.25, 5.5), text, act, true, 1.1, 5);
  }

  udp(id: string, text: string, act: () => void, forgets = true, port = 41_000): void {
    const world = this.#world;
    const flow = `--src ${world.at('P1')}:${port} --dst ${world.at('DB:7000')}`;
    const begin = (): void => {
      world.start('P1', `udp ${flow} --count 20 --interval 0.25`);
    };
    this.#play(id, UDP, begin, text, act, forgets, 1.1, 5);
  }

  race(id: string, text: string, act: () => void): void {
    const begin = (): void => {
      for (let i = 0; i < 12; i++) this.#connect(190, 0.03, 6);
    };
    this.#play(id, 'P1: 12 TCP connections -> DB:8000', begin, text, act, true, 0.9, 3);
  }

  #play(
    id: string,
    start: string,
    begin: () => void,
    text: string,
    act: () => void,
    forgets: boolean,
    before: number,
    after: number,
  ): void {
    const world = this.#world;
    if (forgets) world.forget('EIP');
    const { truth } = world.case(id);
    world.act(start);
    // Python took its time, in each measured run another one.
    const first = truth.events.find(({ kind }) => kind !== 'action')?.t ?? 0;
    world.sleep(Math.max(0, first - STARTUP));
    begin();
    world.sleep(before - Math.max(0, first - STARTUP));
    world.act(text);
    act();
    world.sleep(after);
    world.end();
    world.sleep(1.5);
  }

  #connect(count: number, interval: number, hold: number): void {
    const world = this.#world;
    const flow = `--src ${world.at('P1')}:${++this.#port} --dst ${world.at('DB:8000')}`;
    const pace = `--count ${count} --interval ${interval} --hold ${hold}`;
    world.start('P1', `tcpclient ${flow} ${pace} --verbose`);
  }
}

function judgeCase(played: CaseRun): void {
  const { id } = played;
  const data = played.frames('wire').filter(({ kind }) => kind === 'tcp' || kind === 'udp');
  const moved = played.action(1);
  const isReset = ({ flags = '' }: Seen): boolean => flags.includes('R');
  const ends = moved.text.replace('EIP: ', '').split(',')[0]?.toUpperCase().split(' -> ') ?? [];
  const [from = '', to = ''] = ends;
  if (ends.length === 2 && !id.startsWith('race')) judgeMove(played, data, moved.t, from, to);
  if (id === 'udp-remote-to-local-gap') {
    const last = data.filter(({ dst }) => dst === 'DB').at(-1);
    const text =
      'the flow keeps the node IP it got in the gap, also after the egress IP has come to this node';
    played.check(text, last?.src === 'N1' && last.t > moved.t + 2, last?.src ?? null);
  }
  if (id === 'tcp-removed-remote') {
    const text = "next packet leaves with the node IP of the pod's node and is reset";
    played.check(
      text,
      data.some((frame) => isReset(frame) && frame.dst === 'N1'),
    );
  }
  if (id === 'tcp-removed-local') {
    const text =
      "the pod's packets keep leaving with the egress IP (tracked), nothing comes back to the pod, no RST";
    played.check(text, !data.some((frame) => isReset(frame) || frame.src === 'N1'));
  }
  if (id.startsWith('race')) played.keep((event) => event.kind === 'action');
}

function judgeMove(
  played: CaseRun,
  data: readonly Seen[],
  moved: number,
  from: string,
  to: string,
): void {
  const { id } = played;
  const hasGap = id.endsWith('gap');
  const until = moved + (hasGap ? 2.45 : 1.45);
  const late = data.filter(({ dst, l2dst, t }) => dst === 'EIP' && l2dst === from && t > until);
  const only = 'within 1.4 s of the last transaction DB sends to the new node only';
  played.check(only, late.length === 0, late.length);
  const forwarded = data.filter(({ l2src, dst }) => l2src === from && dst === 'EIP');
  const leaked = data.some(({ src = '', dst }) => dst === 'DB' && NODES.includes(src));
  played.fact('packetsWithNodeIpDuringMove', leaked);
  if (id !== 'udp-loop' && !hasGap && !leaked) {
    const isRight = forwarded.every(({ ttl, l2dst }) => ttl === 63 && l2dst === to);
    const text = 'late packets are passed on from the old to the new node with TTL 63';
    played.check(text, forwarded.length > 0 && isRight);
  }
  const resets = data.filter(({ flags = '' }) => flags.includes('R'));
  if (leaked && id.startsWith('tcp')) {
    const text = 'DB answers the packet with the node IP by RST and the connection is lost';
    played.check(
      text,
      resets.some(({ src }) => src === 'DB'),
    );
  } else if (id.startsWith('tcp') && !hasGap) {
    played.check('the connection survives, no RST', resets.length === 0);
  }
  if (id === 'udp-loop') judgeLoop(played, data);
}

function judgeLoop(played: CaseRun, data: readonly Seen[]): void {
  const holders = ['N2', 'N3'];
  const circling = data.filter(
    ({ l2src, l2dst }) => holders.includes(l2src) && holders.includes(l2dst),
  );
  const [first] = circling;
  const lives = circling
    .filter(({ data: octets }) => octets === first?.data)
    .map(({ ttl = 0 }) => ttl);
  const wanted = Array.from({ length: 63 }, (_, i) => 63 - i);
  const text = 'a late datagram circles until its TTL is used up';
  played.check(text, lives.join() === wanted.join(), lives);
  played.keep(
    ({ kind, l2src, l2dst, ttl }) =>
      kind !== 'udp' ||
      !(
        holders.includes(String(l2src)) &&
        holders.includes(String(l2dst)) &&
        Number(ttl) > 3 &&
        Number(ttl) < 61
      ),
  );
}
