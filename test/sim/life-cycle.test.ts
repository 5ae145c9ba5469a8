// A daemon runs or it does not; each life knows nothing of the one before.

import { expect, test } from 'vitest';
import { LifeCycle } from '../../src/sim/life-cycle.ts';

test('each start is a new life, each stop ends it once, and both twice are the same as once', () => {
  const said: string[] = [];
  let count = 0;
  const daemon = new LifeCycle({
    begin: () => {
      said.push(`begin ${++count}`);
      return { id: count };
    },
    end: ({ id }) => said.push(`end ${id}, ${daemon.isRunning}`),
  });
  expect(daemon.current).toBe(null);
  daemon.stop();
  daemon.start();
  daemon.start();
  expect(daemon.current).toEqual({ id: 1 });
  daemon.stop();
  daemon.stop();
  daemon.start();
  expect(daemon.isRunning).toBe(true);
  expect(said).toEqual(['begin 1', 'end 1, false', 'begin 2']);
});
