// Measured as l2/20k: an announcement that meets the removal of its address is answered, at rest never.

import { expect, test } from 'vitest';
import { micros, millis } from '../../../src/sim/time.ts';
import { ip } from '../../support/frames.ts';
import { cidr, Lan, nic } from '../../support/lan.ts';

const X = '10.0.0.100';

/** B removes X so many times while C announces it every 285 us: how many announcements B answers. */
function answers(longest: number, removals: number, seed = 1): string[] {
  const lan = new Lan({ seed, latency: 0.1 });
  const b = lan.host('B', '10.0.0.2/24');
  const c = lan.host('C', '10.0.0.3/24');
  if (longest > 0) b.arp.setRemovalTime(longest);
  const { scheduler } = lan;
  for (let i = 0; i < removals; i++) {
    b.addresses.add(nic(b), cidr(`${X}/32`));
    const removal = scheduler.now + lan.random.integer(0, millis(2));
    scheduler.at(removal, () => b.addresses.remove(nic(b), ip(X)), null, null);
    for (let at = 0; at < millis(2); at += micros(285)) {
      scheduler.at(
        scheduler.now + at,
        () => c.arp.announce(nic(c), ip(X), 'request', null),
        null,
        null,
      );
    }
    scheduler.advanceTo(scheduler.now + millis(2.5));
    b.addresses.remove(nic(b), ip(X));
  }
  return lan.arps().filter((line) => line.startsWith('B > C'));
}

test('an announcement is answered now and then while the address is being removed, to who sent it', () => {
  const found = answers(micros(2.8), 700);
  // The kernel: 9 of 1,907.
  expect(found.length).toBeGreaterThan(0);
  expect(found.length).toBeLessThan(12);
  expect(new Set(found)).toEqual(new Set([`B > C ${X} is-at B to ${X}`]));
});

test('it never is where a removal takes no time', () => {
  expect(answers(0, 50)).toEqual([]);
});

test('the longer a removal may take, the more', () => {
  expect(answers(millis(1), 50).length).toBeGreaterThan(40);
});
