// Fixtures 01a and 01b: how an address is resolved, and what happens when nobody answers.

import { describe, expect, it } from 'vitest';
import { StackDrop } from '../../../src/stack/drop-reason.ts';
import { NeighborState } from '../../../src/stack/neighbor/state.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import * as ethernet from '../../../src/wire/ethernet.ts';
import * as ipv4 from '../../../src/wire/ipv4.ts';
import { macAddress } from '../../../src/wire/mac-address.ts';
import { EtherType } from '../../../src/wire/numbers.ts';
import * as udp from '../../../src/wire/udp.ts';
import { ip } from '../../support/frames.ts';
import { seenStates, type TruthCase, truth } from '../../support/groundtruth.ts';
import { cidr, Lan, nic } from '../../support/lan.ts';

const WRONG = macAddress(0x0200_0000_0021);

function fourHosts(): {
  lan: Lan;
  a: NetworkStack;
  b: NetworkStack;
  c: NetworkStack;
  d: NetworkStack;
} {
  const lan = new Lan();
  lan.nameMac(WRONG, 'X');
  return {
    lan,
    a: lan.host('A', '10.0.0.1/24', '10.0.0.51/24'),
    b: lan.host('B', '10.0.0.2/24'),
    c: lan.host('C', '10.0.0.3/24'),
    d: lan.host('D', '10.0.0.4/24'),
  };
}

function expectStates(
  lan: Lan,
  stack: NetworkStack,
  address: string,
  since: number,
  expected: ReturnType<TruthCase['states']>,
  tolerance: number,
): void {
  const seen = seenStates(lan, stack, address, since);
  expect(seen.map(({ state }) => state)).toEqual(expected.map(({ state }) => state));
  for (const [index, { t }] of seen.entries()) {
    expect(Math.abs(t - (expected[index]?.t ?? 0))).toBeLessThanOrEqual(tolerance);
  }
}

describe('resolution (fixture 01a)', () => {
  it('asks once by broadcast, is answered once by unicast, and the asked host learns the asker', () => {
    const { lan, a, b, c, d } = fourHosts();
    const expected = truth('01a-arp-resolution', 'first-ping');
    const ping = lan.ping(a, '10.0.0.2');
    lan.run(0.3);
    expect(lan.arps()).toEqual(expected.arps());
    expect(lan.frames[0]?.frame.length).toBe(expected.fact('arpFrameBytes'));
    expectStates(lan, a, '10.0.0.2', 0, expected.states('A', 'B'), expected.tolerance);
    expectStates(lan, b, '10.0.0.1', 0, expected.states('B', 'A'), expected.tolerance);
    expect(ping.replies).toHaveLength(1);
    expect([c.neighbors.size, d.neighbors.size]).toEqual([0, 0]);
  });

  it('asks again by unicast five seconds after the first packet to a neighbor that only asked', () => {
    const { lan, a, b } = fourHosts();
    const expected = truth('01a-arp-resolution', 'second-ping');
    lan.ping(a, '10.0.0.2');
    lan.run(0.35);
    const { now } = lan.scheduler;
    lan.ping(a, '10.0.0.2');
    lan.run(5.5);
    expect(lan.arps(now)).toEqual(expected.arps());
    expectStates(lan, b, '10.0.0.1', now, expected.states('B', 'A'), expected.tolerance);
    const probe = (lan.arpTimes(now)[0] ?? 0) + 0.35;
    const range = expected.range('B_probe_after_its_first_echo_reply_s');
    expect(probe).toBeGreaterThanOrEqual(range.min);
    expect(probe).toBeLessThanOrEqual(range.max);
  });

  it('lets a bystander correct an old entry, but not one inside its locktime', () => {
    for (const [id, age] of [
      ['bystander-update', 2],
      ['bystander-locktime', 0.3],
    ] as const) {
      const { lan, a, c, d } = fourHosts();
      const expected = truth('01a-arp-resolution', id);
      d.neighbors.replace(nic(d), ip('10.0.0.1'), WRONG, NeighborState.Stale);
      lan.run(age);
      const { now } = lan.scheduler;
      lan.ping(a, '10.0.0.3');
      lan.run(0.3);
      expect(lan.arps(now)).toEqual(expected.arps());
      expectStates(lan, d, '10.0.0.1', now, expected.states('D', 'A'), expected.tolerance);
      expect(lan.neighbor(c, '10.0.0.1')).toBe('DELAY:A');
    }
  });

  it('lets the asked host believe the asker at once, locktime or not', () => {
    const { lan, a, d } = fourHosts();
    const expected = truth('01a-arp-resolution', 'asked-host-no-locktime');
    d.neighbors.replace(nic(d), ip('10.0.0.1'), WRONG, NeighborState.Reachable);
    lan.run(0.2);
    const { now } = lan.scheduler;
    lan.ping(a, '10.0.0.4');
    lan.run(0.3);
    expect(lan.arps(now)).toEqual(expected.arps());
    expectStates(lan, d, '10.0.0.1', now, expected.states('D', 'A'), expected.tolerance);
  });

  it('puts the source of the waiting packet into the request', () => {
    const { lan, a, b } = fourHosts();
    const expected = truth('01a-arp-resolution', 'loopback-source');
    lan.ping(a, '10.0.0.2', { source: '10.0.0.51' });
    lan.run(0.3);
    expect(lan.arps()).toEqual(expected.arps());
    expectStates(lan, b, '10.0.0.51', 0, expected.states('B', 'A2'), expected.tolerance);
  });

  it('probes by unicast from the primary address, whatever the packets carried', () => {
    const { lan, a, b } = fourHosts();
    b.neighbors.replace(nic(b), ip('10.0.0.1'), nic(a).mac);
    a.neighbors.replace(nic(a), ip('10.0.0.2'), nic(b).mac, NeighborState.Stale);
    lan.ping(a, '10.0.0.2', { source: '10.0.0.51' });
    lan.run(6);
    expect(lan.arps()).toContain('A > B who-has 10.0.0.2 tell 10.0.0.1');
    expect(
      lan.arps().filter((line) => line.startsWith('A >') && line.includes('tell 10.0.0.51')),
    ).toEqual([]);
  });
});

describe('nobody answers (fixture 01b)', () => {
  it('asks three times a second apart, then fails and tells the sender', () => {
    const { lan, a } = fourHosts();
    const expected = truth('01b-arp-failed', 'no-answer');
    const ping = lan.ping(a, '10.0.0.99');
    lan.run(10);
    expect(lan.arpTimes().map((t) => Math.round(t * 1e3) / 1e3)).toEqual([0, 1.024, 2.048]);
    expectStates(lan, a, '10.0.0.99', 0, expected.states('A', 'N'), expected.tolerance);
    expect(ping.errors).toHaveLength(1);
    const range = expected.range('host_unreachable_after_first_request_s');
    expect((ping.errors[0]?.at ?? 0) / 1e9).toBeGreaterThanOrEqual(range.min);
    expect((ping.errors[0]?.at ?? 0) / 1e9).toBeLessThanOrEqual(range.max);
    expect(a.drops.of(StackDrop.NeighborFailed)).toBe(1);
  });

  it('keeps the failed entry, and the next packet asks at once again', () => {
    const { lan, a } = fourHosts();
    lan.ping(a, '10.0.0.99');
    lan.run(4);
    expect(lan.neighbor(a, '10.0.0.99')).toBe('FAILED');
    const { now } = lan.scheduler;
    lan.ping(a, '10.0.0.99');
    lan.run(10);
    const expected = truth('01b-arp-failed', 'no-negative-cache');
    expect(lan.arps(now)).toHaveLength(3);
    expectStates(lan, a, '10.0.0.99', now, expected.states('A', 'N'), expected.tolerance);
  });

  it('gives every waiting packet its own error, in order, in the same instant', () => {
    const { lan, a } = fourHosts();
    const ping = lan.ping(a, '10.0.0.99', { count: 3, every: 0.4 });
    lan.run(10);
    expect(ping.errors).toHaveLength(3);
    expect(new Set(ping.errors.map(({ at }) => at)).size).toBe(1);
    expect(lan.arps()).toHaveLength(3);
  });

  it('broadcasts once a second for ever while packets keep coming', () => {
    const { lan, a } = fourHosts();
    const expected = truth('01b-arp-failed', 'continuous');
    // ping's second is a little longer than the kernel's: the fourth finds the entry failed.
    const ping = lan.ping(a, '10.0.0.99', { count: 8, every: 1.03 });
    lan.run(12);
    const range = expected.range('requests');
    expect(lan.arps().length).toBeGreaterThanOrEqual(range.min);
    expect(lan.arps().length).toBeLessThanOrEqual(range.max);
    expect(ping.errors.map(({ at }) => Math.round(at / 1e9)).slice(0, 6)).toEqual([
      3, 3, 3, 6, 6, 6,
    ]);
  });

  it('sends what waited when the third request is answered', () => {
    const { lan, a, b } = fourHosts();
    const expected = truth('01b-arp-failed', 'late-answer');
    b.setInterfaceUp(nic(b), false);
    const ping = lan.ping(a, '10.0.0.2');
    lan.after(1.3, () => b.setInterfaceUp(nic(b), true));
    lan.run(3);
    expect(lan.arps()).toEqual(expected.arps());
    expectStates(lan, a, '10.0.0.2', 0, expected.states('A', 'B'), expected.tolerance);
    expect(ping.replies).toHaveLength(1);
  });

  it('keeps the newest packets when the queue is full, and they leave in order', () => {
    for (const [id, size, count, limit] of [
      ['queue-limit-default', 8, 1000, null],
      ['queue-limit-big', 1400, 400, null],
      ['queue-limit-3', 1400, 10, 3],
    ] as const) {
      const { lan, a, b } = fourHosts();
      const expected = truth('01b-arp-failed', id);
      if (limit !== null) a.sysctl.set('net.ipv4.neigh.eth0.unres_qlen', limit);
      b.setInterfaceUp(nic(b), false);
      for (let sequence = 0; sequence < count; sequence++) sendDatagram(a, size, sequence);
      lan.after(0.5, () => b.setInterfaceUp(nic(b), true));
      lan.run(2);
      const delivered = datagrams(lan);
      expect(delivered).toHaveLength(Number(expected.fact('delivered')));
      expect(delivered[0]).toBe(expected.fact('firstDelivered'));
      expect(delivered.at(-1)).toBe(expected.fact('lastDelivered'));
      expect(delivered).toEqual([...delivered].sort((x, y) => x - y));
      expect(a.drops.of(StackDrop.NeighborQueueFull)).toBe(count - delivered.length);
    }
  });

  it('gives up at once where the sysctls allow no broadcast', () => {
    const { lan, a } = fourHosts();
    a.sysctl.set('net.ipv4.neigh.eth0.mcast_solicit', 0);
    lan.ping(a, '10.0.0.99');
    lan.run(5);
    expect(lan.arps()).toEqual([]);
    expect(lan.neighbor(a, '10.0.0.99')).toBe('FAILED');
    expect(a.drops.of(StackDrop.NeighborFailed)).toBe(1);
  });
});

describe('other next hops', () => {
  it('needs no resolution for broadcast and multicast', () => {
    const { lan, a } = fourHosts();
    for (const target of ['10.0.0.255', '255.255.255.255', '224.0.0.18']) {
      const frame = a.ipv4.allocate(8);
      frame.bytes.fill(0, frame.start, frame.end);
      a.neighbors.output(nic(a), ip(target), frame);
    }
    lan.run(0.1);
    expect(lan.frames.map(({ frame }) => lan.macName(ethernet.destination(frame)))).toEqual([
      'BROADCAST',
      'BROADCAST',
      '01005e000012',
    ]);
    expect(a.neighbors.size).toBe(0);
  });

  it('resolves a gateway for far destinations', () => {
    const { lan, a } = fourHosts();
    a.routes.add({
      destination: cidr('0.0.0.0/0'),
      type: 'unicast',
      via: ip('10.0.0.2'),
      iface: nic(a),
      source: null,
      metric: 0,
    });
    lan.ping(a, '192.0.2.7');
    lan.run(0.1);
    expect(lan.arps()[0]).toBe('A > BROADCAST who-has 10.0.0.2 tell 10.0.0.1');
  });
});

/** A datagram to B's discard port whose identification is its number; written below the UDP layer. */
function sendDatagram(stack: NetworkStack, size: number, sequence: number): void {
  const frame = stack.ipv4.allocate(udp.HEADER_LENGTH + size);
  frame.bytes.fill(0, frame.start, frame.end);
  const l3 = frame.start + ethernet.HEADER_LENGTH;
  const length = frame.length - ethernet.HEADER_LENGTH;
  ipv4.emit(frame, l3, length, sequence, 0, 64, 17, ip('10.0.0.1'), ip('10.0.0.2'), 0);
  stack.neighbors.output(nic(stack), ip('10.0.0.2'), frame);
}

function datagrams(lan: Lan): number[] {
  return lan.frames
    .filter(({ frame }) => ethernet.etherType(frame) === EtherType.Ipv4)
    .map(({ frame }) => frame)
    .filter((frame) => ipv4.protocol(frame, frame.start + ethernet.HEADER_LENGTH) === 17)
    .map((frame) => ipv4.identification(frame, frame.start + ethernet.HEADER_LENGTH));
}
