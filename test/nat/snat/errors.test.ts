// Fixture 06c: ICMP errors through SNAT, in both directions, with what they quote.

import { describe, expect, test } from 'vitest';
import { NatDrop } from '../../../src/nat/drop-reason.ts';
import { Ipv4 } from '../../../src/stack/ipv4/ipv4.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import type { Frame } from '../../../src/wire/frame.ts';
import * as icmp from '../../../src/wire/icmp.ts';
import * as ipv4 from '../../../src/wire/ipv4.ts';
import { ANY_ADDRESS } from '../../../src/wire/ipv4-address.ts';
import { IpProtocol } from '../../../src/wire/numbers.ts';
import * as udp from '../../../src/wire/udp.ts';
import { ip, L4 } from '../../support/frames.ts';
import { cidr, nic } from '../../support/lan.ts';
import { frames, NatTopology, truth } from '../nat-topology.ts';

const FIXTURE = '06c-snat-icmp-errors';

function lab(): NatTopology {
  const made = new NatTopology();
  nic(made.r, 'far0').mtu = 1400;
  nic(made.t).mtu = 1400;
  return made;
}

/** Sends an ICMP error about a datagram that need not exist (gt.py icmperr). */
function complain(
  from: NetworkStack,
  to: string,
  source: string,
  sourcePort: number,
  destination: string,
  port: number,
  type: number = icmp.Type.Unreachable,
): void {
  const route = from.ipv4.route(ip(to), ANY_ADDRESS);
  if (typeof route === 'string') throw new Error(route);
  const quoted = ipv4.HEADER_LENGTH + udp.HEADER_LENGTH;
  const frame: Frame = from.ipv4.allocate(icmp.HEADER_LENGTH + quoted);
  const at = frame.start + Ipv4.PAYLOAD_OFFSET;
  const quote = at + icmp.HEADER_LENGTH;
  ipv4.emit(frame, quote, quoted, 1, 0, 63, IpProtocol.Udp, ip(source), ip(destination));
  udp.emit(frame, quote + ipv4.HEADER_LENGTH, sourcePort, port, udp.HEADER_LENGTH);
  const code = type === icmp.Type.Unreachable ? icmp.UnreachableCode.Port : 1;
  icmp.emit(frame, at, type, code, 0, icmp.HEADER_LENGTH + quoted);
  from.ipv4.send(frame, IpProtocol.Icmp, route, ip(to), { dontFragment: false });
}

/** The checksum of the datagram that the last error on a segment quotes. */
function quotedChecksum(found: NatTopology, segment: string): number {
  const last = found.lan.frames.filter((seen) => seen.segment === segment).at(-1);
  if (last === undefined) throw new Error('nothing was sent');
  const inner = last.frame.start + L4 + icmp.HEADER_LENGTH + ipv4.HEADER_LENGTH;
  return udp.headerChecksum(last.frame, inner);
}

describe('ICMP errors through SNAT (fixture 06c)', () => {
  test('port unreachable reaches the pod, quoting what the pod sent', () => {
    const made = lab();
    const found = truth(FIXTURE, 'port-unreachable');
    const errors: string[] = [];
    const socket = made.p1.udp.bind(
      { port: 40010 },
      { onDatagram: () => {}, onError: (_socket, error) => errors.push(error) },
    );
    socket.connect(ip('198.51.100.10'), 9);
    socket.send(new Uint8Array(8));
    made.run(0.2);
    socket.send(new Uint8Array(8));
    made.run(0.2);
    expect(made.packets('int', 'ext')).toEqual(frames(found, 'int', 'ext'));
    expect(made.entries()).toEqual(found.facts?.conntrack);
    expect(errors).toEqual(['ECONNREFUSED', 'ECONNREFUSED']);
    const [sent] = made.lan.frames.filter(({ segment }) => segment === 'int');
    const original = udp.headerChecksum(sent?.frame as Frame, (sent?.frame.start ?? 0) + L4);
    expect(quotedChecksum(made, 'int')).toBe(original);
    expect(quotedChecksum(made, 'ext')).not.toBe(original);
  });

  test.each([
    ['ttl-exceeded-by-R', 40011, 2],
    ['ttl-exceeded-by-N1', 40012, 1],
  ])('%s', (id, port, timeToLive) => {
    const made = lab();
    made.udp(made.p1, '10.1.0.11', port, '198.51.100.10', 9, { timeToLive });
    made.run(0.2);
    expect(made.packets('int', 'ext')).toEqual(frames(truth(FIXTURE, id), 'int', 'ext'));
    const entries = made.entries().filter((entry) => entry.proto === 'udp');
    expect(entries).toHaveLength(id === 'ttl-exceeded-by-N1' ? 0 : 1);
  });

  test('fragmentation needed: the pod learns the path MTU', () => {
    const made = lab();
    // Linux believes it of something that was sent only: there has to be a socket.
    made.p1.udp.bind({ port: 40013 }, { onDatagram: () => undefined });
    made.udp(made.p1, '10.1.0.11', 40013, '198.51.100.10', 9, { size: 1472 });
    made.run(0.2);
    const found = truth(FIXTURE, 'frag-needed');
    expect(made.packets('int', 'ext')).toEqual(frames(found, 'int', 'ext'));
    const route = made.p1.ipv4.route(ip('198.51.100.10'));
    expect(typeof route === 'string' ? route : route.mtu).toBe(1400);
  });

  test('the identifier of a quoted ping is translated back', () => {
    const made = lab();
    made.echo(made.p1, '198.51.100.10', 4660);
    made.run(0.1);
    made.echo(made.p2, '198.51.100.10', 4660, { timeToLive: 2 });
    made.run(0.1);
    const clash = made.netfilter1.conntrack.entries()[1]?.mappedSourcePort ?? -1;
    expect(clash).not.toBe(4660);
    made.maskPort(clash, 'CLASHID');
    const found = truth(FIXTURE, 'echo-ttl-exceeded');
    expect(made.packets('int', 'ext')).toEqual(frames(found, 'int', 'ext'));
  });

  test("the pod's own error leaves under the public address, outside and in the quote", () => {
    const made = lab();
    made.udpEcho(made.t, 7, 0.3);
    made.udp(made.p1, '10.1.0.11', 40014, '198.51.100.10', 7);
    made.run(0.6);
    const found = truth(FIXTURE, 'error-from-pod');
    expect(made.packets('int', 'ext')).toEqual(frames(found, 'int', 'ext'));
  });

  test('a next hop that does not answer: the error finds the pod, in the name of EIP', () => {
    const made = lab();
    made.role('192.0.2.77', 'DEAD');
    made.udp(made.p1, '10.1.0.11', 40015, '192.0.2.77', 9);
    made.run(3.4);
    const found = truth(FIXTURE, 'next-hop-dead');
    expect(made.packets('int', 'ext')).toEqual(frames(found, 'int', 'ext'));
    const asked = made.lan.arps().filter((line) => line.includes('who-has 192.0.2.77'));
    expect(asked).toEqual(Array(3).fill('N1.ext > BROADCAST who-has 192.0.2.77 tell 192.0.2.100'));
  });

  test('no route: N1 says so at once, with its own address', () => {
    const made = lab();
    made.role('203.0.113.5', 'NOROUTE');
    made.n1.routes.add({
      destination: cidr('203.0.113.0/24'),
      type: 'unreachable',
      via: null,
      iface: null,
      source: null,
      metric: 0,
    });
    made.udp(made.p1, '10.1.0.11', 40016, '203.0.113.5', 9);
    made.run(0.2);
    expect(made.packets('int', 'ext')).toEqual(frames(truth(FIXTURE, 'no-route'), 'int', 'ext'));
  });

  test('an error of a third party is believed if it quotes a live flow, and only then', () => {
    const made = lab();
    made.udpSink(made.t, 9);
    made.udp(made.p1, '10.1.0.11', 40019, '198.51.100.10', 9);
    made.run(0.1);
    made.clear();
    complain(made.s, '192.0.2.100', '192.0.2.100', 40019, '198.51.100.10', 9);
    made.run(0.2);
    complain(made.s, '192.0.2.100', '192.0.2.100', 12345, '198.51.100.10', 9);
    made.run(0.2);
    const inside = frames(truth(FIXTURE, 'forged'), 'int').map(({ src, dst, inner }) => ({
      src,
      dst,
      quoted: (inner as { src: string }).src,
    }));
    const seen = made.packets('int').map(({ src, dst, inner }) => ({
      src,
      dst,
      quoted: (inner as { src: string }).src,
    }));
    expect(seen).toEqual(inside);
    expect(made.netfilter1.conntrack.counters).toMatchObject({ error: 1, invalid: 1 });
  });

  test("an error about the node's own remapped flow finds the socket that sent it", () => {
    const made = lab();
    made.udp(made.p1, '10.1.0.11', 40020, '198.51.100.10', 9);
    made.run(0.1);
    const errors: string[] = [];
    const socket = made.n1.udp.bind(
      { address: ip('192.0.2.100'), port: 40020 },
      { onDatagram: () => {}, onError: (_socket, error) => errors.push(error) },
    );
    socket.connect(ip('198.51.100.10'), 9);
    socket.send(new Uint8Array(8));
    made.run(0.1);
    const [, own] = made.netfilter1.conntrack.entries();
    expect(own?.mappedSourcePort).not.toBe(40020);
    expect(errors).toEqual(['ECONNREFUSED']);
  });

  test('an error that is not addressed to whom it quotes is invalid', () => {
    const made = lab();
    made.udpSink(made.t, 9);
    made.udp(made.p1, '10.1.0.11', 40019, '198.51.100.10', 9);
    made.run(0.1);
    complain(made.s, '192.0.2.1', '192.0.2.100', 40019, '198.51.100.10', 9);
    made.run(0.1);
    expect(made.netfilter1.conntrack.counters.invalid).toBe(1);
  });

  test('a redirect about a translated connection goes no further', () => {
    const made = lab();
    made.udpSink(made.t, 9);
    made.udp(made.p1, '10.1.0.11', 40019, '198.51.100.10', 9);
    made.run(0.1);
    made.clear();
    const { Redirect } = icmp.Type;
    complain(made.r, '192.0.2.100', '192.0.2.100', 40019, '198.51.100.10', 9, Redirect);
    made.run(0.1);
    expect(made.packets('int')).toEqual([]);
    expect(made.n1.drops.of(NatDrop.NatRedirect)).toBe(1);
  });

  test('a quote of the ports alone finds the connection, but is too short to translate', () => {
    const made = lab();
    made.udpSink(made.t, 9);
    made.udp(made.p1, '10.1.0.11', 40019, '198.51.100.10', 9);
    made.run(0.1);
    made.clear();
    const from = made.s;
    const route = from.ipv4.route(ip('192.0.2.100'), ANY_ADDRESS);
    if (typeof route === 'string') throw new Error(route);
    const length = icmp.HEADER_LENGTH + ipv4.HEADER_LENGTH + 4;
    const frame = from.ipv4.allocate(length);
    const at = frame.start + Ipv4.PAYLOAD_OFFSET;
    const quote = at + icmp.HEADER_LENGTH;
    const [source, destination] = [ip('192.0.2.100'), ip('198.51.100.10')];
    ipv4.emit(frame, quote, 36, 1, 0, 63, IpProtocol.Udp, source, destination);
    frame.view.setUint16(quote + ipv4.HEADER_LENGTH, 40019);
    frame.view.setUint16(quote + ipv4.HEADER_LENGTH + 2, 9);
    icmp.emit(frame, at, icmp.Type.TimeExceeded, 0, 0, length);
    from.ipv4.send(frame, IpProtocol.Icmp, route, source, { dontFragment: false });
    made.run(0.1);
    expect(made.packets('int')).toEqual([]);
    expect(made.n1.drops.of(NatDrop.NatShortQuote)).toBe(1);
    expect(made.netfilter1.conntrack.counters.invalid).toBe(0);
  });
});
