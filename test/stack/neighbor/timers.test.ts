// Fixture 01c and the details of neigh_timer_handler: when an entry changes by itself.

import { describe, expect, it } from 'vitest';
import { seconds } from '../../../src/sim/time.ts';
import { NeighborState } from '../../../src/stack/neighbor/state.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { macAddress } from '../../../src/wire/mac-address.ts';
import { ip } from '../../support/frames.ts';
import { seenStates, truth } from '../../support/groundtruth.ts';
import { Lan, nic } from '../../support/lan.ts';

interface Pair {
  readonly lan: Lan;
  readonly a: NetworkStack;
  readonly b: NetworkStack;
}

/** A and B; B knows A for good, so that only A's entry moves. */
function pair(seed = 1): Pair {
  const lan = new Lan({ seed });
  const a = lan.host('A', '10.0.0.1/24');
  const b = lan.host('B', '10.0.0.2/24');
  b.neighbors.replace(nic(b), ip('10.0.0.1'), nic(a).mac);
  return { lan, a, b };
}

/** Packets from A to B that nobody answers or confirms. */
function stream({ lan, a }: Pair, every: number, count: number): void {
  lan.ping(a, '10.0.0.2', { every, count });
}

describe('reachable_time (fixture 01c)', () => {
  it('is drawn per interface, uniform over 0.5 to 1.5 times the base', () => {
    const draws = Array.from({ length: 200 }, (_, seed) => {
      const { a } = pair(seed);
      return a.neighbors.reachableTime(nic(a)) / 1e9;
    });
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(15);
    expect(Math.max(...draws)).toBeLessThanOrEqual(45);
    expect(Math.min(...draws)).toBeLessThan(17);
    expect(Math.max(...draws)).toBeGreaterThan(43);
  });

  it('is drawn again every 300 s and when the base changes, and is the same for one seed', () => {
    const { lan, a } = pair();
    const iface = nic(a);
    const first = a.neighbors.reachableTime(iface);
    expect(a.neighbors.reachableTime(iface)).toBe(first);
    expect(pair().a.neighbors.reachableTime(nic(pair().a))).toBe(first);
    lan.run(301);
    const second = a.neighbors.reachableTime(iface);
    expect(second).not.toBe(first);
    a.sysctl.set('net.ipv4.neigh.eth0.base_reachable_time_ms', 1000);
    expect(a.neighbors.reachableTime(iface)).toBeLessThanOrEqual(seconds(1.5));
  });
});

describe('an entry that is not confirmed (fixture 01c)', () => {
  it('idles STALE for ever, is DELAY at the next packet, and is asked by unicast 5 s later', () => {
    const both = pair();
    const { lan, a } = both;
    const expected = truth('01c-reachability-timers', 'timers');
    stream(both, 1, 1);
    const reachable = a.neighbors.reachableTime(nic(a)) / 1e9;
    lan.after(48, () => stream(both, 1, 1));
    lan.run(60);
    const seen = seenStates(lan, a, '10.0.0.2');
    expect(seen.map(({ state }) => state)).toEqual(
      expected.states('A', 'B').map(({ state }) => state),
    );
    const [, stale, delay, probe] = seen.map(({ t }) => t);
    const late = expected.range('A_stale_minus_reachable_time_s');
    expect((stale ?? 0) - reachable).toBeGreaterThanOrEqual(late.min);
    expect((stale ?? 0) - reachable).toBeLessThanOrEqual(late.max);
    const pause = expected.range('A_delay_to_probe_s');
    expect((probe ?? 0) - (delay ?? 0)).toBeGreaterThanOrEqual(pause.min);
    expect((probe ?? 0) - (delay ?? 0)).toBeLessThanOrEqual(pause.max);
    expect(lan.arps().filter((line) => line.startsWith('A >'))).toEqual([
      'A > BROADCAST who-has 10.0.0.2 tell 10.0.0.1',
      'A > B who-has 10.0.0.2 tell 10.0.0.1',
    ]);
  });

  it('is not prolonged by packets, sent or answered', () => {
    const both = pair();
    stream(both, 1, 60);
    both.lan.run(55);
    expect(seenStates(both.lan, both.a, '10.0.0.2').map(({ state }) => state)).toEqual([
      'REACHABLE:B',
      'STALE:B',
      'DELAY:B',
      'PROBE:B',
      'REACHABLE:B',
    ]);
  });

  it('is prolonged by confirmations, which change no state and cost no event', () => {
    const both = pair();
    const { lan, a } = both;
    stream(both, 1, 100);
    for (let t = 1; t < 100; t++) lan.after(t, () => a.neighbors.confirm(nic(a), ip('10.0.0.2')));
    lan.run(100);
    expect(seenStates(lan, a, '10.0.0.2').map(({ state }) => state)).toEqual(['REACHABLE:B']);
    expect(lan.arps().filter((line) => line.startsWith('A >'))).toHaveLength(1);
  });

  it('is REACHABLE again after DELAY if a confirmation came within the five seconds', () => {
    const { lan, a, b } = pair();
    a.neighbors.replace(nic(a), ip('10.0.0.2'), nic(b).mac, NeighborState.Stale);
    const { now } = lan.scheduler;
    lan.ping(a, '10.0.0.2');
    lan.after(2, () => a.neighbors.confirm(nic(a), ip('10.0.0.2')));
    lan.run(6);
    expect(lan.timeline(a, '10.0.0.2', now)).toEqual([
      '0.0 STALE:B',
      '0.0 DELAY:B',
      '5.1 REACHABLE:B',
    ]);
    expect(lan.eventsOf('neighbor-changed', a).at(-1)?.fields.cause).toBe('confirmed');
    expect(lan.arps()).toEqual([]);
  });

  it('inherits no confirmation from the MAC it had before', () => {
    const { lan, a, b } = pair();
    a.neighbors.replace(nic(a), ip('10.0.0.2'), macAddress(0xaa), NeighborState.Stale);
    lan.run(2);
    b.arp.announce(nic(b), ip('10.0.0.2'), 'kernel', null);
    lan.after(0.00004, () => a.neighbors.confirm(nic(a), ip('10.0.0.2')));
    lan.run(0.00004);
    expect(lan.neighbor(a, '10.0.0.2')).toBe('STALE:B');
    lan.ping(a, '10.0.0.2');
    lan.run(6);
    expect(lan.timeline(a, '10.0.0.2').slice(-2)).toEqual(['7.2 PROBE:B', '7.2 REACHABLE:B']);
  });

  it('goes straight to DELAY if it was used in the last five seconds', () => {
    const both = pair();
    both.a.sysctl.set('net.ipv4.neigh.eth0.base_reachable_time_ms', 2000);
    stream(both, 1, 1);
    both.lan.run(3.5);
    const states = seenStates(both.lan, both.a, '10.0.0.2').map(({ state }) => state);
    expect(states).toEqual(['REACHABLE:B', 'DELAY:B']);
  });

  it('keeps the timer that runs when base_reachable_time falls', () => {
    const both = pair();
    const { lan, a } = both;
    stream(both, 1, 1);
    const reachable = a.neighbors.reachableTime(nic(a)) / 1e9;
    lan.run(1);
    a.sysctl.set('net.ipv4.neigh.eth0.base_reachable_time_ms', 1000);
    lan.run(reachable - 1.5);
    expect(lan.neighbor(a, '10.0.0.2')).toBe('REACHABLE:B');
    lan.run(2.6);
    expect(lan.neighbor(a, '10.0.0.2')).toBe('STALE:B');
  });
});

describe('a neighbor that is gone', () => {
  it('is asked three times by unicast, then fails; the next packet broadcasts (fixture 05a)', () => {
    const { lan, a, b } = pair();
    a.neighbors.replace(nic(a), ip('10.0.0.2'), nic(b).mac, NeighborState.Stale);
    b.setInterfaceUp(nic(b), false);
    lan.ping(a, '10.0.0.2', { count: 90, every: 0.1 });
    lan.run(8.35);
    expect(lan.timeline(a, '10.0.0.2').slice(1, 5)).toEqual([
      '0.0 DELAY:B',
      '5.1 PROBE:B',
      '8.2 FAILED',
      '8.2 INCOMPLETE',
    ]);
    expect(lan.arps()).toEqual([
      'A > B who-has 10.0.0.2 tell 10.0.0.1',
      'A > B who-has 10.0.0.2 tell 10.0.0.1',
      'A > B who-has 10.0.0.2 tell 10.0.0.1',
      'A > BROADCAST who-has 10.0.0.2 tell 10.0.0.1',
    ]);
    expect(lan.arpTimes().map((t) => Number(t.toFixed(3)))).toEqual([5.12, 6.144, 7.168, 8.2]);
  });

  it('is asked by broadcast, too, before it fails, where mcast_resolicit says so', () => {
    const { lan, a, b } = pair();
    a.sysctl.set('net.ipv4.neigh.eth0.mcast_resolicit', 3);
    a.neighbors.replace(nic(a), ip('10.0.0.2'), nic(b).mac, NeighborState.Stale);
    b.setInterfaceUp(nic(b), false);
    lan.ping(a, '10.0.0.2');
    lan.run(12);
    const targets = lan.arps().map((line) => line.split(' ')[2]);
    expect(targets).toEqual(['B', 'B', 'B', 'BROADCAST', 'BROADCAST', 'BROADCAST']);
    expect(lan.timeline(a, '10.0.0.2').at(-1)).toBe('11.3 FAILED');
  });

  it('keeps receiving packets at its old MAC while it is in doubt', () => {
    const { lan, a, b } = pair();
    a.neighbors.replace(nic(a), ip('10.0.0.2'), nic(b).mac, NeighborState.Stale);
    b.setInterfaceUp(nic(b), false);
    lan.ping(a, '10.0.0.2', { count: 70, every: 0.1 });
    lan.run(7.5);
    const packets = lan.frames.length - lan.arps().length;
    expect(packets).toBe(70);
  });
});

describe('timers and the end of a run', () => {
  it('lets a lab be idle while neighbors only grow old', () => {
    const both = pair();
    stream(both, 1, 1);
    both.lan.run(0.1);
    expect(both.lan.neighbor(both.a, '10.0.0.2')).toBe('REACHABLE:B');
    expect(both.lan.scheduler.idle).toBe(true);
  });

  it('does not let it be idle while a packet waits for an answer', () => {
    const { lan, a } = pair();
    lan.ping(a, '10.0.0.99');
    lan.run(0.1);
    expect(lan.scheduler.idle).toBe(false);
    lan.run(4);
    expect(lan.scheduler.idle).toBe(true);
  });
});
