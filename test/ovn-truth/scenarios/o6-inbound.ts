// Unsolicited packets to an egress IP and to a node IP, with and without the flows of br-ex.

import type { CaseRun } from '../../kernel-truth/case-run.ts';
import type { Seen } from '../../kernel-truth/decode.ts';
import type { OvnScenario } from '../scenario.ts';
import type { OvnOptions, OvnWorld } from '../world.ts';

/** The node's limits for ICMP errors and redirects fill up again. */
const RECOVERY_SECONDS = 7;

export const scenario: OvnScenario = inbound('o6-inbound', 'ovn-kubernetes');
export const plainScenario: OvnScenario = inbound('o6-inbound-plain', 'plain');

function inbound(name: string, flows: NonNullable<OvnOptions['flows']>): OvnScenario {
  const isPlain = flows === 'plain';
  return {
    name,
    notCovered: null,
    options: { pods: ['P1', 'P3'], flows },
    play: (world) => play(world, isPlain),
    judge: (world) => {
      for (const played of world.cases) judgeCase(played, isPlain);
    },
  };
}

function play(world: OvnWorld, isPlain: boolean): void {
  world.ready();
  world.assign('EIP', ['P1'], 'n1');
  world.sleep(world.quiet());
  world.captureWire();
  world.capturePod('P1');
  const played = (id: string, text: string, act: () => void, window = 3.4): void => {
    if (!isPlain && window > 1) world.sleep(RECOVERY_SECONDS);
    reset(world);
    world.case(id);
    world.act(text);
    act();
    world.sleep(window);
    world.end();
  };
  const tcp = (to: string, host = 'DB'): void => {
    const flow = `--src ${world.at(host)}:45000 --dst ${world.at(to)}:443`;
    world.gt(host, `tcpclient ${flow} --connect-timeout 3.5 --hold 0.1`);
  };
  const udp = (to: string): void => {
    const flow = `--src ${world.at('DB')}:45001 --dst ${world.at(to)}:5353`;
    world.gt('DB', `udp ${flow} --count 2 --interval 0.5 --connect --linger 0.5 --verbose`);
  };
  const ping = (to: string): void => world.ping('DB', '-c 2 -i 0.5 -W 1 -e 77', to);
  const all = (suffix: string): void => {
    played(`ping-eip${suffix}`, 'DB: ping -c 2 EIP', () => ping('EIP'));
    played(`tcp-eip${suffix}`, 'DB: TCP EIP:443', () => tcp('EIP'));
    played(`udp-eip${suffix}`, 'DB: UDP EIP:5353', () => udp('EIP'));
  };
  all('');
  if (!isPlain) {
    world.sysctl('n1', 'net.ipv4.ip_forward=0');
    all('-nofwd');
    world.sysctl('n1', 'net.ipv4.ip_forward=1');
  }
  played('ping-node', 'DB: ping -c 2 N1', () => ping('N1'), 0.5);
  played('tcp-node', 'DB: TCP N1:443', () => tcp('N1'), 0.5);
  played('udp-node', 'DB: UDP N1:5353', () => udp('N1'), 0.5);
  const own = (): void => world.ping('P1', '-c 2 -i 0.5 -W 1 -e 78', 'EIP');
  played('pod-same-node-to-eip', 'P1: ping -c 2 EIP', own, 0.5);
  played('pod-other-node-to-eip', 'P3: TCP EIP:443', () => tcp('EIP', 'P3'), 0.5);
  world.x('P1', `ping -c 1 -q ${world.at('DB')}`);
  const text = 'P1: UDP 42000 -> DB:9000, flush, DB: 2 UDP -> EIP:42000';
  played('reply-after-expiry', text, () => expire(world), 0.5);
}

function expire(world: OvnWorld): void {
  const there = `--src ${world.at('P1:42000')} --dst ${world.at('DB:9000')}`;
  const back = `--src ${world.at('DB:9000')} --dst ${world.at('EIP:42000')}`;
  world.gt('P1', `udp ${there} --count 1 --linger 0.1`);
  world.flushConntrack('n1');
  world.gt('DB', `udp ${back} --count 2 --interval 0.3 --linger 0.1`);
}

function reset(world: OvnWorld): void {
  const db = world.host('DB');
  for (const iface of db.interfaces) db.neighbors.flush(iface, true);
  db.routes.flush();
  const n1 = world.host('n1');
  n1.neighbors.flush(world.node('n1').bridge, true);
}

function judgeCase(played: CaseRun, isPlain: boolean): void {
  const frames = played.frames('wire');
  const { id } = played;
  const counts = new Map<string, number>();
  for (const key of frames.map(keyOf)) counts.set(key, (counts.get(key) ?? 0) + 1);
  const count = (key: string): number => counts.get(key) ?? 0;
  const back = [...counts.keys()].filter((key) => key.includes('(N1)>DB(DB)'));
  const names = back.map((key) => key.split(' N1')[0] ?? '');
  const asked = count('arp request N1>EIP');
  const isToEip = ['ping-eip', 'tcp-eip', 'udp-eip'].includes(id);
  if (isToEip && isPlain) {
    const arrived = frames.filter(({ src, dst }) => src === 'DB' && dst === 'EIP').length;
    const text =
      'nothing comes back; the gateway router asks for its own egress IP once per packet';
    played.check(text, back.length === 0 && asked === arrived, [...counts.keys()]);
  } else if (isToEip) {
    const allowed = ['icmp redirect-host', 'icmp host-unreachable'];
    const isRight =
      names.includes('icmp redirect-host') && names.every((name) => allowed.includes(name));
    played.check('redirect from the node IP, no answer from the egress IP', isRight, back);
    if (id !== 'tcp-eip') {
      played.check(
        'host-unreachable from the node IP',
        names.includes('icmp host-unreachable'),
        back,
      );
    }
    played.check("the node's own stack asks for the egress IP", asked >= 3, asked);
  }
  if (id.endsWith('-nofwd')) played.check('silence', back.length === 0 && asked === 0, back);
  if (id === 'ping-node') {
    played.check('answered', count('icmp echo-reply N1(N1)>DB(DB)') === 2);
    const wanted = isPlain ? 254 : 64;
    const lives = frames.filter(({ kind, type }) => kind === 'icmp' && type === 0);
    const isRight = lives.every(({ ttl }) => ttl === wanted);
    played.check(`TTL of the echo reply: ${wanted}`, lives.length > 0 && isRight);
  }
  if (id === 'tcp-node' && !isPlain) {
    played.check("the node's own stack answers with RST", count('tcp RA N1(N1)>DB(DB)') === 1);
  }
  if (id === 'udp-node' && !isPlain) {
    const text = "the node's own stack answers port unreachable";
    played.check(text, count('icmp port-unreachable N1(N1)>DB(DB)') === 2);
  }
  if (isPlain && (id === 'tcp-node' || id === 'udp-node')) {
    const text = 'the gateway router drops TCP and UDP to its own address silently';
    played.check(text, back.length === 0, back);
  }
}

const NAMES: Readonly<Record<string, string>> = {
  '0/0': 'echo-reply',
  '8/0': 'echo-request',
  '3/1': 'host-unreachable',
  '3/3': 'port-unreachable',
  '5/1': 'redirect-host',
};

function keyOf(frame: Seen): string {
  const { kind, op, l2src, l2dst, tpa, src, dst, flags, type, code } = frame;
  if (kind === 'arp') return `arp ${op} ${l2src}>${tpa}`;
  const name =
    kind === 'icmp' ? `icmp ${NAMES[`${type}/${code}`]}` : kind === 'tcp' ? `tcp ${flags}` : kind;
  return `${name} ${src}(${l2src})>${dst}(${l2dst})`;
}
