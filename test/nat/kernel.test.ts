// What Linux 6.18 did with hundreds of random packets, and what the lab does with the very same:
// test/fixtures/kernel. Every octet that leaves is compared.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Connection, ConnectionStatus } from '../../src/nat/conntrack/connection.ts';
import { stateOf } from '../../src/nat/conntrack/connection-state.ts';
import { Netfilter } from '../../src/nat/netfilter.ts';
import { AddressPool } from '../../src/nat/snat/address-pool.ts';
import type { Interface } from '../../src/stack/device/interface.ts';
import { HookPoint, HookPriority } from '../../src/stack/hooks.ts';
import { Verdict } from '../../src/stack/packet.ts';
import type { NetworkStack } from '../../src/stack/stack.ts';
import { conntrackLines, conntrackRow, secondsLeft } from '../../src/view/conntrack.ts';
import * as ethernet from '../../src/wire/ethernet.ts';
import type { Frame } from '../../src/wire/frame.ts';
import { formatIpv4 } from '../../src/wire/ipv4-address.ts';
import { EtherType } from '../../src/wire/numbers.ts';
import { hex, ip, L3, mac } from '../support/frames.ts';
import { cidr, Lan, nic } from '../support/lan.ts';

const INSIDE = 0;

/** A fixture of the given shape; the shapes below are those of the files. */
function load<T>(name: string): T {
  const url = new URL(`../fixtures/kernel/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'));
}

/** The router of the fixtures, with neighbors that take everything and say nothing. */
class Router {
  readonly lan: Lan = new Lan();
  readonly stack: NetworkStack;
  readonly netfilter: Netfilter;
  readonly inside: Interface;
  readonly outside: Interface;

  constructor() {
    const { lan } = this;
    this.stack = lan.host('N', '192.0.2.1/24', '192.0.2.100/32');
    this.outside = nic(this.stack);
    this.inside = lan.plug(this.stack, 'int0', { segment: 'int', addresses: ['10.1.0.1/16'] });
    this.stack.sysctl.set('ip_forward', 1);
    this.stack.sysctl.set('send_redirects', 0);
    this.stack.routes.add({
      destination: cidr('0.0.0.0/0'),
      type: 'unicast',
      via: ip('192.0.2.254'),
      iface: this.outside,
      source: null,
      metric: 0,
    });
    const outsiders = ['192.0.2.10', '192.0.2.254'].map((address) =>
      lan.host(address, `${address}/24`),
    );
    const pods = ['10.1.0.11', '10.1.0.12'].map((address) => {
      const pod = lan.host(address);
      lan.plug(pod, 'int0', { segment: 'int', addresses: [`${address}/16`] });
      return pod;
    });
    for (const { name } of [...outsiders, ...pods]) lan.ping(this.stack, name);
    lan.run(0.2);
    for (const host of [...outsiders, ...pods])
      new Netfilter(host, lan.events).filter.input.policy = 'drop';
    this.netfilter = new Netfilter(this.stack, lan.events);
  }

  /** Lets an IPv4 packet arrive; the packets that leave on the other side, in hexadecimal. */
  pass(from: number, packet: string): string[] {
    const octets = Uint8Array.from(packet.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    const [iface, other] =
      from === INSIDE ? [this.inside, this.outside] : [this.outside, this.inside];
    const frame: Frame = this.lan.arena.allocate(L3 + octets.length);
    ethernet.emit(frame, iface.mac, mac('02:00:00:00:00:99'), EtherType.Ipv4);
    frame.bytes.set(octets, frame.start + L3);
    frame.sealed = true;
    this.lan.frames.length = 0;
    this.stack.receive(frame, iface);
    this.lan.run(1e-4);
    return this.lan.frames
      .filter(({ frame: left }) => ethernet.source(left) === other.mac)
      .map(({ frame: left }) => hex(left.toBytes().slice(L3)));
  }
}

interface TcpFixture {
  readonly sequences: readonly {
    readonly port: number;
    readonly segments: readonly (readonly [number, string, string])[];
    readonly entry: {
      readonly state: string;
      readonly timeout: number;
      readonly opener: 'A' | 'B';
      readonly flags: readonly string[];
    } | null;
  }[];
}

describe('TCP segments, many of which fit nothing', () => {
  const { sequences } = load<TcpFixture>('conntrack-tcp');

  test.each(sequences)('sequence $port', ({ port, segments, entry }) => {
    const router = new Router();
    const { conntrack } = router.netfilter;
    const states: string[] = [];
    router.stack.hooks.register(HookPoint.Forward, HookPriority.Filter, (packet) => {
      states.push(stateOf(packet));
      return Verdict.Accept;
    });
    for (const [from, packet] of segments) expect(router.pass(from, packet)).toHaveLength(1);
    expect(states).toEqual(segments.map(([, , state]) => state));
    const [found, ...others] = conntrack.entries();
    expect(others).toEqual([]);
    if (found === undefined || entry === null) {
      expect(found ?? null).toBe(entry);
      return;
    }
    const { timeout, ...rest } = entry;
    expect(describeEntry(found, port)).toEqual(rest);
    const left = secondsLeft({ deadline: found.expires }, router.lan.scheduler.now);
    expect(Math.abs(left - timeout)).toBeLessThanOrEqual(2);
  });

  function describeEntry(connection: Connection, port: number): object {
    const { original } = connection;
    const flags = [
      ...(connection.has(ConnectionStatus.SeenReply) ? [] : ['UNREPLIED']),
      ...(connection.has(ConnectionStatus.Assured) ? ['ASSURED'] : []),
    ];
    const opener = original.sourcePort === port ? 'A' : 'B';
    return { state: conntrackRow('', connection).state, opener, flags };
  }
});

interface SnatFixture {
  readonly packets: readonly (readonly [number, string, string | null])[];
  readonly entries: readonly string[];
}

test('packets and errors through SNAT, many of them malformed', () => {
  const { packets, entries } = load<SnatFixture>('snat-packets');
  const router = new Router();
  const address = ip('192.0.2.100');
  router.netfilter.snat.append({
    match: { source: cidr('10.1.0.0/16'), outInterface: 'eth0' },
    target: { kind: 'snat', addresses: [{ low: address, high: address }] },
  });
  router.netfilter.filter.input.policy = 'drop';
  router.netfilter.filter.output.policy = 'drop';
  for (const [from, packet, expected] of packets) {
    expect(router.pass(from, packet), packet).toEqual(expected === null ? [] : [expected]);
  }
  const dump = conntrackLines(router.netfilter, router.lan.scheduler.now).map((line) =>
    line.replace(/^(\w+\s+\d+) \d+/, '$1'),
  );
  expect([...dump].sort()).toEqual([...entries].sort());
});

interface ReassemblyFixture {
  readonly datagrams: readonly {
    readonly sent: readonly string[];
    readonly left: readonly string[];
  }[];
}

test('fragments in all orders, doubled, overlapping, lost', () => {
  const { datagrams } = load<ReassemblyFixture>('reassembly');
  const router = new Router();
  expect(router.netfilter.conntrack.count).toBe(0);
  for (const { sent, left } of datagrams) {
    expect(sent.flatMap((packet) => router.pass(INSIDE, packet))).toEqual(left);
  }
});

// Measured on the same kernel with `snat to 192.0.2.100-192.0.2.103`.
test.each([
  ['10.1.35.146', '8.130.60.127', '192.0.2.102'],
  ['10.1.195.116', '198.194.107.25', '192.0.2.103'],
  ['10.1.125.8', '198.221.1.179', '192.0.2.100'],
  ['10.1.115.69', '100.52.162.8', '192.0.2.102'],
  ['10.1.6.7', '8.195.110.249', '192.0.2.102'],
  ['10.1.109.186', '8.113.224.241', '192.0.2.102'],
  ['10.1.127.142', '100.176.118.174', '192.0.2.100'],
  ['10.1.57.195', '198.148.11.107', '192.0.2.102'],
  ['10.1.215.235', '8.95.151.31', '192.0.2.102'],
  ['10.1.191.86', '198.97.155.73', '192.0.2.102'],
  ['10.1.151.226', '198.201.17.123', '192.0.2.102'],
  ['10.1.63.191', '198.212.88.94', '192.0.2.103'],
])('of four addresses, %s to %s gets %s', (source, destination, address) => {
  const pool = new AddressPool([{ low: ip('192.0.2.100'), high: ip('192.0.2.103') }]);
  expect(formatIpv4(pool.pick(ip(source), ip(destination), false))).toBe(address);
});
