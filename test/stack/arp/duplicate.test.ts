// Fixture 03a: two hosts own one address. Which reply wins, and what turns the table later.

import { describe, expect, it } from 'vitest';
import { micros, seconds } from '../../../src/sim/time.ts';
import { NeighborState } from '../../../src/stack/neighbor/state.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { Operation } from '../../../src/wire/arp.ts';
import { macAddress } from '../../../src/wire/mac-address.ts';
import { ip } from '../../support/frames.ts';
import { seenStates, truth } from '../../support/groundtruth.ts';
import { Lan, nic } from '../../support/lan.ts';

const X = '10.0.0.100';

interface Scene {
  readonly lan: Lan;
  readonly a: NetworkStack;
  readonly b: NetworkStack;
  readonly c: NetworkStack;
  readonly d: NetworkStack;
}

/** B and C own X; what B and C send is that many seconds late. */
function scene(delayB: number, delayC: number): Scene {
  const lan = new Lan();
  const a = lan.host('A', '10.0.0.1/24');
  const b = lan.host('B', '10.0.0.2/24', `${X}/32`);
  const c = lan.host('C', '10.0.0.3/24', `${X}/32`);
  const d = lan.host('D', '10.0.0.4/24');
  for (const [stack, delay] of [
    [b, delayB],
    [c, delayC],
  ] as const) {
    const { ab } = lan.link(nic(stack));
    ab.configure({ ...ab.settings, latency: micros(20) + seconds(delay) });
  }
  return { lan, a, b, c, d };
}

function states(lan: Lan, stack: NetworkStack, address: string, since = 0): string[] {
  return seenStates(lan, stack, address, since).map(({ state }) => state);
}

describe('two owners of one address (fixture 03a)', () => {
  it.each([
    ['first-B', 0, 0.02],
    ['first-C', 0.02, 0],
    ['locktime-0', 0, 0.02],
    ['late-reply', 0, 1.2],
  ] as const)('%s: replies %f and %f s late end as the kernel ends', (id, delayB, delayC) => {
    const { lan, a } = scene(delayB, delayC);
    if (id === 'locktime-0') a.sysctl.set('net.ipv4.neigh.eth0.locktime', 0);
    lan.ping(a, X);
    lan.run(1.35);
    const expected = truth('03a-duplicate-ip', id).states('A', 'X');
    expect(states(lan, a, X)).toEqual(expected.map(({ state }) => state));
  });

  it('lets ignored replies not prolong the lock', () => {
    const { lan, a, d } = scene(0, 0);
    const made = [0x40, 0x41, 0x42].map((octet, index) =>
      lan.nameMac(macAddress(0x0200_0000_0000 + octet), `M${index + 1}`),
    );
    const [m1 = nic(a).mac, m2 = nic(a).mac, m3 = nic(a).mac] = made;
    const address = ip('10.0.0.150');
    a.neighbors.replace(nic(a), address, m1, NeighborState.Stale);
    const reply = (): void =>
      d.arp.send(nic(d), {
        operation: Operation.Reply,
        senderMac: m3,
        senderIp: address,
        targetMac: nic(a).mac,
        targetIp: ip('10.0.0.1'),
        destination: nic(a).mac,
      });
    lan.after(0.1, () =>
      d.arp.send(nic(d), {
        operation: Operation.Request,
        senderMac: m2,
        senderIp: address,
        targetIp: address,
      }),
    );
    for (const time of [0.6, 1, 1.08, 1.12]) lan.after(time, reply);
    lan.run(2);
    const expected = truth('03a-duplicate-ip', 'locktime-edge');
    const seen = seenStates(lan, a, '10.0.0.150').slice(1);
    expect(seen.map(({ state }) => state)).toEqual(
      expected
        .states('A', 'X2')
        .slice(1)
        .map(({ state }) => state),
    );
    const lock = (seen[1]?.t ?? 0) - (seen[0]?.t ?? 0);
    const range = expected.range('flip_after_s');
    expect(lock).toBeGreaterThanOrEqual(range.min);
    expect(lock).toBeLessThanOrEqual(range.max);
  });

  it('turns at once when the loser asks the observer itself', () => {
    const { lan, a, c } = scene(0, 0.02);
    lan.ping(a, X);
    lan.run(0.3);
    c.neighbors.delete(nic(c), ip('10.0.0.1'));
    lan.ping(c, '10.0.0.1', { source: X });
    lan.run(0.3);
    const expected = truth('03a-duplicate-ip', 'loser-asks-A').states('A', 'X');
    expect(states(lan, a, X)).toEqual(expected.map(({ state }) => state));
  });

  it('turns when the loser asks for another host, but only after locktime', () => {
    const { lan, a, c } = scene(0, 0.02);
    lan.ping(a, X);
    lan.run(0.3);
    lan.ping(c, '10.0.0.4', { source: X });
    lan.run(1);
    expect(states(lan, a, X)).toEqual(['REACHABLE:B']);
    c.neighbors.delete(nic(c), ip('10.0.0.4'));
    lan.ping(c, '10.0.0.4', { source: X });
    lan.run(0.3);
    const expected = truth('03a-duplicate-ip', 'loser-asks-D').states('A', 'X');
    expect(states(lan, a, X)).toEqual(expected.map(({ state }) => state));
  });

  it('is decided once and then invisible: re-probes ask only the winner', () => {
    const { lan, a } = scene(0, 0.02);
    a.sysctl.set('net.ipv4.neigh.eth0.base_reachable_time_ms', 1000);
    a.sysctl.set('net.ipv4.neigh.eth0.delay_first_probe_time', 1);
    lan.ping(a, X, { count: 60, every: 0.2 });
    lan.run(12);
    const range = truth('03a-duplicate-ip', 'reprobe-sticky').range('unicast_probes_in_12s');
    const probes = lan.arps().filter((line) => line.startsWith('A > B who-has'));
    expect(probes.length).toBeGreaterThanOrEqual(range.min);
    expect(probes.length).toBeLessThanOrEqual(range.max);
    expect(lan.arps().filter((line) => line.startsWith('A > C'))).toEqual([]);
    expect(states(lan, a, X).every((state) => state.endsWith(':B'))).toBe(true);
  });

  it('flaps if the shared address is the only one of both and both keep asking', () => {
    const lan = new Lan();
    const a = lan.host('A', '10.0.0.1/24');
    const owners = [lan.host('B', `${X}/24`), lan.host('C', `${X}/24`)];
    for (const owner of owners) {
      owner.sysctl.set('net.ipv4.neigh.eth0.base_reachable_time_ms', 1000);
      owner.sysctl.set('net.ipv4.neigh.eth0.delay_first_probe_time', 1);
    }
    for (const [index, owner] of owners.entries()) {
      lan.after(index * 0.1, () => lan.ping(owner, '10.0.0.1', { count: 48, every: 0.25 }));
    }
    lan.run(12);
    const moves = lan
      .eventsOf('neighbor-changed', a)
      .filter(({ fields }) => fields.previousMac !== null && fields.mac !== fields.previousMac);
    const range = truth('03a-duplicate-ip', 'flapping').range('flips_in_12s');
    expect(moves.length).toBeGreaterThanOrEqual(range.min);
    expect(moves.length).toBeLessThanOrEqual(range.max);
  });

  it('shows two answers for one question where two interfaces are on one LAN (ARP flux)', () => {
    const lan = new Lan();
    const a = lan.host('A', '10.0.0.10/24');
    const m = lan.host('M', '10.0.0.1/24');
    lan.plug(m, 'eth1', { addresses: ['10.0.0.2/24'] });
    lan.ping(a, '10.0.0.2');
    lan.run(0.1);
    expect(
      lan
        .arps()
        .filter((line) => line.includes('is-at'))
        .sort(),
    ).toEqual([
      'M > A 10.0.0.2 is-at M to 10.0.0.10',
      'M.eth1 > A 10.0.0.2 is-at M.eth1 to 10.0.0.10',
    ]);
  });
});
