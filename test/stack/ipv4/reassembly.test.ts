// Fragments become whole packets, or time out, or are refused: as Linux does.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StackDrop } from '../../../src/stack/drop-reason.ts';
import { fragment } from '../../../src/stack/ipv4/fragmentation.ts';
import { parsePacket } from '../../../src/stack/ipv4/packet-reader.ts';
import { Packet } from '../../../src/stack/packet.ts';
import type { NetworkStack } from '../../../src/stack/stack.ts';
import { type Frame, FrameArena } from '../../../src/wire/frame.ts';
import * as icmp from '../../../src/wire/icmp.ts';
import * as ipv4 from '../../../src/wire/ipv4.ts';
import { IpProtocol } from '../../../src/wire/numbers.ts';
import { hex, ip, ipv4Frame, L3, L4, udpFrame } from '../../support/frames.ts';
import { Lan, nic } from '../../support/lan.ts';

const arena = new FrameArena();

function host(): { lan: Lan; a: NetworkStack; b: NetworkStack } {
  const lan = new Lan();
  const a = lan.host('A', '10.0.0.1/24');
  const b = lan.host('B', '10.0.0.2/24');
  lan.ping(a, '10.0.0.2');
  lan.run(0.1);
  lan.frames.length = 0;
  return { lan, a, b };
}

interface Piece {
  readonly offset: number;
  readonly length: number;
  readonly more?: boolean;
  readonly identification?: number;
  readonly dontFragment?: boolean;
  /** What the payload is filled with. */
  readonly fill?: number;
}

/** A fragment of a UDP datagram from A to B. */
function piece({
  offset,
  length,
  more = true,
  identification = 7,
  dontFragment = false,
  fill = 0,
}: Piece): Packet {
  const frame = ipv4Frame(
    IpProtocol.Udp,
    length,
    (made, at) => made.bytes.fill(fill, at, at + length),
    { source: ip('10.0.0.1'), destination: ip('10.0.0.2') },
  );
  const l3 = frame.start + L3;
  ipv4.setIdentification(frame, l3, identification);
  ipv4.setFragment(frame, l3, offset, more, dontFragment);
  ipv4.refreshChecksum(frame, l3);
  return read(frame);
}

function read(frame: Frame): Packet {
  const packet = new Packet();
  if (!parsePacket(packet, frame, frame.start + L3)) throw new Error('malformed');
  return packet;
}

/** The payload, as a string of what each eight octets were filled with. */
function payload(packet: Packet): string {
  let text = '';
  for (let at = packet.l4; at < packet.end; at += 8) text += packet.frame.view.getUint8(at);
  return text;
}

describe('whole again', () => {
  test('cut anyhow, shuffled anyhow, partly doubled: the same packet', () => {
    const { b } = host();
    const datagrams = fc.uint8Array({ minLength: 100, maxLength: 4000 });
    fc.assert(
      fc.property(
        datagrams,
        fc.integer({ min: 68, max: 600 }),
        fc.infiniteStream(fc.nat()),
        fc.array(fc.nat(5)),
        (data, mtu, order, doubled) => {
          const ends = { source: ip('10.0.0.1'), destination: ip('10.0.0.2') };
          const original = udpFrame(1000, 2000, data, ends);
          const l3 = original.start + L3;
          ipv4.setFragment(original, l3, 0, false, false);
          ipv4.refreshChecksum(original, l3);
          const pieces = fragment(arena, original, l3, mtu);
          const keyed = pieces.map((frame) => ({ frame, key: order.next().value ?? 0 }));
          const shuffled = keyed.sort((x, y) => x.key - y.key).map(({ frame }) => frame);
          const last = shuffled.pop() as Frame;
          for (const [index, frame] of shuffled.entries()) {
            expect(b.ipv4.reassembly.collect(read(frame))).toBe(false);
            if (doubled.includes(index)) b.ipv4.reassembly.collect(read(frame));
          }
          const packet = read(last);
          expect(b.ipv4.reassembly.collect(packet)).toBe(true);
          expect(hex(packet.frame.toBytes())).toBe(hex(original.toBytes()));
          expect([packet.sourcePort, packet.destinationPort]).toEqual([1000, 2000]);
          expect(packet.isFragment).toBe(false);
          const sizes = pieces.map((frame) => frame.length - L3);
          expect(packet.geometry?.largest).toBe(Math.max(...sizes));
          const again = fragment(arena, packet.frame, packet.l3, 1500, packet.geometry);
          expect(again.map((frame) => hex(frame.toBytes()))).toEqual(
            pieces.map((frame) => hex(frame.toBytes())),
          );
          expect([b.ipv4.reassembly.pending, b.ipv4.reassembly.memory]).toEqual([0, 0]);
        },
      ),
    );
  });

  test('a large ping goes there and back', () => {
    const { lan, a } = host();
    const ping = lan.ping(a, '10.0.0.2', { size: 5000 });
    lan.run(0.5);
    expect(ping.replies.map(({ size }) => size)).toEqual([5000]);
    expect(lan.frames).toHaveLength(8);
  });

  test('packets that differ in any part of the key do not mix', () => {
    const { reassembly } = host().b.ipv4;
    reassembly.collect(piece({ offset: 0, length: 16, identification: 1 }));
    expect(reassembly.collect(piece({ offset: 16, length: 8, more: false }))).toBe(false);
    const other = piece({ offset: 16, length: 8, more: false, identification: 1 });
    other.source = ip('10.0.0.9');
    expect(reassembly.collect(other)).toBe(false);
    expect(reassembly.pending).toBe(3);
  });

  test('the first fragment gives the header', () => {
    const { reassembly } = host().b.ipv4;
    const second = piece({ offset: 8, length: 8, more: false, fill: 2 });
    ipv4.setTimeToLive(second.frame, second.l3, 9);
    reassembly.collect(second);
    const packet = piece({ offset: 0, length: 8, fill: 1 });
    expect(reassembly.collect(packet)).toBe(true);
    expect([packet.timeToLive, payload(packet)]).toEqual([64, '12']);
  });

  test.each([
    [true, 16, false, 8, true],
    [true, 8, false, 16, false],
    [false, 16, false, 8, false],
  ])(
    'must not be fragmented again if the largest piece said so (%s %i, %s %i)',
    (df1, l1, df2, l2, kept) => {
      const { reassembly } = host().b.ipv4;
      reassembly.collect(piece({ offset: 0, length: l1, dontFragment: df1 }));
      const packet = piece({ offset: l1, length: l2, more: false, dontFragment: df2 });
      expect(reassembly.collect(packet)).toBe(true);
      expect(packet.dontFragment).toBe(kept);
    },
  );
});

describe('what does not fit', () => {
  test('a fragment that lies within what is there is ignored', () => {
    const { b } = host();
    const { reassembly } = b.ipv4;
    reassembly.collect(piece({ offset: 0, length: 16, fill: 1 }));
    reassembly.collect(piece({ offset: 16, length: 16, fill: 2 }));
    reassembly.collect(piece({ offset: 8, length: 16, fill: 9 }));
    const last = piece({ offset: 32, length: 8, more: false, fill: 3 });
    expect(reassembly.collect(last)).toBe(true);
    expect(payload(last)).toBe('11223');
    expect(b.drops.of(StackDrop.BadFragment)).toBe(1);
  });

  test.each([
    ['reaches beyond what is there', { offset: 8, length: 16 }],
    ['begins before what is there', { offset: 0, length: 24 }],
    ['spans pieces that came out of order', { offset: 24, length: 16 }],
  ])('a fragment that %s condemns the whole packet', (_name, overlap) => {
    const { b } = host();
    const { reassembly } = b.ipv4;
    reassembly.collect(piece({ offset: 32, length: 8 }));
    reassembly.collect(piece({ offset: 8, length: 8 }));
    reassembly.collect(piece({ offset: 24, length: 8 }));
    expect(reassembly.collect(piece(overlap))).toBe(false);
    expect([reassembly.pending, reassembly.memory]).toEqual([0, 0]);
    expect(b.drops.of(StackDrop.BadFragment)).toBe(4);
  });

  test.each([
    ['ends elsewhere', { offset: 24, length: 16, more: false }],
    ['goes on behind the end', { offset: 32, length: 8 }],
    ['ends before what is there', { offset: 8, length: 4, more: false }],
    ['is empty', { offset: 8, length: 0 }],
    ['is shorter than eight octets, with more to come', { offset: 8, length: 7 }],
  ])('a fragment that %s condemns the whole packet', (_name, wrong) => {
    const { reassembly } = host().b.ipv4;
    reassembly.collect(piece({ offset: 24, length: 8, more: false }));
    expect(reassembly.pending).toBe(1);
    expect(reassembly.collect(piece(wrong))).toBe(false);
    expect(reassembly.pending).toBe(0);
  });

  test('a packet longer than 65,535 octets', () => {
    const { b } = host();
    const { reassembly } = b.ipv4;
    for (let offset = 0; offset < 65_520; offset += 1480) {
      reassembly.collect(piece({ offset, length: 1480 }));
    }
    const covered = Math.ceil(65_520 / 1480) * 1480;
    expect(reassembly.collect(piece({ offset: covered, length: 8, more: false }))).toBe(false);
    expect([reassembly.pending, reassembly.memory]).toEqual([0, 0]);
  });
});

describe('what never becomes whole', () => {
  /** The ICMP messages that A got. */
  function complaints(lan: Lan): [number, number][] {
    return lan.frames
      .filter(({ frame }) => ipv4.protocol(frame, frame.start + L3) === IpProtocol.Icmp)
      .map(({ frame }) => [icmp.type(frame, frame.start + L4), icmp.code(frame, frame.start + L4)]);
  }

  test('is given up 30 to 32 s after its first fragment; the sender learns it, from the first one', () => {
    const { lan, b } = host();
    const { reassembly } = b.ipv4;
    reassembly.collect(piece({ offset: 0, length: 1480 }));
    lan.run(20);
    reassembly.collect(piece({ offset: 1480, length: 1480 }));
    lan.run(9.9);
    expect(reassembly.pending).toBe(1);
    lan.run(2.2);
    expect([reassembly.pending, reassembly.memory]).toEqual([0, 0]);
    expect(b.drops.of(StackDrop.FragmentTimeout)).toBe(2);
    expect(complaints(lan)).toEqual([[11, 1]]);
  });

  test('without the first fragment there is nothing to quote', () => {
    const { lan, b } = host();
    b.ipv4.reassembly.collect(piece({ offset: 1480, length: 8, more: false }));
    lan.run(33);
    expect(b.drops.of(StackDrop.FragmentTimeout)).toBe(1);
    expect(complaints(lan)).toEqual([]);
  });

  test('ipfrag_time is read when the first fragment comes', () => {
    const { lan, b } = host();
    b.sysctl.set('ipfrag_time', 2);
    b.ipv4.reassembly.collect(piece({ offset: 0, length: 8 }));
    b.sysctl.set('ipfrag_time', 30);
    lan.run(2.1);
    expect(b.ipv4.reassembly.pending).toBe(0);
  });

  test('beyond ipfrag_high_thresh fragments are dropped by name', () => {
    const { lan, b } = host();
    b.sysctl.set('ipfrag_high_thresh', 10_000);
    for (let i = 0; i < 20; i++) {
      b.ipv4.reassembly.collect(piece({ offset: 0, length: 1480, identification: i }));
    }
    expect(b.ipv4.reassembly.memory).toBeLessThan(10_000 + 1480 + 34 + 577);
    expect(b.drops.of(StackDrop.FragmentQueueFull)).toBe(20 - b.ipv4.reassembly.pending);
    lan.run(33);
    b.ipv4.reassembly.collect(piece({ offset: 0, length: 1480 }));
    expect(b.ipv4.reassembly.pending).toBe(1);
  });

  test('a power failure forgets it in silence', () => {
    const { lan, b } = host();
    b.ipv4.reassembly.collect(piece({ offset: 0, length: 8 }));
    b.powerOff();
    expect([b.ipv4.reassembly.pending, b.ipv4.reassembly.memory]).toEqual([0, 0]);
    b.powerOn();
    lan.run(33);
    expect(complaints(lan)).toEqual([]);
    expect(nic(b).operational).toBe(true);
  });

  test('no sequence of fragments breaks anything', () => {
    const shapes = fc.record({
      offset: fc.nat(20).map((units) => units * 8),
      length: fc.nat(40),
      more: fc.boolean(),
      identification: fc.nat(2),
    });
    fc.assert(
      fc.property(fc.array(shapes, { maxLength: 60 }), (all) => {
        const { lan, b } = host();
        for (const shape of all) {
          const packet = piece(shape);
          if (!packet.isFragment) continue;
          if (!b.ipv4.reassembly.collect(packet)) continue;
          expect(packet.isFragment).toBe(false);
          expect(ipv4.check(packet.frame, packet.l3)).toBeNull();
        }
        lan.run(33);
        expect([b.ipv4.reassembly.pending, b.ipv4.reassembly.memory]).toEqual([0, 0]);
      }),
    );
  });
});
