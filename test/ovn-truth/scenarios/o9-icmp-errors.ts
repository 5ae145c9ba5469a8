// ICMP errors: TTL exceeded by the logical routers and behind, errors back through SNAT, fragmentation.

import type { CaseRun } from '../../kernel-truth/case-run.ts';
import type { OvnScenario } from '../scenario.ts';
import type { OvnWorld } from '../world.ts';

const WEB = '203.0.113.5';
const EXCEEDED: Readonly<Record<string, string>> = {
  'ttl-1': 'WEB',
  'ttl-1-remote': 'WEB',
  'ping-ttl-1': 'WEB',
  'ttl-2': 'JOIN.N1',
  'ttl-2-remote': 'JOIN.N2',
};

export const scenario: OvnScenario = {
  name: 'o9-icmp-errors',
  notCovered: null,
  options: { pods: ['P1', 'P3'], gatewayMtu: 1400 },

  play(world) {
    world.x('RTR', `ip addr add ${WEB}/32 dev eth0`);
    world.ready();
    world.assign('EIP', ['P1'], 'n1');
    for (const pod of ['P1', 'P3']) world.x(pod, `ping -c 1 -q ${WEB}`);
    world.x('DB', `ip route add 203.0.113.0/24 via ${world.at('RTR')}`);
    world.sleep(world.quiet());
    world.captureWire();
    for (const pod of ['P1', 'P3']) world.capturePod(pod);
    const played = (id: string, text: string, act: () => void): void => {
      world.case(id, 'wire', 'P1');
      world.act(text);
      act();
      world.sleep(0.5);
      world.end();
    };
    const udp = (to: string, life: number) => (): void => {
      const flow = `--src ${world.at('P1')}:${44_000 + life} --dst ${to}`;
      world.gt('P1', `udp ${flow} --ttl ${life} --count 1 --connect --linger 0.4 --verbose`);
    };
    const lives = (suffix: string): void => {
      for (let life = 1; life <= 4; life++) {
        played(`ttl-${life}${suffix}`, `P1: UDP ttl ${life} -> WEB`, udp(`${WEB}:33434`, life));
      }
    };
    lives('');
    world.unassign(['P1'], 'n1');
    world.assign('EIP', ['P1'], 'n2');
    world.sleep(world.quiet());
    lives('-remote');
    played('ping-ttl-1', 'P1: ping ttl 1 -> WEB', () => {
      world.x('P1', `ping -c 1 -t 1 -W 1 -q -e 79 ${WEB}`);
    });
    played('port-unreachable', 'P1: UDP -> DB:9999', udp(world.at('DB:9999'), 64));
    played('host-unreachable-behind', 'P1: UDP -> 198.51.100.9', () => {
      world.x('RTR', 'ip route add unreachable 198.51.100.0/24');
      udp('198.51.100.9:9000', 64)();
    });
    const answers = 'P1: UDP 44100 -> DB:9100; DB: 2 answers of 1450 bytes';
    played('frag-df', answers, () => answer(world, 44_100, 1450, 2, 2));
    played('frag-nodf', answers, () => answer(world, 44_100, 1450, 0, 2));
    played('frag-small', 'P1: UDP 44101 -> DB:9100; DB: answer of 1372 bytes', () =>
      answer(world, 44_101, 1372, 3, 1),
    );
  },

  judge(world) {
    for (const played of world.cases) judgeCase(played);
  },
};

/** The pod begins a flow, then DB answers with so many large datagrams. */
function answer(world: OvnWorld, port: number, size: number, df: number, count: number): void {
  const pod = `${world.at('P1')}:${port}`;
  const db = world.at('DB:9100');
  world.gt('P1', `udp --src ${pod} --dst ${db} --count 1 --linger 0`);
  world.sleep(0.2);
  if (df === 3) world.host('DB').routes.flush();
  const more = `--size ${size} --df ${df} --count ${count} --interval 0.3 --linger 0.4 --verbose`;
  world.gt('DB', `udp --src ${db} --dst ${world.at('EIP')}:${port} ${more}`);
}

function judgeCase(played: CaseRun): void {
  const { id } = played;
  const errors = played
    .frames('')
    .filter(({ kind, type = 0 }) => kind === 'icmp' && [3, 5, 11].includes(type));
  const atPod = errors.filter(({ at }) => at === 'P1');
  const [only] = atPod;
  const source = EXCEEDED[id];
  if (source !== undefined) {
    const isRight = atPod.length === 1 && only?.type === 11 && only.src === source;
    played.check(`time exceeded reaches the pod, source ${source}`, isRight, only?.src ?? null);
  }
  if (id === 'port-unreachable' || id === 'host-unreachable-behind') {
    const inner = only?.inner;
    const text = 'the error reaches the pod, inner addresses and checksums translated back';
    played.check(text, atPod.length === 1 && inner?.src === 'P1' && inner.l4SumOk === true);
  }
  if (id === 'frag-df') {
    const [needed, ...more] = errors.filter(({ type, code }) => type === 3 && code === 4);
    const isRight =
      more.length === 0 &&
      needed?.src === 'EIP' &&
      needed.mtu === 1400 &&
      needed.ttl === 254 &&
      needed.inner?.quotedBytes === 534;
    const text = 'fragmentation needed from the egress IP, mtu 1400, TTL 254, 534 bytes quoted';
    played.check(text, isRight, needed?.inner?.quotedBytes ?? null);
  }
}
