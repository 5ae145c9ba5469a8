// Ageing of MAC bindings with a threshold of 6 s: idle, in use, in use while the host answers no ARP.

import { RELEASE_OF } from '../releases.ts';
import type { OvnScenario } from '../scenario.ts';
import type { OvnWorld } from '../world.ts';

const THRESHOLD = 6;
const LOOK_SECONDS = 0.05;

/** When the binding of DB went, by case, in seconds of lab time. */
const removals = new Map<string, number[]>();

export const scenario: OvnScenario = {
  name: 'o8b-mac-binding-ageing',
  notCovered: null,
  options: { nodes: ['n1'], pods: ['P1'], bindingAge: THRESHOLD },

  play(world) {
    world.assign('EIP', ['P1'], 'n1');
    world.sleep(world.quiet());
    world.captureWire();
    const send = (count: number): void => {
      const flow = `--src ${world.at('P1:43000')} --dst ${world.at('DB:9000')}`;
      world.start('P1', `udp ${flow} --count ${count} --interval 0.5 --linger 0`);
    };
    world.case('age-idle');
    world.act('P1: UDP -> DB');
    send(1);
    watch(world, 'age-idle', 26.1);
    world.end();
    world.case('age-used');
    world.act('P1: 40 UDP -> DB, 0.5 s apart');
    send(40);
    watch(world, 'age-used', 45.6);
    world.end();
    world.case('age-gone');
    world.act('P1: UDP -> DB');
    send(1);
    world.sleep(0.6);
    world.act('DB: arp off');
    // IFF_NOARP: it answers nobody, and sends everything to its own MAC.
    world.sysctl('DB', 'net.ipv4.conf.eth0.arp_ignore=8');
    const own = `lladdr ${world.roles.macOf('DB')} nud permanent dev eth0`;
    world.x('DB', `ip neigh replace ${world.at('EIP')} ${own}`);
    world.act('P1: 40 UDP -> DB, 0.5 s apart');
    send(40);
    watch(world, 'age-gone', 20.6);
    world.end();
  },

  judge(world) {
    const isNew = RELEASE_OF[world.release].ageing === 'use';
    for (const played of world.cases) {
      const { id } = played;
      const zero = played.zero();
      const asked = played
        .frames('wire', { kind: 'arp', op: 'request', l2src: 'N1', tpa: 'DB' })
        .filter(({ t }) => t >= zero);
      const broadcast = asked.every(({ l2dst, spa }) => l2dst === 'BROADCAST' && spa === 'N1');
      played.check('requests are broadcast, spa = node IP', broadcast);
      const removed = (removals.get(id) ?? []).map((t) => t - zero);
      const near = (wanted: number, tolerance: number): boolean =>
        removed.length === 1 && Math.abs((removed[0] ?? 0) - wanted) < tolerance;
      const datagrams = played.frames('wire', { kind: 'udp', src: 'EIP' }).length;
      played.drop((event) => event.kind === 'udp');
      if (id === 'age-idle') {
        const text = isNew
          ? 'asked again once at T, removed at 3 T'
          : 'removed at T, not asked again';
        const isRight = asked.length === (isNew ? 2 : 1) && near(isNew ? 18 : 6.1, 2.5);
        played.check(text, isRight, [asked.map(({ t }) => t - zero), removed]);
      }
      if (id === 'age-used') {
        const text = isNew
          ? 'not removed while used'
          : 'removed every T although used, next packet asks again';
        const isRight = isNew
          ? removed.every((t) => t >= 26)
          : removed.length >= 3 && asked.length >= 3;
        played.check(text, isRight, removed);
        played.check('no datagram lost', datagrams === 40, datagrams);
      }
      if (id === 'age-gone') {
        const text = isNew ? 'asked every T*3/16 from T on, removed at about 2 T' : 'removed at T';
        played.check(text, near(isNew ? 11.6 : 6.1, 1.5), removed);
      }
    }
  },
};

/** Looks at the table as the script does, every 50 ms. */
function watch(world: OvnWorld, id: string, seconds: number): void {
  const gone: number[] = [];
  const { bindings } = world.node('n1').gatewayRouter;
  const isThere = (): boolean =>
    bindings.rows.some(({ address }) => world.roleOf(address) === 'DB');
  let was = isThere();
  for (let passed = 0; passed < seconds; passed += LOOK_SECONDS) {
    world.sleep(LOOK_SECONDS);
    const is = isThere();
    if (was && !is) gone.push(world.now);
    was = is;
  }
  removals.set(id, gone);
}
