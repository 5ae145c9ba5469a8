import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as checksum from '../../src/wire/checksum.ts';
import { uint16, uint32 } from '../support/arbitraries.ts';

/** RFC 1071 section 1, as plainly as it can be written. */
function plain(octets: Uint8Array): number {
  let total = 0;
  for (let i = 0; i < octets.length; i += 2) {
    total += ((octets[i] ?? 0) << 8) | (octets[i + 1] ?? 0);
    total = (total & 0xffff) + (total >>> 16);
  }
  return ~total & 0xffff;
}

function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
}

describe('checksum', () => {
  test('the example of RFC 1071 section 3', () => {
    const octets = new Uint8Array([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]);
    expect(checksum.checksum(viewOf(octets), 0, 8)).toBe(~0xddf2 & 0xffff);
  });

  test('equals the plain sum for any octets, odd lengths and long runs of 0xff', () => {
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc.nat(65_535).map((length) => new Uint8Array(length).fill(0xff)),
    );
    fc.assert(
      fc.property(any, (octets) => {
        expect(checksum.checksum(viewOf(octets), 0, octets.length)).toBe(plain(octets));
      }),
    );
  });

  test('over a region that holds its own right checksum it is zero', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 99 }), (octets) => {
        const view = viewOf(octets);
        view.setUint16(2, 0);
        view.setUint16(2, checksum.checksum(view, 0, octets.length));
        expect(checksum.checksum(view, 0, octets.length)).toBe(0);
      }),
    );
  });

  test('an update equals a new sum, for 16 and for 32 bits', () => {
    // A packet is never all zeros, the one content whose sum has two representations.
    const octets = fc.uint8Array({ minLength: 20, maxLength: 99 }).filter((all) => all[0] !== 0);
    fc.assert(
      fc.property(octets, fc.integer({ min: 1, max: 4 }), uint16, uint32, (packet, word, a, b) => {
        const view = viewOf(packet);
        let check = checksum.checksum(view, 0, packet.length);
        check = checksum.update16(check, view.getUint16(word * 2), a);
        view.setUint16(word * 2, a);
        expect(check).toBe(checksum.checksum(view, 0, packet.length));
        check = checksum.update32(check, view.getUint32(12), b);
        view.setUint32(12, b);
        expect(check).toBe(checksum.checksum(view, 0, packet.length));
      }),
    );
  });

  test('RFC 1624 section 4: the case that the older formula got wrong', () => {
    expect(checksum.update16(0xdd2f, 0x5555, 0x3285)).toBe(0x0000);
  });

  test('the pseudo-header equals the sum of its twelve octets', () => {
    fc.assert(
      fc.property(
        uint32,
        uint32,
        fc.constantFrom(1, 6, 17),
        uint16,
        (from, to, protocol, length) => {
          const octets = new Uint8Array(12);
          const view = viewOf(octets);
          view.setUint32(0, from);
          view.setUint32(4, to);
          view.setUint8(9, protocol);
          view.setUint16(10, length);
          const total = checksum.pseudoHeader(from, to, protocol, length);
          expect(checksum.finish(total)).toBe(plain(octets));
        },
      ),
    );
  });
});
