// external_ids:garp-max-timeout-sec: series with 4, 1, 0 and 60, changed while running, taken away.

import { RELEASE_OF } from '../releases.ts';
import type { OvnScenario } from '../scenario.ts';

/** When something unknown woke the packet thread of the run with 60: the option had waited until then. */
const WOKEN_AFTER = 55.02;

export const scenario: OvnScenario = {
  name: 'o4-garp-timeout',
  notCovered: null,
  options: { nodes: ['n1'], pods: ['P1'], wire: ({ kind }) => kind === 'arp' },

  play(world) {
    world.ready();
    world.sleep(world.quiet());
    world.captureWire();
    const { announcer } = world.node('n1').gatewayRouter;
    const played = (id: string, text: string, act: () => void, window: number): void => {
      world.case(id);
      world.act(text);
      act();
      world.sleep(window);
      world.end();
    };
    const limit = (seconds: number) => (): void => announcer.setMaxTimeout(seconds);
    played('set-4', 'n1: garp-max-timeout-sec=4', limit(4), 22);
    played('eip-with-4', 'EIP -> n1 (P1)', () => world.assign('EIP', ['P1'], 'n1'), 18);
    played('set-1', 'n1: garp-max-timeout-sec=1', limit(1), 8);
    played('set-0', 'n1: garp-max-timeout-sec=0', limit(0), 20);
    const late = (): void => {
      announcer.setMaxTimeout(60);
      world.sleep(WOKEN_AFTER + 1);
      announcer.wake();
    };
    played('set-60', 'n1: garp-max-timeout-sec=60', late, 66 - WOKEN_AFTER - 1);
    played('removed', 'n1: garp-max-timeout-sec removed', limit(0), 20);
  },

  judge(world) {
    for (const played of world.cases) {
      const zero = played.zero();
      const times: Record<string, number[]> = {};
      for (const { spa = '', tpa, t } of played.frames('wire', { kind: 'arp' })) {
        if (spa === tpa) times[spa] = [...(times[spa] ?? []), t - zero];
      }
      const names = Object.keys(times).sort();
      played.fact(
        'garps',
        Object.fromEntries(names.map((name) => [name, times[name]?.length ?? 0])),
      );
      const { knowsMaxTimeout } = RELEASE_OF[world.release];
      const eip = times.EIP ?? [];
      if (played.id === 'eip-with-4') {
        const text = knowsMaxTimeout
          ? 'doubling up to 4 s, then every 4 s'
          : 'option unknown: default series';
        played.check(text, near(eip, knowsMaxTimeout ? [1, 2, 4, 8, 12, 16] : [1, 3, 7, 15]), eip);
      }
      if (played.id === 'set-1' && knowsMaxTimeout) {
        const gaps = eip.slice(1).map((time, i) => time - (eip[i] ?? 0));
        const isEvery = gaps.length >= 5 && gaps.every((gap) => gap > 0.8 && gap < 1.2);
        played.check('every second', isEvery, gaps);
      }
    }
  },
};

function near(got: readonly number[], wanted: readonly number[]): boolean {
  return (
    got.length === wanted.length && got.every((time, i) => Math.abs(time - (wanted[i] ?? 0)) < 0.35)
  );
}
