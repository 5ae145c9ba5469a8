// Control plane meters on the gateway router: ARP requests, ICMP errors and ARP answers in a burst.

import type { CaseRun } from '../../kernel-truth/case-run.ts';
import type { Seen } from '../../kernel-truth/decode.ts';
import type { OvnScenario } from '../scenario.ts';

const WEB = '203.0.113.5';
const RATE = 25;

export const scenario: OvnScenario = {
  name: 'o11-copp',
  notCovered: null,
  options: { nodes: ['n1'], pods: ['P1'] },

  play(world) {
    world.x('RTR', `ip addr add ${WEB}/32 dev eth0`);
    world.ready();
    world.x('P1', `ping -c 1 -q ${WEB}`);
    world.assign('EIP', ['P1'], 'n1');
    world.sleep(world.quiet());
    world.captureWire();
    world.capturePod('P1');
    const udp = (to: string, life: number) => (): void => {
      const flow = `--src ${world.at('P1:46000')} --dst ${to}:9000 --ttl ${life}`;
      world.gt('P1', `udp ${flow} --count 150 --interval 0.02 --linger 0.3`);
    };
    const played = (id: string, text: string, act: () => void): void => {
      world.case(id);
      world.act(text);
      act();
      world.sleep(0.7);
      world.end();
    };
    const frames = Array.from(
      { length: 100 },
      (_, i) => `1,DB,DB,0,EIP,ff@${(i / 100).toFixed(3)}`,
    );
    for (const suffix of ['', '-copp']) {
      if (suffix !== '') {
        world.node('n1').gatewayRouter.setMeters(RATE);
        world.sleep(1);
      }
      played(`unresolved${suffix}`, 'P1: 150 UDP -> FREE, 20 ms apart', udp(world.at('FREE'), 64));
      played(`ttl${suffix}`, 'P1: 150 UDP ttl 2 -> WEB, 20 ms apart', udp(WEB, 2));
      const first = 'P1: 150 UDP ttl 1 -> WEB, 20 ms apart';
      played(`ttl-cluster-router${suffix}`, first, udp(WEB, 1));
      played(`arp-answers${suffix}`, 'DB: 100 ARP requests EIP, 10 ms apart', () =>
        world.arp('DB', ...frames),
      );
    }
  },

  judge(world) {
    for (const played of world.cases) judgeCase(played);
  },
};

function judgeCase(played: CaseRun): void {
  const { id } = played;
  const seen = countedIn(played);
  const all = id.startsWith('arp') ? 100 : 150;
  const perSecond = new Map<number, number>();
  for (const { t } of seen) {
    const second = Math.floor(t - (seen[0]?.t ?? 0));
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
  }
  const counts = [...perSecond.values()];
  if (!id.endsWith('-copp')) {
    played.check('every one', seen.length === all, seen.length);
  } else if (id.startsWith('arp') || id.startsWith('ttl-cluster')) {
    played.check('not limited', seen.length === all, seen.length);
  } else {
    const isLimited = seen.length >= 75 && seen.length <= 125 && Math.max(...counts) <= 51;
    played.check('limited to 25 in a second', isLimited, counts);
  }
  played.keep((event) => event.kind === 'action');
}

function countedIn(played: CaseRun): Seen[] {
  const { id } = played;
  if (id.startsWith('unresolved')) {
    return played.frames('wire', { kind: 'arp', op: 'request', l2src: 'N1', tpa: 'FREE' });
  }
  if (id.startsWith('ttl')) return played.frames('P1', { kind: 'icmp', type: 11 });
  return played.frames('wire', { kind: 'arp', op: 'reply', spa: 'EIP' });
}
