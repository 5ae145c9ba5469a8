// What every capture format keeps, whatever its octets look like. A format's test calls this suite
// with itself, and beside it checks what is its own.

import { describe, expect, test } from 'vitest';
import { MemoryByteSink } from '../../src/capture/memory-byte-sink.ts';
import type {
  CaptureFormat,
  CaptureMetadata,
  CaptureSink,
  InterfaceInfo,
} from '../../src/capture/sink.ts';
import { seconds } from '../../src/sim/time.ts';
import type { Frame } from '../../src/wire/frame.ts';
import * as icmp from '../../src/wire/icmp.ts';
import { echoFrame } from '../support/frames.ts';

export const METADATA: CaptureMetadata = {
  application: 'egresslab 0.1.0',
  lab: 'automatic',
  seed: 7,
  digest: '1a2b3c4d',
  command: 'npx egresslab run topologies/automatic.yaml --seed 7',
};

export const UPLINK: InterfaceInfo = {
  name: 'worker02/enp1s0',
  description: 'uplink of worker02 on lan',
  bitsPerSecond: 1_000_000_000,
};

/** A sealed echo request with `size` octets of data. */
export function anyFrame(size = 56): Frame {
  const frame = echoFrame(icmp.Type.Echo, 1, 1, new Uint8Array(size).fill(0x2e));
  frame.sealed = true;
  return frame;
}

interface Opened {
  readonly out: MemoryByteSink;
  readonly sink: CaptureSink;
}

/** `isWhole` says whether octets are readable to their last one. */
export function captureFormatContract(
  format: CaptureFormat,
  isWhole: (octets: Uint8Array) => boolean,
): void {
  const open = (): Opened => {
    const out = new MemoryByteSink();
    return { out, sink: format.open(out, METADATA) };
  };

  describe(`the contract of capture formats: ${format.name}`, () => {
    test('extensions are lower case and have their dot', () => {
      expect(format.extensions.length).toBeGreaterThan(0);
      for (const extension of format.extensions) expect(extension).toMatch(/^\.[a-z0-9]+$/);
    });

    test('interfaces are numbered from zero in the order of adding', () => {
      const { sink } = open();
      expect([sink.addInterface(UPLINK), sink.addInterface({ ...UPLINK, name: 'b' })]).toEqual([
        0, 1,
      ]);
    });

    test('a frame on an interface that was not added is a bug', () => {
      const { sink } = open();
      expect(() => sink.frame(0, 0, anyFrame(), 'in', [])).toThrow(/added before/);
    });

    test('nothing is written before the first flush', () => {
      const { out, sink } = open();
      sink.addInterface(UPLINK);
      sink.frame(0, 1, anyFrame(), 'out', ['why']);
      expect(out.length).toBe(0);
      sink.flush(1);
      expect(out.length).toBeGreaterThan(0);
    });

    test('a capture without frames is a whole file', () => {
      const { out, sink } = open();
      sink.addInterface(UPLINK);
      sink.close(seconds(1));
      expect(isWhole(out.bytes())).toBe(true);
    });

    test('a capture without interfaces is a whole file', () => {
      const { out, sink } = open();
      sink.close(0);
      expect(isWhole(out.bytes())).toBe(true);
    });

    test('whatever has reached the sink is readable: every prefix of the chunks is whole', () => {
      const { out, sink } = open();
      sink.addInterface(UPLINK);
      for (let i = 0; i < 900; i++) {
        sink.frame(0, i, anyFrame(i % 300), 'in', i % 7 === 0 ? ['a reason'] : []);
      }
      // No flush and no close: this is where the run dies.
      expect(out.chunks.length).toBeGreaterThan(1);
      const prefix = new MemoryByteSink();
      for (const chunk of out.chunks) {
        expect(chunk.length).toBeLessThanOrEqual(64 * 1024);
        prefix.write(chunk);
        expect(isWhole(prefix.bytes())).toBe(true);
      }
    });

    test('a frame larger than a chunk is kept whole', () => {
      const { out, sink } = open();
      sink.addInterface(UPLINK);
      sink.frame(0, 1, anyFrame(), 'in', []);
      sink.frame(0, 2, anyFrame(64_000), 'in', ['x'.repeat(70_000), 'y']);
      sink.frame(0, 3, anyFrame(), 'in', []);
      sink.close(4);
      expect(isWhole(out.bytes())).toBe(true);
    });

    test('closing twice writes and closes once', () => {
      const { out, sink } = open();
      sink.addInterface(UPLINK);
      sink.frame(0, 1, anyFrame(), 'in', []);
      sink.close(2);
      const { length } = out;
      sink.close(3);
      sink.flush(4);
      sink.frame(0, 5, anyFrame(), 'in', []);
      expect(out.closed).toBe(true);
      expect(out.length).toBe(length);
    });

    test('a sink that refuses is closed all the same', () => {
      let closed = 0;
      const out = {
        write: (): void => {
          throw new Error('disk full');
        },
        close: (): void => {
          closed++;
        },
      };
      const sink = format.open(out, METADATA);
      expect(() => sink.close(0)).toThrow('disk full');
      sink.close(0);
      expect(closed).toBe(1);
    });

    test('the frame is not touched', () => {
      const { sink } = open();
      sink.addInterface(UPLINK);
      const frame = anyFrame();
      const before = frame.toBytes();
      sink.frame(0, 1, frame, 'out', []);
      sink.close(1);
      expect(frame.toBytes()).toEqual(before);
    });

    test('equal captures are equal to the octet', () => {
      const write = (): Uint8Array => {
        const { out, sink } = open();
        sink.addInterface(UPLINK);
        sink.frame(0, 1, anyFrame(), 'out', ['why']);
        sink.frame(0, seconds(2), anyFrame(0), 'in', []);
        sink.close(seconds(3));
        return out.bytes();
      };
      expect(write()).toEqual(write());
    });

    test('hostile octets and texts do no harm', () => {
      const { out, sink } = open();
      sink.addInterface({ ...UPLINK, name: 'a\nb', description: '\0' });
      const runt = anyFrame();
      runt.length = 3;
      const empty = anyFrame();
      empty.length = 0;
      sink.frame(0, 1, runt, null, ['two\nlines', '', '\u{1f980}\u0000']);
      sink.frame(0, 2, empty, null, []);
      sink.close(3);
      expect(isWhole(out.bytes())).toBe(true);
    });
  });
}
