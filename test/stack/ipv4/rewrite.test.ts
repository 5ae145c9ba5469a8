import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyRewrite } from '../../../src/stack/ipv4/rewrite.ts';
import { Packet } from '../../../src/stack/packet.ts';
import { type Frame, FrameArena } from '../../../src/wire/frame.ts';
import * as icmp from '../../../src/wire/icmp.ts';
import * as ipv4 from '../../../src/wire/ipv4.ts';
import { ipv4Address } from '../../../src/wire/ipv4-address.ts';
import { IpProtocol } from '../../../src/wire/numbers.ts';
import * as tcp from '../../../src/wire/tcp.ts';
import * as udp from '../../../src/wire/udp.ts';

const L3 = 14;
const arena = new FrameArena();

interface Sample {
  readonly protocol: number;
  readonly source: number;
  readonly destination: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly data: Uint8Array;
}

/** A whole packet with right checksums, in memory that was dirty before. */
function build(sample: Sample): Frame {
  const header = sample.protocol === IpProtocol.Tcp ? tcp.HEADER_LENGTH : udp.HEADER_LENGTH; // ICMP has 8 too
  const length = header + sample.data.length;
  const frame = arena.allocate(L3 + ipv4.HEADER_LENGTH + length);
  frame.bytes.fill(0xa5, frame.start, frame.end);
  const l3 = frame.start + L3;
  const l4 = l3 + ipv4.HEADER_LENGTH;
  const source = ipv4Address(sample.source);
  const destination = ipv4Address(sample.destination);
  ipv4.emit(frame, l3, ipv4.HEADER_LENGTH + length, 7, 0, 64, sample.protocol, source, destination);
  frame.bytes.set(sample.data, l4 + header);
  if (sample.protocol === IpProtocol.Tcp) {
    tcp.emit(frame, l4, sample.sourcePort, sample.destinationPort, 1, 2, tcp.Flag.Ack, 512);
    tcp.refreshChecksum(frame, l4, source, destination, length);
  } else if (sample.protocol === IpProtocol.Udp) {
    udp.emit(frame, l4, sample.sourcePort, sample.destinationPort, length);
    udp.refreshChecksum(frame, l4, source, destination, length);
  } else {
    icmp.emitEcho(frame, l4, icmp.Type.Echo, sample.sourcePort, 1, length);
  }
  return frame;
}

/** What the stack's parser makes of it. */
function packetOf(frame: Frame): Packet {
  const packet = new Packet();
  const l3 = frame.start + L3;
  packet.frame = frame;
  packet.l3 = l3;
  packet.l4 = l3 + ipv4.headerLength(frame, l3);
  packet.end = l3 + ipv4.totalLength(frame, l3);
  packet.protocol = ipv4.protocol(frame, l3);
  packet.source = ipv4.source(frame, l3);
  packet.destination = ipv4.destination(frame, l3);
  if (packet.protocol === IpProtocol.Icmp) {
    packet.sourcePort = icmp.identifier(frame, packet.l4);
    packet.destinationPort = packet.sourcePort;
  } else {
    packet.sourcePort = udp.sourcePort(frame, packet.l4);
    packet.destinationPort = udp.destinationPort(frame, packet.l4);
  }
  return packet;
}

function validChecksums(frame: Frame): boolean {
  const packet = packetOf(frame);
  const length = packet.end - packet.l4;
  const { l4, source, destination } = packet;
  if (ipv4.check(frame, packet.l3) !== null) return false;
  switch (packet.protocol) {
    case IpProtocol.Tcp:
      return tcp.hasValidChecksum(frame, l4, source, destination, length);
    case IpProtocol.Udp:
      return udp.hasValidChecksum(frame, l4, source, destination, length);
    default:
      return icmp.hasValidChecksum(frame, l4, length);
  }
}

const address = fc.integer({ min: 0, max: 0xffff_ffff });
const port = fc.integer({ min: 0, max: 0xffff });
const samples = fc.record({
  protocol: fc.constantFrom(IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Icmp),
  source: address,
  destination: address,
  sourcePort: port,
  destinationPort: port,
  data: fc.uint8Array({ maxLength: 60 }),
});

test('rewriting any packet gives the bytes that building it anew would give', () => {
  fc.assert(
    fc.property(samples, samples, (before, after) => {
      const frame = build(before);
      const packet = packetOf(frame);
      packet.source = ipv4Address(after.source);
      packet.destination = ipv4Address(after.destination);
      packet.sourcePort = after.sourcePort;
      packet.destinationPort = after.destinationPort;
      applyRewrite(frame, packet.l3, packet);
      const expected = build({ ...after, protocol: before.protocol, data: before.data });
      expect(validChecksums(frame)).toBe(true);
      const got = packetOf(frame);
      expect([got.source, got.destination, got.sourcePort]).toEqual([
        after.source,
        after.destination,
        after.sourcePort,
      ]);
      // A TCP or ICMP sum may be 0 or 0xffff for the same content; everything else is equal.
      expect(got.destinationPort).toBe(packetOf(expected).destinationPort);
    }),
  );
});

test('a rewrite and its reverse leave the bytes as they were', () => {
  fc.assert(
    fc.property(samples, samples, (before, after) => {
      const frame = build(before);
      const original = frame.toBytes();
      const packet = packetOf(frame);
      const numbers = [
        packet.source,
        packet.destination,
        packet.sourcePort,
        packet.destinationPort,
      ] as const;
      packet.source = ipv4Address(after.source);
      packet.destination = ipv4Address(after.destination);
      packet.sourcePort = after.sourcePort;
      packet.destinationPort = after.destinationPort;
      applyRewrite(frame, packet.l3, packet);
      [packet.source, packet.destination, packet.sourcePort, packet.destinationPort] = numbers;
      applyRewrite(frame, packet.l3, packet);
      expect(frame.toBytes()).toEqual(original);
    }),
  );
});

test('a packet whose numbers agree with its bytes is not touched', () => {
  const frame = build({
    protocol: IpProtocol.Udp,
    source: 0x0a010005,
    destination: 0xc000020a,
    sourcePort: 40000,
    destinationPort: 53,
    data: new Uint8Array(8),
  });
  const original = frame.toBytes();
  frame.sealed = true; // any write would throw
  expect(applyRewrite(frame, frame.start + L3, packetOf(frame))).toBe(false);
  expect(frame.toBytes()).toEqual(original);
});

test('a UDP checksum of zero stays zero', () => {
  const frame = build({
    protocol: IpProtocol.Udp,
    source: 0x0a010005,
    destination: 0xc000020a,
    sourcePort: 40000,
    destinationPort: 53,
    data: new Uint8Array(8),
  });
  const packet = packetOf(frame);
  udp.setChecksum(frame, packet.l4, 0);
  packet.source = ipv4Address(0xc0000264);
  packet.sourcePort = 1024;
  expect(applyRewrite(frame, packet.l3, packet)).toBe(true);
  expect(udp.headerChecksum(frame, packet.l4)).toBe(0);
  expect(udp.sourcePort(frame, packet.l4)).toBe(1024);
  expect(ipv4.check(frame, packet.l3)).toBeNull();
});

test('a corrupted packet stays corrupted', () => {
  const frame = build({
    protocol: IpProtocol.Tcp,
    source: 0x0a010005,
    destination: 0xc000020a,
    sourcePort: 40000,
    destinationPort: 80,
    data: new Uint8Array([1, 2, 3]),
  });
  const packet = packetOf(frame);
  frame.bytes[packet.end - 1] = 99;
  packet.source = ipv4Address(0xc0000264);
  applyRewrite(frame, packet.l3, packet);
  expect(validChecksums(frame)).toBe(false);
});

test('a later fragment has addresses to rewrite but no ports', () => {
  const frame = build({
    protocol: IpProtocol.Udp,
    source: 0x0a010005,
    destination: 0xc000020a,
    sourcePort: 0x1234,
    destinationPort: 0x5678,
    data: new Uint8Array(8),
  });
  ipv4.setFragment(frame, frame.start + L3, 1480, false, false);
  ipv4.refreshChecksum(frame, frame.start + L3);
  const packet = packetOf(frame);
  packet.fragmentOffset = 1480;
  const payload = frame.toBytes().slice(L3 + ipv4.HEADER_LENGTH);
  packet.source = ipv4Address(0xc0000264);
  packet.sourcePort = 0;
  packet.destinationPort = 0;
  applyRewrite(frame, packet.l3, packet);
  expect(frame.toBytes().slice(L3 + ipv4.HEADER_LENGTH)).toEqual(payload);
  expect(ipv4.source(frame, packet.l3)).toBe(0xc0000264);
  expect(ipv4.check(frame, packet.l3)).toBeNull();
});

test('an ICMP error has no identifier to rewrite', () => {
  const frame = build({
    protocol: IpProtocol.Icmp,
    source: 0xc000020a,
    destination: 0xc0000264,
    sourcePort: 0x1234,
    destinationPort: 0,
    data: new Uint8Array(28),
  });
  const packet = packetOf(frame);
  icmp.emit(frame, packet.l4, icmp.Type.Unreachable, 4, 1400, packet.end - packet.l4);
  packet.sourcePort = 0;
  packet.destination = ipv4Address(0x0a010005);
  applyRewrite(frame, packet.l3, packet);
  expect(icmp.nextHopMtu(frame, packet.l4)).toBe(1400);
  expect(validChecksums(frame)).toBe(true);
});
