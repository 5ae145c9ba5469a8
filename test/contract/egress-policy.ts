// What every EgressPolicy owes the lab, whatever it decides and how: run by each implementation's
// tests with a cluster of fake nodes in which it has one egress IP to place.

import { describe, expect, test } from 'vitest';

/** A small cluster with the policy at work, on fake nodes. */
export interface PolicyUnderTest {
  /** The nodes that may hold the egress IP. */
  readonly candidates: readonly string[];
  /** Who has the egress IP on an interface, sorted. */
  readonly holders: () => readonly string[];
  /** ARP frames sent by a node for the egress IP. */
  readonly announcements: (node: string) => number;
  readonly startAgent: (node: string) => void;
  /** Kills the agent alone. */
  readonly stopAgent: (node: string) => void;
  /** Kills the whole node: agent gone, nothing answers, API unreachable. */
  readonly powerOff: (node: string) => void;
  /** Cuts or restores the way to the API. */
  readonly setApi: (node: string, reachable: boolean) => void;
  readonly isRunning: (node: string) => boolean;
  /** Lets so many seconds of lab time pass. */
  readonly pass: (seconds: number) => void;
  /** Everything that was said, for comparing runs. */
  readonly story: () => string;
}

/** Long enough for any policy to detect, move and announce. */
const SETTLED = 120;

export function egressPolicyContract(
  name: string,
  create: (seed: number) => PolicyUnderTest,
): void {
  function settled(seed = 1): { readonly cluster: PolicyUnderTest; readonly holder: string } {
    const cluster = create(seed);
    cluster.pass(SETTLED);
    const [holder] = cluster.holders();
    if (holder === undefined) throw new Error('nobody took the egress IP');
    return { cluster, holder };
  }

  describe(`${name} is an EgressPolicy`, () => {
    test('one candidate takes the egress IP and announces it', () => {
      const { cluster, holder } = settled();
      expect(cluster.holders()).toEqual([holder]);
      expect(cluster.candidates).toContain(holder);
      expect(cluster.announcements(holder)).toBeGreaterThan(0);
    });

    test('when its node dies another takes over, and the dead one undoes nothing', () => {
      const { cluster, holder } = settled();
      cluster.powerOff(holder);
      expect(cluster.isRunning(holder)).toBe(false);
      cluster.pass(SETTLED);
      expect(cluster.holders()).toContain(holder);
      expect(cluster.holders()).toHaveLength(2);
    });

    test('an agent that dies takes nothing with it', () => {
      const { cluster, holder } = settled();
      const said = cluster.announcements(holder);
      cluster.stopAgent(holder);
      cluster.stopAgent(holder);
      expect(cluster.holders()).toEqual([holder]);
      cluster.pass(SETTLED);
      expect(cluster.announcements(holder)).toBe(said);
    });

    test('an agent that starts again ends up with what it should have', () => {
      const { cluster, holder } = settled();
      cluster.stopAgent(holder);
      cluster.pass(1);
      cluster.startAgent(holder);
      cluster.startAgent(holder);
      cluster.pass(SETTLED);
      expect(cluster.holders()).toHaveLength(1);
    });

    test('a node that is cut off from the API and comes back ends up agreeing with the others', () => {
      const { cluster, holder } = settled();
      cluster.setApi(holder, false);
      cluster.pass(SETTLED);
      cluster.setApi(holder, true);
      cluster.pass(SETTLED);
      expect(cluster.holders()).toHaveLength(1);
    });

    test('the same seed tells the same story', () => {
      const story = (): string => {
        const { cluster, holder } = settled(42);
        cluster.powerOff(holder);
        cluster.pass(SETTLED);
        return cluster.story();
      };
      expect(story()).toBe(story());
    });
  });
}
