// Unfinished frames of a kernel: what is cut from them is what the kernel itself would have sent.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as checksum from '../../src/wire/checksum.ts';
import * as ethernet from '../../src/wire/ethernet.ts';
import { type Frame, FrameArena, type Offload } from '../../src/wire/frame.ts';
import * as ipv4 from '../../src/wire/ipv4.ts';
import { ipv4Address } from '../../src/wire/ipv4-address.ts';
import { macAddress } from '../../src/wire/mac-address.ts';
import { EtherType, IpProtocol } from '../../src/wire/numbers.ts';
import { finishFrame, isPlausible, largestPacket } from '../../src/wire/offload.ts';
import * as tcp from '../../src/wire/tcp.ts';
import * as udp from '../../src/wire/udp.ts';

const SOURCE = ipv4Address(0x0a00_0001);
const DESTINATION = ipv4Address(0x0a00_0002);
const L3 = ethernet.HEADER_LENGTH;
const L4 = L3 + ipv4.HEADER_LENGTH;
const FLAGS = tcp.Flag.Ack | tcp.Flag.Psh | tcp.Flag.Fin;

/** As a TAP hands it over: the checksum is the sum of the pseudo-header. */
function unfinishedTcp(payload: number, segmentSize: number, flags: number = FLAGS): Frame {
  const arena = new FrameArena();
  const frame = arena.allocate(L4 + tcp.HEADER_LENGTH + payload);
  ethernet.emit(frame, macAddress(0x0200_0000_0002), macAddress(0x0200_0000_0001), EtherType.Ipv4);
  const [l3, l4] = [frame.start + L3, frame.start + L4];
  const length = frame.end - l3;
  ipv4.emit(frame, l3, length, 0xfffe, 0x4000, 64, IpProtocol.Tcp, SOURCE, DESTINATION);
  tcp.emit(frame, l4, 40_000, 80, 0xffff_ff00, 7, flags, 512);
  for (let i = 0; i < payload; i++) frame.bytes[l4 + tcp.HEADER_LENGTH + i] = i * 7;
  const pseudo = checksum.pseudoHeader(SOURCE, DESTINATION, IpProtocol.Tcp, frame.end - l4);
  tcp.setChecksum(frame, l4, ~checksum.finish(pseudo) & 0xffff);
  frame.offload = { segmentSize, checksumStart: L4, checksumOffset: 16, hasCwr: false };
  frame.sealed = true;
  return frame;
}

function finished(frame: Frame): Frame[] {
  const frames: Frame[] = [];
  finishFrame(new FrameArena(), frame, (each) => frames.push(each));
  return frames;
}

describe('finishing a frame', () => {
  test('a frame without unfinished work is passed on as it is', () => {
    const frame = new FrameArena().allocate(60);
    expect(finished(frame)).toEqual([frame]);
  });

  test('every segment is a sound packet, and together they are the data', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9000 }),
        fc.integer({ min: 1, max: 3000 }),
        (n, mss) => {
          const whole = unfinishedTcp(n, mss);
          const segments = finished(whole);
          expect(segments.length).toBe(Math.max(1, Math.ceil(n / mss)));
          let data = 0;
          for (const [index, frame] of segments.entries()) {
            const [l3, l4] = [frame.start + L3, frame.start + L4];
            const length = frame.end - l4;
            expect(frame.offload).toBeNull();
            expect(frame.sealed).toBe(true);
            expect(ipv4.check(frame, l3)).toBeNull();
            expect(ipv4.totalLength(frame, l3)).toBe(frame.length - L3);
            expect(ipv4.identification(frame, l3)).toBe((0xfffe + index) & 0xffff);
            expect(tcp.hasValidChecksum(frame, l4, SOURCE, DESTINATION, length)).toBe(true);
            expect(tcp.sequenceNumber(frame, l4)).toBe((0xffff_ff00 + data) >>> 0);
            const isLast = index === segments.length - 1;
            expect(tcp.flags(frame, l4)).toBe(isLast ? FLAGS : tcp.Flag.Ack);
            for (let i = l4 + tcp.HEADER_LENGTH; i < frame.end; i++, data++) {
              expect(frame.bytes[i]).toBe((data * 7) & 0xff);
            }
          }
          expect(data).toBe(n);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('CWR stays with the first segment', () => {
    const flags = tcp.Flag.Ack | tcp.Flag.Cwr;
    const cut = finished(unfinishedTcp(300, 100, flags)).map((each) =>
      tcp.flags(each, each.start + L4),
    );
    expect(cut).toEqual([flags, tcp.Flag.Ack, tcp.Flag.Ack]);
  });

  test('a UDP checksum that comes out as zero is written as ones', () => {
    const arena = new FrameArena();
    const frame = arena.allocate(L4 + udp.HEADER_LENGTH + 2);
    ethernet.emit(frame, macAddress(2), macAddress(4), EtherType.Ipv4);
    const [l3, l4] = [frame.start + L3, frame.start + L4];
    ipv4.emit(frame, l3, frame.end - l3, 1, 0, 64, IpProtocol.Udp, SOURCE, DESTINATION);
    udp.emit(frame, l4, 53, 53, 10);
    const pseudo = checksum.pseudoHeader(SOURCE, DESTINATION, IpProtocol.Udp, 10);
    frame.view.setUint16(l4 + 8, 0);
    udp.setChecksum(frame, l4, ~checksum.finish(pseudo) & 0xffff);
    // The last two octets make the sum 0xffff.
    frame.view.setUint16(l4 + 8, checksum.checksum(frame.view, l4, frame.end));
    frame.offload = { segmentSize: 0, checksumStart: L4, checksumOffset: 6, hasCwr: false };
    const [only] = finished(frame);
    expect(only === undefined ? null : udp.headerChecksum(only, only.start + L4)).toBe(0xffff);
  });
});

describe('what an MTU has to carry', () => {
  test('is the largest segment, not the frame', () => {
    const frame = unfinishedTcp(5000, 1448);
    expect(largestPacket(frame, frame.start + L3, frame.end)).toBe(20 + 20 + 1448);
  });

  test('is the packet when it is smaller than a segment', () => {
    const frame = unfinishedTcp(10, 1448);
    expect(largestPacket(frame, frame.start + L3, frame.end)).toBe(20 + 20 + 10);
  });
});

describe('a lying header', () => {
  const whole = unfinishedTcp(2000, 500);
  const claim = (lie: Partial<Offload>): boolean =>
    isPlausible(whole, { ...(whole.offload as Offload), ...lie });

  test('is told from a true one', () => {
    expect(claim({})).toBe(true);
    expect(claim({ checksumStart: 0 })).toBe(false);
    expect(claim({ checksumStart: L4 + 4 })).toBe(false);
    expect(claim({ checksumOffset: 6 })).toBe(false);
    expect(claim({ checksumStart: 60_000, segmentSize: 0 })).toBe(false);
    expect(claim({ checksumOffset: 60_000, segmentSize: 0 })).toBe(false);
  });

  test('never makes anything throw, whatever the frame', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 14, maxLength: 200 }),
        fc.nat(0xffff),
        fc.nat(300),
        fc.nat(0xffff),
        (octets, segmentSize, checksumStart, checksumOffset) => {
          const frame = new FrameArena().from(octets);
          const offload = { segmentSize, checksumStart, checksumOffset, hasCwr: false };
          if (!isPlausible(frame, offload)) return;
          frame.offload = offload;
          finished(frame);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
