import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_HOST_CONF } from '../../../src/stack/sysctl/values.ts';
import { ReceiveWindow } from '../../../src/stack/tcp/receive-window.ts';
import { TcpSegment } from '../../../src/stack/tcp/segment.ts';
import { distance } from '../../../src/stack/tcp/sequence.ts';
import { tailRoom, trueSize } from '../../../src/stack/tcp/socket-memory.ts';
import { FrameArena } from '../../../src/wire/frame.ts';
import { Flag } from '../../../src/wire/tcp.ts';

const arena = new FrameArena();
/** Ethernet, IPv4 and TCP without options. */
const HEADERS = 54;

function data(length: number, flags: number = Flag.Ack): TcpSegment {
  const segment = new TcpSegment();
  segment.frame = arena.allocate(HEADERS + length);
  segment.dataLength = length;
  segment.headerLength = 20;
  segment.flags = flags;
  return segment;
}

function opened(shift: number): ReceiveWindow {
  const window = new ReceiveWindow(DEFAULT_HOST_CONF);
  window.begin(1460);
  window.shift = shift;
  window.open(1460, 1460);
  return window;
}

describe('what a frame costs (skmem of ss -m, Linux 6.18)', () => {
  test.each([
    [1, 832],
    [186, 832],
    [187, 1280],
    [634, 1280],
    [635, 2304],
    [1460, 2304],
  ])('%i octets of data take %i of the receive buffer', (length, memory) => {
    expect(trueSize(HEADERS + length)).toBe(memory);
  });

  test.each([
    [1, 199],
    [187, 461],
    [635, 1037],
  ])('behind %i octets of data there is room for %i more', (length, room) => {
    expect(tailRoom(HEADERS + length, HEADERS + length)).toBe(room);
  });

  test('what lies in pages has no room behind it', () => {
    expect(trueSize(9014)).toBe(832 + 3 * 4096);
    expect(tailRoom(9014, 9014)).toBe(0);
  });
});

describe('the window that is offered', () => {
  test('begins with whole segments in half of tcp_rmem', () => {
    expect(opened(0).introduce()).toBe(64_240);
  });

  test('grows by two segments for each that uses its memory well', () => {
    const window = opened(10);
    const fields: number[] = [];
    for (let i = 1, memory = 0; i <= 4; i++) {
      const segment = data(1460);
      memory += trueSize(segment.frame.length);
      window.measure(segment, 20);
      expect(window.grow(segment, memory)).toBe(true);
      fields.push(window.advertise(1460 * i, memory));
    }
    expect(fields).toEqual([66, 69, 72, 75]);
  });

  test('shrinks as a target when segments use their memory badly', () => {
    const window = opened(10);
    const segment = data(700);
    window.measure(segment, 20);
    window.grow(segment, 2304);
    expect(window.select(2304)).toBe(Math.ceil(((131_072 - 2304) * (77 / 256)) / 1024) * 1024);
  });

  test('the peer’s segment size falls when it shows a shorter one twice without PSH', () => {
    const window = opened(0);
    expect(window.measure(data(200), 20)).toBe(false);
    expect(window.mss).toBe(536);
    expect(window.measure(data(200), 20)).toBe(true);
    expect(window.mss).toBe(200);
  });

  test('a short segment with PSH says nothing about the size', () => {
    const window = opened(0);
    for (let i = 0; i < 3; i++) window.measure(data(200, Flag.Ack | Flag.Psh), 20);
    expect(window.mss).toBe(536);
  });

  test('its right edge never moves back, whatever comes', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 1460 }), { maxLength: 120 });
    fc.assert(
      fc.property(lengths, fc.constantFrom(0, 7, 10), (steps, shift) => {
        const window = opened(shift);
        let next = 0;
        let memory = 0;
        for (const wanted of steps) {
          const length = Math.min(wanted, window.promised(next));
          if (length === 0) break;
          const segment = data(length);
          const { edge } = window;
          next += length;
          memory += trueSize(segment.frame.length);
          window.stretch(memory);
          window.measure(segment, 20);
          window.grow(segment, memory);
          window.advertise(next, memory);
          expect(distance(edge, window.edge)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
