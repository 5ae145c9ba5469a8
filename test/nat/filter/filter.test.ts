// The host firewall: who gets through, who is told, and what is asked of conntrack.

import { describe, expect, test } from 'vitest';
import { NatDrop } from '../../../src/nat/drop-reason.ts';
import type { FilterMatch } from '../../../src/nat/filter/rule.ts';
import { Ipv4 } from '../../../src/stack/ipv4/ipv4.ts';
import { NeighborState } from '../../../src/stack/neighbor/state.ts';
import * as ethernet from '../../../src/wire/ethernet.ts';
import { ANY_ADDRESS } from '../../../src/wire/ipv4-address.ts';
import { BROADCAST_MAC } from '../../../src/wire/mac-address.ts';
import { IpProtocol } from '../../../src/wire/numbers.ts';
import * as tcp from '../../../src/wire/tcp.ts';
import { ip, L4 } from '../../support/frames.ts';
import { cidr, nic } from '../../support/lan.ts';
import { NatTopology } from '../nat-topology.ts';
import { connect, serve } from '../tcp-apps.ts';

const S = '192.0.2.10';
const tcpTo = (port: number): FilterMatch => ({
  protocol: IpProtocol.Tcp,
  destinationPorts: { low: port, high: port },
});

describe('rules', () => {
  test('the first match decides: only EIP may reach the database', () => {
    const lab = new NatTopology();
    const { input } = lab.netfilterOf(lab.s).filter;
    const admit = input.append({
      match: { ...tcpTo(5432), from: [cidr('192.0.2.100/32')] },
      action: 'accept',
    });
    const refuse = input.append({ match: tcpTo(5432), action: 'drop' });
    serve(lab.s, 5432);
    const pod = connect(lab, lab.p1, { port: 40000, to: S, toPort: 5432 });
    const router = connect(lab, lab.r, { port: 40000, to: S, toPort: 5432 });
    lab.run(0.5);
    expect(pod.log).toEqual(['connected']);
    expect(router.log).toEqual([]);
    expect(lab.s.drops.of(NatDrop.FilterDrop)).toBe(1);
    expect(admit.packets).toBeGreaterThan(1);
    expect(refuse.packets).toBe(1);
    expect(input.rules.remove(refuse)).toBe(true);
    expect(input.rules.remove(refuse)).toBe(false);
    lab.run(1);
    expect(router.log).toEqual(['connected']);
  });

  test('a rule put first is asked first, and a policy is for the rest', () => {
    const lab = new NatTopology();
    const { input } = lab.netfilterOf(lab.s).filter;
    input.policy = 'drop';
    const ping = (): number => lab.lan.ping(lab.r, S).replies.length;
    ping();
    lab.run(0.1);
    expect(lab.s.drops.of(NatDrop.FilterDrop)).toBe(1);
    const drop = input.append({ match: { icmpType: 8 }, action: 'drop' });
    input.prepend({ match: { icmpType: 8, from: [cidr('192.0.2.254/32')] }, action: 'accept' });
    const log = lab.lan.ping(lab.r, S);
    lab.run(0.1);
    expect(log.replies).toHaveLength(1);
    expect(drop.packets).toBe(0);
  });

  test.each([
    [{ from: [cidr('192.0.2.0/24')] }, true],
    [{ from: [cidr('10.0.0.0/8'), cidr('192.0.2.254/32')] }, true],
    [{ from: [cidr('10.0.0.0/8')] }, false],
    [{ to: [cidr('192.0.2.10/32')] }, true],
    [{ to: [cidr('192.0.2.11/32')] }, false],
    [{ protocol: IpProtocol.Udp }, true],
    [{ protocol: IpProtocol.Tcp }, false],
    [{ destinationPorts: { low: 9, high: 9 } }, true],
    [{ destinationPorts: { low: 10, high: 99 } }, false],
    [{ sourcePorts: { low: 4000, high: 5000 } }, true],
    [{ sourcePorts: { low: 4001, high: 5000 } }, false],
    [{ icmpType: 8 }, false],
    [{ inInterface: 'eth0' }, true],
    [{ inInterface: 'eth1' }, false],
    [{ outInterface: 'eth0' }, false],
    [{ mark: 0 }, true],
    [{ mark: 1 }, false],
    [{ states: ['new'] }, true],
    [{ states: ['established', 'related'] }, false],
    [{}, true],
  ] satisfies [FilterMatch, boolean][])('%j matches a datagram: %s', (match, matches) => {
    const lab = new NatTopology();
    lab.udpSink(lab.s, 9);
    const { input } = lab.netfilterOf(lab.s).filter;
    const rule = input.append({ match, action: 'drop' });
    lab.udp(lab.r, '192.0.2.254', 4000, S, 9);
    lab.run(0.1);
    expect(rule.packets).toBe(matches ? 1 : 0);
  });

  test('print as iptables -S does', () => {
    const lab = new NatTopology();
    const { filter, snat } = lab.netfilterOf(lab.t);
    expect([
      filter.input.append({
        match: {
          ...tcpTo(5432),
          from: [cidr('10.0.0.0/8'), cidr('192.0.2.1/32')],
          inInterface: 'eth0',
          states: ['new', 'established'],
        },
        action: 'accept',
        comment: 'the database',
      }).text,
      filter.forward.append({
        match: {
          protocol: IpProtocol.Udp,
          to: [cidr('192.0.2.1/32')],
          sourcePorts: { low: 1, high: 9 },
          outInterface: 'eth1',
          mark: 255,
        },
        action: 'reject',
      }).text,
      filter.output.append({ match: { icmpType: 8 }, action: 'drop' }).text,
      snat.append({
        match: { source: cidr('10.1.0.0/16'), outInterface: 'eth0', mark: 0x509592 },
        target: {
          kind: 'snat',
          addresses: [{ low: ip('192.0.2.100'), high: ip('192.0.2.103') }],
          ports: { low: 1024, high: 2047 },
          random: true,
          persistent: true,
        },
        comment: 'mywebserver',
      }).text,
      snat.append({
        match: { notDestination: cidr('10.1.0.0/16'), protocol: 17, mark: 1, markMask: 1 },
        target: { kind: 'masquerade', ports: { low: 1024, high: 2047 } },
      }).text,
      snat.append({ match: { destination: cidr('10.1.0.0/16') }, target: { kind: 'return' } }).text,
    ]).toMatchInlineSnapshot(`
      [
        "-s 10.0.0.0/8,192.0.2.1/32 -i eth0 -p tcp --dport 5432 -m conntrack --ctstate NEW,ESTABLISHED -m comment --comment "the database" -j ACCEPT",
        "-d 192.0.2.1/32 -o eth1 -p udp --sport 1:9 -m mark --mark 0xff -j REJECT --reject-with icmp-port-unreachable",
        "--icmp-type 8 -j DROP",
        "-s 10.1.0.0/16 -o eth0 -m mark --mark 0x509592 -m comment --comment "mywebserver" -j SNAT --to-source 192.0.2.100-192.0.2.103:1024-2047 --random-fully --persistent",
        "! -d 10.1.0.0/16 -p udp -m mark --mark 0x1/0x1 -j MASQUERADE --to-ports 1024-2047",
        "-d 10.1.0.0/16 -j RETURN",
      ]
    `);
  });
});

describe('connection states', () => {
  test('what was asked for gets in, and nothing else', () => {
    const lab = new NatTopology();
    const { input } = lab.netfilterOf(lab.s).filter;
    input.append({ match: { states: ['established', 'related'] }, action: 'accept' });
    input.policy = 'drop';
    lab.udpEcho(lab.t, 7);
    const heard: number[] = [];
    const errors: string[] = [];
    const socket = lab.s.udp.bind(
      { port: 5000 },
      {
        onDatagram: (_socket, _frame, _offset, length) => heard.push(length),
        onError: (_socket, error) => errors.push(error),
      },
    );
    socket.connect(ip('198.51.100.10'), 7);
    socket.send(new Uint8Array(3));
    lab.run(0.1);
    expect(heard).toEqual([3]);
    lab.udp(lab.r, '192.0.2.254', 4000, S, 5000);
    lab.run(0.1);
    expect(heard).toEqual([3]);
    const closed = lab.s.udp.bind(
      { port: 5001 },
      { onDatagram: () => {}, onError: (_socket, error) => errors.push(error) },
    );
    closed.connect(ip('198.51.100.10'), 8);
    closed.send(new Uint8Array(3));
    lab.run(0.1);
    expect(errors).toEqual(['ECONNREFUSED']);
  });

  test('a firewall without them tracks nothing', () => {
    const lab = new NatTopology();
    const netfilter = lab.netfilterOf(lab.s);
    netfilter.filter.input.append({ match: tcpTo(1), action: 'drop' });
    lab.lan.ping(lab.r, S);
    lab.run(0.1);
    expect(netfilter.connections()).toEqual([]);
  });
});

describe('REJECT', () => {
  test('answers port unreachable by default, which connect() calls refused', () => {
    const lab = new NatTopology();
    lab.netfilterOf(lab.s).filter.input.append({ match: tcpTo(80), action: 'reject' });
    const client = connect(lab, lab.r, { port: 40000, to: S, toPort: 80 });
    lab.run(0.1);
    expect(client.log).toEqual(['ECONNREFUSED']);
    expect(lab.s.drops.of(NatDrop.FilterReject)).toBe(1);
    expect(lab.packets('ext').at(-1)).toMatchObject({ kind: 'icmp', type: 3, code: 3, src: 'S' });
  });

  test('answers a SYN with the RST that a closed port would send', () => {
    const lab = new NatTopology();
    lab.netfilterOf(lab.s).filter.input.append({
      match: tcpTo(80),
      action: 'reject',
      rejectWith: 'tcp-reset',
    });
    const client = connect(lab, lab.r, { port: 40000, to: S, toPort: 80 });
    lab.run(0.1);
    expect(client.log).toEqual(['ECONNREFUSED']);
    const answer = lab.lan.frames.filter(({ segment }) => segment === 'ext').at(-1)?.frame;
    if (answer === undefined) throw new Error('nothing came back');
    const at = answer.start + L4;
    expect(tcp.parse(answer, at, answer.end - at)).toMatchObject({
      sourcePort: 80,
      destinationPort: 40000,
      sequenceNumber: 0,
      flags: tcp.Flag.Rst | tcp.Flag.Ack,
      window: 0,
    });
  });

  test('answers a SYN in a broadcast frame, which the route says is for this host', () => {
    const lab = new NatTopology();
    lab.netfilterOf(lab.s).filter.input.append({
      match: tcpTo(80),
      action: 'reject',
      rejectWith: 'tcp-reset',
    });
    lab.r.neighbors.replace(nic(lab.r, 'ext0'), ip(S), BROADCAST_MAC, NeighborState.Permanent);
    const client = connect(lab, lab.r, { port: 40000, to: S, toPort: 80 });
    lab.run(0.1);
    expect(client.log).toEqual(['ECONNREFUSED']);
  });

  test('resets an established connection with the sequence number that was asked for', () => {
    const lab = new NatTopology();
    serve(lab.s, 80);
    const client = connect(lab, lab.r, { port: 40000, to: S, toPort: 80, count: 2, interval: 1 });
    lab.run(0.5);
    lab.netfilterOf(lab.s).filter.input.append({
      match: tcpTo(80),
      action: 'reject',
      rejectWith: 'tcp-reset',
    });
    lab.run(1);
    expect(client.log).toEqual(['connected', 'ECONNRESET']);
  });

  test('in FORWARD the router answers in the name of whom the segment was for', () => {
    const lab = new NatTopology();
    lab.netfilterOf(lab.r).filter.forward.append({
      match: tcpTo(443),
      action: 'reject',
      rejectWith: 'tcp-reset',
    });
    const client = connect(lab, lab.p1, { port: 40000, to: '198.51.100.10', toPort: 443 });
    lab.run(0.1);
    expect(client.log).toEqual(['ECONNREFUSED']);
    expect(lab.packets('ext').at(-1)).toMatchObject({ src: 'T', dst: 'EIP', flags: 'RA', ttl: 64 });
    expect(lab.entries()).toEqual([]);
  });

  test('tells a local application, too', () => {
    const lab = new NatTopology();
    lab.netfilterOf(lab.s).filter.output.append({ match: tcpTo(80), action: 'reject' });
    const client = connect(lab, lab.s, { port: 40000, to: '192.0.2.254', toPort: 80 });
    lab.run(0.1);
    expect(client.log).toEqual(['ECONNREFUSED']);
    expect(lab.packets('ext')).toEqual([]);
  });

  test('does not answer what is broken, a RST, or what is not TCP with a RST', () => {
    const lab = new NatTopology();
    const netfilter = lab.netfilterOf(lab.s);
    netfilter.filter.input.append({
      match: { protocol: 17 },
      action: 'reject',
      rejectWith: 'tcp-reset',
    });
    netfilter.filter.input.append({
      match: { protocol: 6 },
      action: 'reject',
      rejectWith: 'tcp-reset',
    });
    netfilter.filter.input.append({ match: {}, action: 'reject' });
    lab.udp(lab.r, '192.0.2.254', 4000, S, 9);
    const route = lab.r.ipv4.route(ip(S), ANY_ADDRESS);
    if (typeof route === 'string') throw new Error(route);
    for (const [flags, broken] of [
      [tcp.Flag.Rst, false],
      [tcp.Flag.Syn, true],
    ] as const) {
      const frame = lab.r.ipv4.allocate(tcp.HEADER_LENGTH);
      const at = frame.start + Ipv4.PAYLOAD_OFFSET;
      tcp.emit(frame, at, 1, 2, 3, 4, flags, 5);
      tcp.refreshChecksum(frame, at, route.source, ip(S), tcp.HEADER_LENGTH);
      if (broken) tcp.setWindow(frame, at, 6);
      lab.r.ipv4.send(frame, IpProtocol.Tcp, route, ip(S));
    }
    lab.run(0.1);
    expect(lab.s.drops.of(NatDrop.FilterReject)).toBe(3);
    const { mac } = nic(lab.s);
    expect(lab.lan.frames.filter(({ frame }) => ethernet.source(frame) === mac)).toEqual([]);
  });

  test('quotes a datagram as it would have reached the socket', () => {
    const lab = new NatTopology();
    // The answer to P1 is rejected on N1 after its destination has become P1 again.
    lab.netfilter1.filter.forward.append({
      match: { protocol: 17, to: [cidr('10.1.0.11/32')] },
      action: 'reject',
    });
    lab.udpEcho(lab.s, 7);
    lab.udp(lab.p1, '10.1.0.11', 40000, S, 7);
    lab.run(0.1);
    const error = lab.packets('ext').at(-1);
    expect(error).toMatchObject({ kind: 'icmp', code: 3, src: 'EIP', dst: 'S' });
    expect(error?.inner).toMatchObject({ src: 'S', dst: 'EIP', dport: 40000, l4CsumOk: true });
  });
});
