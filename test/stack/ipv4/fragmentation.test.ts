import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fragment } from '../../../src/stack/ipv4/fragmentation.ts';
import * as checksum from '../../../src/wire/checksum.ts';
import * as ethernet from '../../../src/wire/ethernet.ts';
import { type Frame, FrameArena } from '../../../src/wire/frame.ts';
import * as ipv4 from '../../../src/wire/ipv4.ts';
import { EtherType } from '../../../src/wire/numbers.ts';
import { IP_A, IP_B, L3, MAC_A, MAC_B } from '../../support/frames.ts';

interface Wanted {
  readonly payload: Uint8Array;
  /** Words of options: 0 to 10. */
  readonly options?: number;
  readonly offset?: number;
  readonly moreBehind?: boolean;
}

function packet({ payload, options = 0, offset = 0, moreBehind = false }: Wanted): Frame {
  const header = ipv4.HEADER_LENGTH + options * 4;
  const frame = new FrameArena().allocate(L3 + header + payload.length);
  ethernet.emit(frame, MAC_B, MAC_A, EtherType.Ipv4);
  const l3 = frame.start + L3;
  ipv4.emit(frame, l3, header + payload.length, 77, 0, 64, 17, IP_A, IP_B, 0);
  frame.bytes.fill(0x01, l3 + ipv4.HEADER_LENGTH, l3 + header);
  frame.view.setUint8(l3, 0x40 | (header / 4));
  ipv4.setFragment(frame, l3, offset, moreBehind, false);
  ipv4.setChecksum(frame, l3, 0);
  ipv4.setChecksum(frame, l3, checksum.checksum(frame.view, l3, l3 + header));
  frame.bytes.set(payload, l3 + header);
  return frame;
}

function cut(frame: Frame, mtu: number): Frame[] {
  return fragment(new FrameArena(), frame, frame.start + L3, mtu);
}

/** What a receiver puts together: each piece where it says that it belongs. */
function assemble(pieces: readonly Frame[], base: number): { bytes: number[]; holes: boolean } {
  const bytes: number[] = [];
  let filled = 0;
  for (const piece of pieces) {
    const l3 = piece.start + L3;
    const at = ipv4.fragmentOffset(piece, l3) - base;
    const from = l3 + ipv4.headerLength(piece, l3);
    for (let i = from; i < l3 + ipv4.totalLength(piece, l3); i++) {
      bytes[at + i - from] = piece.bytes[i] ?? -1;
      filled++;
    }
  }
  return { bytes, holes: filled !== bytes.length };
}

const someWanted = fc.record({
  payload: fc.uint8Array({ minLength: 1, maxLength: 5000 }),
  options: fc.integer({ min: 0, max: 10 }),
  offset: fc.integer({ min: 0, max: 500 }).map((n) => n * 8),
  moreBehind: fc.boolean(),
});

describe('cutting', () => {
  test('and putting together is the identity, for any MTU that Linux takes', () => {
    fc.assert(
      fc.property(someWanted, fc.integer({ min: 68, max: 3000 }), (wanted, mtu) => {
        const pieces = cut(packet(wanted), mtu);
        const { bytes, holes } = assemble(pieces, wanted.offset);
        expect(holes).toBe(false);
        expect(Uint8Array.from(bytes)).toEqual(wanted.payload);
        for (const [index, piece] of pieces.entries()) {
          const l3 = piece.start + L3;
          const last = index === pieces.length - 1;
          expect(ipv4.check(piece, l3)).toBe(null);
          expect(piece.length - L3).toBe(ipv4.totalLength(piece, l3));
          expect(ipv4.totalLength(piece, l3)).toBeLessThanOrEqual(mtu);
          expect(ipv4.moreFragments(piece, l3)).toBe(!last || wanted.moreBehind);
          expect(ipv4.identification(piece, l3)).toBe(77);
          if (!last)
            expect((ipv4.totalLength(piece, l3) - ipv4.headerLength(piece, l3)) % 8).toBe(0);
          expect(ethernet.destination(piece)).toBe(MAC_B);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('every piece has room for the options of the first', () => {
    const pieces = cut(packet({ payload: new Uint8Array(300), options: 3 }), 132);
    const lengths = pieces.map((piece) => ipv4.headerLength(piece, piece.start + L3));
    expect(lengths).toEqual([32, 32, 32, 32]);
  });

  test('a piece that was made by somebody else is cut again on its own (fixture 09-ip-forwarding)', () => {
    const pieces = cut(packet({ payload: new Uint8Array(1480), moreBehind: true }), 1400);
    const sizes = pieces.map((piece) => ipv4.totalLength(piece, piece.start + L3) - 20);
    expect(sizes).toEqual([1376, 104]);
  });
});
