// Trackers that share their work against trackers that do not: whatever each is told, and whenever.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type HostSubnetView,
  viewHostSubnet,
} from '../../../../src/fabric/openshift-sdn/control/host-subnet-view.ts';
import { profiles } from '../../../../src/fabric/openshift-sdn/control/profile.ts';
import { Tracker } from '../../../../src/fabric/openshift-sdn/control/tracker.ts';
import {
  type SharedTracker,
  TrackerHistory,
} from '../../../../src/fabric/openshift-sdn/control/tracker-history.ts';
import { hostSubnet } from './objects.ts';

const NODES = 3;
const ips = ['10.0.0.101', '10.0.0.102', '10.0.0.103'];
const views: readonly HostSubnetView[] = Array.from({ length: NODES }, (_, node) =>
  [[], ips.slice(0, 1), ips.slice(1), ips].map((egressIPs) =>
    viewHostSubnet(hostSubnet({ host: `node${node}`, hostIP: `10.0.0.${node + 1}`, egressIPs })),
  ),
).flat();
const lists = [[], ips.slice(0, 1), ips.slice(1)];

type Told = (tracker: Tracker | SharedTracker) => unknown;
const event: fc.Arbitrary<Told> = fc.oneof(
  fc.constantFrom(...views).map(
    (view): Told =>
      (tracker) =>
        tracker.receiveHostSubnet(view),
  ),
  fc.constantFrom(...views).map(
    (view): Told =>
      (tracker) =>
        tracker.deleteHostSubnet(view),
  ),
  fc.tuple(fc.constantFrom(1, 2), fc.constantFrom(...lists)).map(
    ([vnid, list]): Told =>
      (tracker) =>
        tracker.updateNetNamespace(`ns${vnid}`, vnid, list),
  ),
  fc.constantFrom(1, 2).map(
    (vnid): Told =>
      (tracker) =>
        tracker.deleteNetNamespace(`ns${vnid}`, vnid),
  ),
  fc.tuple(fc.integer({ min: 1, max: NODES }), fc.boolean()).map(
    ([node, offline]): Told =>
      (tracker) =>
        tracker.setNodeOffline(`10.0.0.${node}`, offline),
  ),
);

test('trackers that share a history say what trackers of their own say', () => {
  const options = { profile: profiles['v4.3'], verbosity: 4 };
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 30 }),
      // Who is told next; now and then something that nobody else is told.
      fc.array(fc.tuple(fc.nat(2), fc.option(event, { freq: 20 })), { maxLength: 90 }),
      (common, turns) => {
        const history = new TrackerHistory(options);
        const pairs = [0, 1, 2].map(() => ({
          shared: history.follow(),
          own: new Tracker(options),
          at: 0,
        }));
        for (const [who, special] of turns) {
          const pair = pairs[who];
          const told = special ?? common[pair?.at ?? 0];
          if (pair === undefined || told === undefined) continue;
          if (special === null) pair.at++;
          expect(told(pair.shared)).toEqual(told(pair.own));
        }
        for (const { shared, own } of pairs) expect(shared.state).toEqual(own.state);
      },
    ),
  );
});

test('a history that is too long is left, with the same results', () => {
  const options = { profile: profiles['v4.3'] };
  const history = new TrackerHistory(options);
  const shared = history.follow();
  const own = new Tracker(options);
  for (let i = 0; i < 5_000; i++) {
    const view = views[i % views.length];
    if (view === undefined) continue;
    expect(shared.receiveHostSubnet(view)).toEqual(own.receiveHostSubnet(view));
  }
  expect(history.length).toBeLessThan(5_000);
  expect(shared.state).toEqual(own.state);
});
