// Laws of translation, for any packet: what leaves is in order, what comes back is for whom it was,
// and an error quotes, to the bit, what its addressee had sent.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Netfilter } from '../../src/nat/netfilter.ts';
import type { Interface } from '../../src/stack/device/interface.ts';
import { HookPoint } from '../../src/stack/hooks.ts';
import { parsePacket } from '../../src/stack/ipv4/packet-reader.ts';
import { applyRewrite } from '../../src/stack/ipv4/rewrite.ts';
import { Packet, Verdict } from '../../src/stack/packet.ts';
import type { NetworkStack } from '../../src/stack/stack.ts';
import type { Frame } from '../../src/wire/frame.ts';
import * as icmp from '../../src/wire/icmp.ts';
import * as ipv4 from '../../src/wire/ipv4.ts';
import { type Ipv4Address, ipv4Address } from '../../src/wire/ipv4-address.ts';
import { IpProtocol } from '../../src/wire/numbers.ts';
import * as tcp from '../../src/wire/tcp.ts';
import * as udp from '../../src/wire/udp.ts';
import { echoFrame, hex, ip, ipv4Frame, L3, tcpFrame, udpFrame } from '../support/frames.ts';
import { cidr, Lan, nic } from '../support/lan.ts';

const EIP = ip('192.0.2.100');

interface Router {
  readonly stack: NetworkStack;
  readonly netfilter: Netfilter;
  readonly inside: Interface;
  readonly outside: Interface;
}

/** A router that gives every source of 10/8 the address EIP, and a table that already has clashes. */
function router(): Router {
  const lan = new Lan();
  const stack = lan.host('N', '192.0.2.1/24', '192.0.2.100/32');
  const inside = lan.plug(stack, 'int0', { segment: 'int', addresses: ['10.0.0.254/8'] });
  const netfilter = new Netfilter(stack, lan.events);
  netfilter.snat.append({
    match: { source: cidr('10.0.0.0/8') },
    target: { kind: 'snat', addresses: [{ low: EIP, high: EIP }] },
  });
  return { stack, netfilter, inside, outside: nic(stack) };
}

function read(frame: Frame): Packet {
  const packet = new Packet();
  if (!parsePacket(packet, frame, frame.start + L3)) throw new Error('malformed');
  return packet;
}

/** Forwards a frame from one interface to the other; the copy that leaves, or null. */
function forward(via: Router, frame: Frame, from: Interface, to: Interface): Frame | null {
  const { stack } = via;
  frame.sealed = true;
  const packet = read(frame);
  packet.ingress = from;
  if (stack.hooks.run(HookPoint.Prerouting, packet) !== Verdict.Accept) return null;
  packet.egress = to;
  packet.nextHop = packet.destination;
  if (stack.hooks.run(HookPoint.Forward, packet) !== Verdict.Accept) return null;
  if (stack.hooks.run(HookPoint.Postrouting, packet) !== Verdict.Accept) return null;
  const copy = stack.arena.copy(packet.frame);
  const l3 = copy.start + L3;
  applyRewrite(copy, l3, packet);
  packet.rewriter?.rewrite(copy, l3, packet);
  return copy;
}

function isInOrder(frame: Frame): boolean {
  const { l3, l4, end, source, destination, protocol } = read(frame);
  if (ipv4.check(frame, l3) !== null) return false;
  const length = end - l4;
  if (protocol === IpProtocol.Tcp) {
    return tcp.hasValidChecksum(frame, l4, source, destination, length);
  }
  if (protocol === IpProtocol.Udp) {
    return udp.hasValidChecksum(frame, l4, source, destination, length);
  }
  return icmp.hasValidChecksum(frame, l4, length);
}

interface Sample {
  readonly protocol: number;
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly data: Uint8Array;
}

/** The first packet of a connection. */
function request({ protocol, data, ...sample }: Sample): Frame {
  const { sourcePort, destinationPort } = sample;
  if (protocol === IpProtocol.Udp) return udpFrame(sourcePort, destinationPort, data, sample);
  if (protocol === IpProtocol.Icmp) return echoFrame(icmp.Type.Echo, sourcePort, 1, data, sample);
  const segment = { sourcePort, destinationPort, sequenceNumber: 1000, flags: tcp.Flag.Syn };
  return tcpFrame(segment, data, sample);
}

/** What the peer answers to a packet as it saw it. */
function answer(seen: Frame): Frame {
  const { protocol, source, destination, sourcePort, destinationPort } = read(seen);
  const back = { source: destination, destination: source };
  const data = new Uint8Array(3);
  if (protocol === IpProtocol.Udp) return udpFrame(destinationPort, sourcePort, data, back);
  if (protocol === IpProtocol.Icmp)
    return echoFrame(icmp.Type.EchoReply, sourcePort, 1, data, back);
  const segment = {
    sourcePort: destinationPort,
    destinationPort: sourcePort,
    sequenceNumber: 5000,
    acknowledgmentNumber: 1001 + dataOf(seen),
    flags: tcp.Flag.Syn | tcp.Flag.Ack,
  };
  return tcpFrame(segment, new Uint8Array(0), back);
}

function dataOf(frame: Frame): number {
  const { l4, end } = read(frame);
  return end - l4 - tcp.dataOffset(frame, l4);
}

/** A router's complaint about a packet as it saw it, quoting at most `limit` octets. */
function complaint(seen: Frame, from: Ipv4Address, limit: number): Frame {
  const { l3, end, source } = read(seen);
  const quoted = seen.bytes.slice(l3, Math.min(end, l3 + limit));
  const length = icmp.HEADER_LENGTH + quoted.length;
  const ends = { source: from, destination: source };
  return ipv4Frame(
    IpProtocol.Icmp,
    length,
    (frame, at) => {
      frame.bytes.set(quoted, at + icmp.HEADER_LENGTH);
      icmp.emit(frame, at, icmp.Type.TimeExceeded, 0, 0, length);
    },
    ends,
  );
}

const samples: fc.Arbitrary<Sample> = fc.record({
  protocol: fc.constantFrom(IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Icmp),
  // Few sources and ports, so that they clash.
  source: fc.integer({ min: 0x0a00_0001, max: 0x0a00_0006 }).map(ipv4Address),
  destination: fc.constantFrom(ip('198.51.100.10'), ip('8.8.8.8'), ip('203.0.113.200')),
  sourcePort: fc.oneof(fc.integer({ min: 1, max: 0xffff }), fc.constantFrom(80, 700, 40000)),
  destinationPort: fc.constantFrom(53, 80, 65535),
  data: fc.uint8Array({ maxLength: 40 }),
});

describe('any packet through SNAT', () => {
  test('leaves in order as EIP; its answer returns to who asked, in order', () => {
    fc.assert(
      fc.property(fc.array(samples, { minLength: 1, maxLength: 30 }), (all) => {
        const via = router();
        const taken = new Map<string, string>();
        for (const sample of all) {
          const out = forward(via, request(sample), via.inside, via.outside);
          if (out === null) throw new Error('lost');
          expect(isInOrder(out)).toBe(true);
          const left = read(out);
          expect([left.source, left.destination]).toEqual([EIP, sample.destination]);
          // No two sources look alike to one peer.
          const { protocol, destination, sourcePort, destinationPort } = left;
          const peer = protocol === IpProtocol.Icmp ? 0 : destinationPort;
          const outside = `${protocol} ${destination}:${peer} ${sourcePort}`;
          const who = `${sample.source}:${sample.sourcePort}`;
          expect(taken.get(outside) ?? who).toBe(who);
          taken.set(outside, who);

          const back = forward(via, answer(out), via.outside, via.inside);
          if (back === null) throw new Error('the answer got lost');
          expect(isInOrder(back)).toBe(true);
          const came = read(back);
          expect([came.source, came.destination]).toEqual([sample.destination, sample.source]);
          expect(came.destinationPort).toBe(sample.sourcePort);
        }
      }),
    );
  });

  test('an error about it quotes, to the bit, what the pod had sent', () => {
    const limit = fc.constantFrom(28, 40, 548);
    fc.assert(
      fc.property(fc.array(samples, { minLength: 1, maxLength: 20 }), limit, (all, octets) => {
        const via = router();
        for (const sample of all) {
          const sent = request(sample);
          const out = forward(via, sent, via.inside, via.outside);
          if (out === null) throw new Error('lost');
          const error = complaint(out, ip('192.0.2.254'), octets);
          const back = forward(via, error, via.outside, via.inside);
          if (back === null) throw new Error('the error got lost');
          expect(isInOrder(back)).toBe(true);
          const { l4, end, source, destination } = read(back);
          expect([source, destination]).toEqual([ip('192.0.2.254'), sample.source]);
          const quote = back.bytes.slice(l4 + icmp.HEADER_LENGTH, end);
          const whole = sent.toBytes().slice(L3);
          expect(hex(quote)).toBe(hex(whole.slice(0, quote.length)));
        }
      }),
    );
  });

  test("the pod's error about an answer quotes, to the bit, what the peer had sent", () => {
    fc.assert(
      fc.property(fc.array(samples, { minLength: 1, maxLength: 20 }), (all) => {
        const via = router();
        for (const sample of all) {
          // ICMP has no errors about errors, but there are some about echo replies.
          const out = forward(via, request(sample), via.inside, via.outside);
          if (out === null) throw new Error('lost');
          const answered = answer(out);
          const back = forward(via, answered, via.outside, via.inside);
          if (back === null) throw new Error('the answer got lost');
          const error = complaint(back, sample.source, 548);
          const left = forward(via, error, via.inside, via.outside);
          if (left === null) throw new Error('the error got lost');
          expect(isInOrder(left)).toBe(true);
          const { l4, end, source, destination } = read(left);
          expect([source, destination]).toEqual([EIP, sample.destination]);
          const quote = left.bytes.slice(l4 + icmp.HEADER_LENGTH, end);
          expect(hex(quote)).toBe(hex(answered.toBytes().slice(L3)));
        }
      }),
    );
  });

  test('garbage never throws, and is never translated', () => {
    const garbage = fc.record({
      protocol: fc.constantFrom(1, 6, 17, 47, 255),
      payload: fc.uint8Array({ maxLength: 80 }),
      inward: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(garbage, { maxLength: 20 }), (all) => {
        const via = router();
        for (const { protocol, payload, inward } of all) {
          const ends = inward
            ? { source: ip('8.8.8.8'), destination: EIP }
            : { source: ip('10.0.0.1'), destination: ip('8.8.8.8') };
          const fill = (frame: Frame, at: number): void => frame.bytes.set(payload, at);
          const frame = ipv4Frame(protocol, payload.length, fill, ends);
          const [from, to] = inward ? [via.outside, via.inside] : [via.inside, via.outside];
          const out = forward(via, frame, from, to);
          if (out === null) continue;
          expect(ipv4.check(out, out.start + L3)).toBeNull();
          const known = via.netfilter.conntrack.entries().length > 0;
          if (!known) expect(hex(out.toBytes())).toBe(hex(frame.toBytes()));
        }
      }),
    );
  });
});
