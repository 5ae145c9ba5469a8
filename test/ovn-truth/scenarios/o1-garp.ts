// Gratuitous ARPs of gateway routers: at start-up, for an egress IP, after moves, after a restart.

import type { Seen } from '../../kernel-truth/decode.ts';
import { RELEASE_OF } from '../releases.ts';
import type { OvnScenario } from '../scenario.ts';
import type { OvnWorld } from '../world.ts';

const WINDOW = 33;
const ANNOUNCED: Readonly<Record<string, readonly string[]>> = {
  startup: ['N1 at N1', 'N2 at N2'],
  'eip-add': ['EIP at N1'],
  move: ['EIP at N2'],
  'move-back': ['EIP at N1'],
  'second-eip': ['EIP2 at N1'],
  'controller-restart': ['EIP2 at N1', 'N1 at N1'],
};

export const scenario: OvnScenario = {
  name: 'o1-garp',
  notCovered: null,
  options: { wire: ({ kind }) => kind === 'arp' },

  play(world) {
    world.captureWire();
    world.case('startup');
    world.act('start ovn-controller on n1 and n2');
    world.sleep(WINDOW);
    world.end();
    const series = (id: string, text: string, act: () => void, window = WINDOW): void => {
      world.case(id);
      world.act(text);
      act();
      world.sleep(window);
      world.end();
    };
    series('eip-add', 'EIP -> n1 (P1)', () => world.assign('EIP', ['P1'], 'n1'));
    series(
      'second-pod',
      'EIP on n1: row for P2 added',
      () => world.assign('EIP', ['P2'], 'n1'),
      12,
    );
    series('move', 'EIP: n1 -> n2', () => world.move('EIP', ['P1', 'P2'], 'n1', 'n2'));
    series('move-back', 'EIP: n2 -> n1', () => world.move('EIP', ['P1', 'P2'], 'n2', 'n1'));
    series('second-eip', 'EIP2 -> n1 (P3)', () => world.assign('EIP2', ['P3'], 'n1'), 20);
    series(
      'one-row-removed',
      'EIP on n1: row of P2 removed',
      () => world.unassign(['P2'], 'n1'),
      5,
    );
    series('removed', 'EIP removed from n1', () => world.unassign(['P1'], 'n1'), 5);
    series('controller-restart', 'stop ovn-controller on n1', () => restart(world), 24);
  },

  judge(world) {
    const times = RELEASE_OF[world.release].announcements;
    for (const played of world.cases) {
      const frames = played.frames('wire', { kind: 'arp' }).filter(({ spa, tpa }) => spa === tpa);
      const by = new Map<string, Seen[]>();
      for (const frame of frames) {
        const key = `${frame.spa} at ${frame.sha}`;
        by.set(key, [...(by.get(key) ?? []), frame]);
      }
      const names = [...by.keys()].sort();
      for (const [key, list] of by) {
        const values = (
          pick: (frame: Seen) => string | number | undefined,
        ): (string | number)[] => [...new Set(list.map((frame) => pick(frame) ?? ''))];
        played.fact(`garps ${key}`, {
          count: list.length,
          op: values(({ op }) => op),
          l2dst: values(({ l2dst }) => l2dst),
          tha: values(({ tha }) => tha),
          frameLen: values(({ length }) => length),
        });
      }
      const wanted = ANNOUNCED[played.id] ?? [];
      const what = wanted.length === 0 ? 'nothing' : wanted.join(', ');
      played.check(`announced: ${what}`, names.join() === wanted.join(), names);
      const zero = played.id === 'controller-restart' ? played.action(1).t : played.zero();
      for (const key of wanted) {
        const expected = times.filter((time) => time < played.end - zero - 0.5);
        const got = (by.get(key) ?? []).map(({ t }) => t - zero);
        const tolerance = played.id === 'startup' ? 1 : 0.35;
        const near =
          got.length === expected.length &&
          got.every((time, i) => Math.abs(time - (expected[i] ?? 0)) < tolerance);
        played.check(
          `${key}: ${expected.length} announcements at ${expected.join(', ')} s after the change`,
          near,
          got,
        );
      }
    }
  },
};

function restart(world: OvnWorld): void {
  const { announcer } = world.node('n1').gatewayRouter;
  announcer.stop();
  world.sleep(0.5);
  world.act('start ovn-controller on n1');
  announcer.start();
}
