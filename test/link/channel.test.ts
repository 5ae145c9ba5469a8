import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ChannelSettings, PERFECT_CHANNEL } from '../../src/link/channel.ts';
import { Drops } from '../../src/link/drops.ts';
import { Link } from '../../src/link/link.ts';
import { type FrameReceiver, Port } from '../../src/link/port.ts';
import { Random } from '../../src/sim/random.ts';
import { Scheduler } from '../../src/sim/scheduler.ts';
import { micros, millis, seconds } from '../../src/sim/time.ts';
import { type Frame, FrameArena } from '../../src/wire/frame.ts';

function cable(settings: Partial<ChannelSettings>, seed = 1) {
  const scheduler = new Scheduler();
  const arena = new FrameArena();
  const drops = new Drops('cable');
  const arrivals: { at: number; id: number; frame: Frame }[] = [];
  const receiver: FrameReceiver = {
    receive: (frame) => arrivals.push({ at: scheduler.now, id: frame.packetId, frame }),
    carrierChanged: () => {},
  };
  const a = new Port('a', receiver);
  const b = new Port('b', receiver);
  const link = new Link(a, b, { scheduler, arena, random: new Random(seed), drops });
  link.configure({ ...PERFECT_CHANNEL, ...settings });
  const send = (length = 100): Frame => {
    const frame = arena.allocate(length);
    frame.bytes.fill(0xa5, frame.start, frame.end);
    a.transmit(frame);
    return frame;
  };
  return { scheduler, arrivals, drops, link, send };
}

describe('Channel', () => {
  test('delivers after its latency, the very same frame', () => {
    const { scheduler, arrivals, send } = cable({ latency: micros(50) });
    const frame = send();
    scheduler.advanceTo(seconds(1));
    expect(arrivals).toEqual([{ at: micros(50), id: frame.packetId, frame }]);
    expect(arrivals[0]?.frame).toBe(frame);
  });

  test('a limited bandwidth spaces frames by their time on the wire', () => {
    const { scheduler, arrivals, send } = cable({ bandwidth: 1e9 });
    send(1514);
    send(1514);
    scheduler.advanceTo(seconds(1));
    // 1514 octets + FCS, preamble and gap: 1538 * 8 ns at 1 Gbit/s.
    expect(arrivals.map(({ at }) => at)).toEqual([12_304, 24_608]);
  });

  test('a full queue is a named drop', () => {
    const { scheduler, arrivals, drops, send } = cable({ bandwidth: 1e6, queueLimitBytes: 3000 });
    for (let i = 0; i < 10; i++) send(1000);
    scheduler.advanceTo(seconds(10));
    expect(arrivals.length + drops.of('queue-full')).toBe(10);
    expect(drops.of('queue-full')).toBeGreaterThan(4);
  });

  test('loss, duplication and corruption happen about as often as asked', () => {
    const { scheduler, arrivals, drops, send } = cable({ loss: 0.2, duplicate: 0.1, corrupt: 0.3 });
    for (let i = 0; i < 5000; i++) send();
    scheduler.advanceTo(seconds(1));
    expect(Math.abs(drops.of('loss') - 1000)).toBeLessThan(120);
    const distinct = new Set(arrivals.map(({ id }) => id)).size;
    expect(Math.abs(arrivals.length - distinct - 400)).toBeLessThan(80);
    const corrupted = arrivals.filter(({ frame }) => frame.toBytes().some((byte) => byte !== 0xa5));
    expect(Math.abs(corrupted.length - 1320)).toBeLessThan(150);
  });

  test('jitter keeps the order, reordering does not', () => {
    const inOrder = cable({ latency: millis(1), jitter: millis(1) });
    const shuffled = cable({ latency: millis(1), reorder: 0.5 });
    for (const { send, scheduler } of [inOrder, shuffled]) {
      for (let i = 0; i < 50; i++) {
        send();
        scheduler.advanceTo(scheduler.now + micros(10));
      }
      scheduler.advanceTo(seconds(1));
    }
    const ids = ({ arrivals }: typeof inOrder): number[] => arrivals.map(({ id }) => id);
    const sorted = (list: number[]): number[] => [...list].sort((x, y) => x - y);
    expect(ids(inOrder)).toEqual(sorted(ids(inOrder)));
    expect(ids(shuffled)).not.toEqual(sorted(ids(shuffled)));
    expect(ids(shuffled).length).toBe(50);
  });

  test('a physical wire pads to 60 octets with zeros', () => {
    const { scheduler, arrivals, send } = cable({ padded: true });
    const frame = send(42);
    scheduler.advanceTo(1);
    const arrived = arrivals[0]?.frame;
    expect(arrived?.length).toBe(60);
    expect(arrived?.packetId).toBe(frame.packetId);
    expect(
      arrived
        ?.toBytes()
        .slice(42)
        .every((byte) => byte === 0),
    ).toBe(true);
  });

  test('one direction may be down while the other works and the carrier stays', () => {
    const { scheduler, arrivals, drops, link, send } = cable({});
    link.ab.setUp(false);
    send();
    scheduler.advanceTo(1);
    expect(arrivals).toEqual([]);
    expect(drops.of('link-down')).toBe(1);
    expect(link.a.carrier).toBe(true);
  });

  test('no impairment ever reorders frames of a channel unless asked to, whatever the seed', () => {
    const settings = fc.record({
      latency: fc.nat(1000),
      jitter: fc.nat(1000),
      loss: fc.constantFrom(0, 0.3),
      duplicate: fc.constantFrom(0, 0.3),
      bandwidth: fc.constantFrom(null, 1e9),
    });
    fc.assert(
      fc.property(settings, fc.nat(), (given, seed) => {
        const { scheduler, arrivals, send } = cable(given, seed);
        for (let i = 0; i < 20; i++) {
          send();
          scheduler.advanceTo(scheduler.now + (i % 3) * 100);
        }
        scheduler.advanceTo(seconds(1));
        const ids = arrivals.map(({ id }) => id);
        expect(ids).toEqual([...ids].sort((x, y) => x - y));
      }),
    );
  });
});
