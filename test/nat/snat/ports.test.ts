// Fixture 06b: which source port, identifier and address SNAT chooses.

import { describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/nat/conntrack/connection.ts';
import { NatDrop } from '../../../src/nat/drop-reason.ts';
import { AddressPool } from '../../../src/nat/snat/address-pool.ts';
import type { SnatTarget } from '../../../src/nat/snat/rule.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { formatIpv4 } from '../../../src/wire/ipv4-address.ts';
import { IpProtocol } from '../../../src/wire/numbers.ts';
import { ip } from '../../support/frames.ts';
import { cidr, nic } from '../../support/lan.ts';
import { frames, NatTopology, toSource, truth } from '../nat-topology.ts';

const FIXTURE = '06b-snat-ports';
const S = '192.0.2.10';
const T = '198.51.100.10';

/** S and T drop datagrams without a word, as in the fixture; S has seven more addresses. */
function lab(rule: SnatTarget | null = toSource('192.0.2.100')): NatTopology {
  const made = new NatTopology(rule);
  for (const host of [made.s, made.t]) {
    made.udpSink(host, 9);
  }
  for (let i = 1; i <= 7; i++) {
    made.s.addresses.add(nic(made.s), cidr(`192.0.2.1${i}/24`));
    made.role(`192.0.2.1${i}`, `S${i}`);
  }
  return made;
}

function send(made: NatTopology, from: 'P1' | 'P2' | 'P3' | 'N1', port: number, to: string): void {
  const hosts: Readonly<Record<string, readonly [NetworkStack, string]>> = {
    P1: [made.p1, '10.1.0.11'],
    P2: [made.p2, '10.1.0.12'],
    P3: [made.p3, '10.1.0.13'],
    N1: [made.n1, '192.0.2.100'],
  };
  const [host, source] = hosts[from] as readonly [NetworkStack, string];
  made.udp(host, source, port, to, 9);
  made.run(0.01);
}

function entryOf(made: NatTopology, source: string, port: number, to: string): Connection {
  const found = made.netfilter1.conntrack
    .entries()
    .find(
      ({ original }) =>
        made.name(original.source) === source &&
        original.sourcePort === port &&
        original.destination === ip(to),
    );
  if (found === undefined) throw new Error(`no entry of ${source}:${port} to ${to}`);
  return found;
}

describe('the choice of ports (fixture 06b)', () => {
  test('free, clash, another destination, and a remapped source', () => {
    const made = lab();
    send(made, 'P1', 40000, S);
    const free = truth(FIXTURE, 'free');
    expect(made.packets('int', 'ext')).toEqual(frames(free, 'int', 'ext'));
    expect(made.entries()).toEqual(free.facts?.conntrack);

    made.clear();
    send(made, 'P2', 40000, S);
    const { mappedSourcePort } = entryOf(made, 'P2', 40000, S);
    expect(mappedSourcePort).not.toBe(40000);
    expect(mappedSourcePort).toBeGreaterThanOrEqual(1024);
    made.maskPort(mappedSourcePort, 'CLASHPORT');
    const clash = truth(FIXTURE, 'clash-same-destination');
    expect(made.packets('int', 'ext')).toEqual(frames(clash, 'int', 'ext'));
    expect(
      made.entries().filter(({ original }) => (original as { src: string }).src === 'P2'),
    ).toEqual(clash.facts?.conntrack);
    expect(made.lan.eventsOf('snat-port-changed').map(({ fields }) => fields)).toEqual([
      {
        protocol: 'udp',
        original: '10.1.0.12:40000',
        mapped: `192.0.2.100:${mappedSourcePort}`,
        destination: S,
      },
    ]);

    made.clear();
    send(made, 'P3', 40000, T);
    const other = truth(FIXTURE, 'same-port-other-destination');
    expect(made.packets('int', 'ext')).toEqual(frames(other, 'int', 'ext'));

    made.clear();
    send(made, 'P2', 40000, T);
    const reused = truth(FIXTURE, 'remapped-source-is-reused');
    expect(made.packets('int', 'ext')).toEqual(frames(reused, 'int', 'ext'));
  });

  test('a clash moves within the class of the port, for 99 ports in all classes', () => {
    const made = lab();
    const ranges = [
      [300, 315],
      [505, 515],
      [550, 565],
      [700, 715],
      [1020, 1027],
      [5000, 5015],
      [60000, 60015],
    ] as const;
    const ports = ranges.flatMap(([low, high]) =>
      Array.from({ length: high - low + 1 }, (_, index) => low + index),
    );
    expect(ports).toHaveLength(99);
    for (const port of ports) send(made, 'P1', port, S);
    for (const port of ports) send(made, 'P2', port, S);
    for (const port of ports) {
      expect(entryOf(made, 'P1', port, S).mappedSourcePort).toBe(port);
      const moved = entryOf(made, 'P2', port, S).mappedSourcePort;
      const [from, to] = port < 512 ? [1, 511] : port < 1024 ? [600, 1023] : [1024, 65535];
      expect(moved).not.toBe(port);
      expect(moved).toBeGreaterThanOrEqual(from);
      expect(moved).toBeLessThanOrEqual(to);
    }
  });

  test('a clashing identifier is drawn anew, kept for other destinations, and restored', () => {
    const made = lab();
    const found = truth(FIXTURE, 'icmp-id');
    made.echo(made.p1, S, 4660);
    made.run(0.1);
    made.echo(made.p2, S, 4660);
    made.run(0.3);
    made.echo(made.p2, T, 4660);
    made.run(0.1);
    made.maskPort(entryOf(made, 'P2', 4660, S).mappedSourcePort, 'CLASHID');
    expect(made.packets('int', 'ext')).toEqual(frames(found, 'int', 'ext'));
    expect(made.entries()).toEqual(found.facts?.conntrack);
  });

  test('sockets reserve nothing: who comes second is moved, be it the node itself', () => {
    const made = lab();
    const found = truth(FIXTURE, 'local-socket');
    send(made, 'N1', 45000, S);
    send(made, 'P1', 45000, S);
    send(made, 'P1', 45001, S);
    send(made, 'N1', 45001, S);
    made.maskPort(entryOf(made, 'P1', 45000, S).mappedSourcePort, 'MOVED1');
    made.maskPort(entryOf(made, 'EIP', 45001, S).mappedSourcePort, 'MOVED2');
    expect(made.packets('ext')).toEqual(frames(found, 'ext'));
  });

  test("the answer to the node's own remapped flow reaches its socket", () => {
    const made = lab();
    made.udpEcho(made.s, 7);
    made.udp(made.p1, '10.1.0.11', 46000, S, 7);
    made.run(0.1);
    const heard: number[] = [];
    const socket = made.n1.udp.bind(
      { address: ip('192.0.2.100'), port: 46000 },
      { onDatagram: (_socket, _frame, _offset, length) => heard.push(length) },
    );
    socket.sendTo(ip(S), 7, new Uint8Array(5));
    made.run(0.1);
    expect(entryOf(made, 'EIP', 46000, S).mappedSourcePort).not.toBe(46000);
    expect(heard).toEqual([5]);
  });

  test("the node's own ping that clashes counts its identifier up from zero", () => {
    const made = lab();
    made.echo(made.p1, S, 4660);
    made.run(0.3);
    const replies: number[] = [];
    const socket = made.n1.icmp.openEcho(
      { onReply: ({ sequence }) => replies.push(sequence), onError: () => {} },
      4660,
    );
    socket.send(ip(S), 3, { source: ip('192.0.2.100') });
    made.run(0.1);
    expect(replies).toEqual([3]);
    expect(entryOf(made, 'EIP', 4660, S).mappedSourcePort).toBe(0);
  });

  test('an exhausted range drops in silence, and only for that destination', () => {
    const made = lab(null);
    const range = toSource('192.0.2.100', { ports: { low: 50000, high: 50003 } });
    made.snat(made.netfilter1, range, IpProtocol.Udp);
    const found = truth(FIXTURE, 'port-range');
    send(made, 'P1', 50002, S);
    for (let port = 5000; port <= 5005; port++) send(made, 'P1', port, S);
    send(made, 'P1', 5010, T);
    expect(entryOf(made, 'P1', 50002, S).mappedSourcePort).toBe(50002);
    const toS = made.netfilter1.conntrack
      .entries()
      .filter(({ original }) => original.destination === ip(S))
      .map(({ mappedSourcePort }) => mappedSourcePort)
      .sort();
    expect(toS).toEqual([50000, 50001, 50002, 50003]);
    expect(entryOf(made, 'P1', 5010, T).mappedSourcePort).toBeGreaterThanOrEqual(50000);
    const seen = made.packets('ext').filter(({ dst }) => dst === 'S');
    expect(seen).toHaveLength(Number(found.facts?.datagrams_seen_outside));
    const { insertFailed, drop } = made.netfilter1.conntrack.counters;
    expect({ insert_failed: insertFailed, drop }).toEqual(found.facts?.conntrackStat);
    expect(made.n1.drops.of(NatDrop.SnatPortsExhausted)).toBe(3);
    expect(made.packets('ext', 'int').some(({ kind }) => kind === 'icmp')).toBe(false);
  });

  test('--random-fully keeps no port, reuses none, and stays within the class', () => {
    const made = lab(toSource('192.0.2.100', { random: true }));
    const high: number[] = [];
    const low: number[] = [];
    for (let i = 0; i < 20; i++) {
      send(made, 'P1', 5000 + i, S);
      send(made, 'P1', 300 + i, S);
      high.push(entryOf(made, 'P1', 5000 + i, S).mappedSourcePort);
      low.push(entryOf(made, 'P1', 300 + i, S).mappedSourcePort);
    }
    for (const to of [T, '192.0.2.11', '192.0.2.12']) send(made, 'P1', 5000, to);
    expect(high.filter((port, i) => port === 5000 + i).length).toBeLessThanOrEqual(1);
    expect(Math.min(...high)).toBeGreaterThanOrEqual(1024);
    expect(Math.max(...low)).toBeLessThanOrEqual(511);
    const perDestination = [S, T, '192.0.2.11', '192.0.2.12'].map(
      (to) => entryOf(made, 'P1', 5000, to).mappedSourcePort,
    );
    expect(new Set(perDestination).size).toBe(4);
  });
});

describe('masquerade and lost addresses (fixture 06b)', () => {
  test('MASQUERADE takes the primary address of the way out, and forgets when it goes', () => {
    const made = lab({ kind: 'masquerade' });
    const found = truth(FIXTURE, 'masquerade');
    send(made, 'P1', 40000, S);
    send(made, 'P2', 40000, S);
    made.maskPort(entryOf(made, 'P2', 40000, S).mappedSourcePort, 'CLASHPORT');
    expect(made.packets('ext')).toEqual(frames(found, 'ext'));
    expect(made.netfilter1.conntrack.entries()).toHaveLength(2);
    made.n1.addresses.remove(nic(made.n1, 'ext0'), ip('192.0.2.100'));
    expect(made.netfilter1.conntrack.entries()).toHaveLength(2);
    made.n1.addresses.remove(nic(made.n1, 'ext0'), ip('192.0.2.1'));
    expect(made.entries()).toEqual([]);
  });

  test('MASQUERADE forgets when the interface goes down', () => {
    const made = lab({ kind: 'masquerade' });
    send(made, 'P1', 40000, S);
    made.n1.setInterfaceUp(nic(made.n1, 'ext0'), false);
    expect(made.entries()).toEqual([]);
  });

  test('MASQUERADE without an address drops by name', () => {
    const made = lab(null);
    made.plugFar();
    made.netfilter1.snat.append({
      match: { outInterface: 'far1' },
      target: { kind: 'masquerade' },
    });
    made.udp(made.p1, '10.1.0.11', 40000, '198.51.100.77', 9);
    made.run(0.1);
    expect(made.n1.drops.of(NatDrop.MasqueradeNoAddress)).toBe(1);
    expect(made.packets('far')).toEqual([]);
  });

  test('a masqueraded connection that suddenly leaves elsewhere is dropped and forgotten', () => {
    const made = lab({ kind: 'masquerade' });
    send(made, 'P1', 40000, T);
    made.plugFar();
    send(made, 'P1', 40000, T);
    expect(made.n1.drops.of(NatDrop.MasqueradeMoved)).toBe(1);
    expect(made.entries()).toEqual([]);
  });

  test('SNAT goes on under an address that the node no longer has', () => {
    const made = lab();
    const found = truth(FIXTURE, 'snat-address-removed');
    send(made, 'P1', 40000, S);
    made.n1.addresses.remove(nic(made.n1, 'ext0'), ip('192.0.2.100'));
    made.run(0.3);
    expect(made.entries()).toHaveLength(1);
    send(made, 'P1', 40000, S);
    send(made, 'P1', 40001, S);
    expect(made.packets('ext')).toEqual(frames(found, 'ext'));
  });
});

describe('several addresses (fixture 06b)', () => {
  const four = { high: '192.0.2.103' };

  /** Pod → address for each of S's eight addresses, two ports each. */
  function spread(made: NatTopology): Map<string, Set<string>> {
    const used = new Map<string, Set<string>>();
    for (const [number, pod] of (['P1', 'P2', 'P3'] as const).entries()) {
      for (let d = 0; d <= 7; d++) {
        const base = 6000 + (number + 1) * 100 + d * 10;
        const to = `192.0.2.1${d}`;
        send(made, pod, base, to);
        send(made, pod, base + 1, to);
        const one = entryOf(made, pod, base, to);
        const two = entryOf(made, pod, base + 1, to);
        expect(one.mappedSource).toBe(two.mappedSource);
        expect([one.mappedSourcePort, two.mappedSourcePort]).toEqual([base, base + 1]);
        const addresses = used.get(pod) ?? new Set();
        used.set(pod, addresses.add(formatIpv4(one.mappedSource)));
      }
    }
    return used;
  }

  test('source and destination choose the address, the same for every port', () => {
    const made = lab(toSource('192.0.2.100', four));
    // Measured: P1, P2 and P3 use all four. The hash is the kernel's own.
    for (const addresses of spread(made).values()) expect(addresses.size).toBe(4);
  });

  test('persistent: the source alone chooses', () => {
    const made = lab(toSource('192.0.2.100', { ...four, persistent: true }));
    for (const addresses of spread(made).values()) expect(addresses.size).toBe(1);
  });

  test('a source port that is mapped already keeps its address', () => {
    const made = lab(toSource('192.0.2.100', four));
    const used = new Set<string>();
    for (let d = 0; d <= 7; d++) {
      send(made, 'P1', 6000, `192.0.2.1${d}`);
      const { mappedSource, mappedSourcePort } = entryOf(made, 'P1', 6000, `192.0.2.1${d}`);
      used.add(`${mappedSource}:${mappedSourcePort}`);
    }
    expect(used.size).toBe(1);
  });

  test('a pool of several ranges is one row of addresses', () => {
    const range = (
      low: string,
      high: string,
    ): { low: ReturnType<typeof ip>; high: ReturnType<typeof ip> } => ({
      low: ip(low),
      high: ip(high),
    });
    const pool = new AddressPool([
      range('192.0.2.1', '192.0.2.2'),
      range('192.0.2.9', '192.0.2.9'),
    ]);
    const picked = new Set<string>();
    for (let i = 0; i < 100; i++)
      picked.add(formatIpv4(pool.pick(ip('10.0.0.1'), ip(`10.1.0.${i}`), false)));
    expect([...picked].sort()).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.9']);
    expect(pool.contains(ip('192.0.2.3'))).toBe(false);
  });
});
