import { describe, expect, test } from 'vitest';
import { Capture } from '../../src/capture/capture.ts';
import { MemorySink } from '../../src/capture/memory-sink.ts';
import { LinkDrop } from '../../src/link/drop-reason.ts';
import { Drops } from '../../src/link/drops.ts';
import { type Direction, type FrameReceiver, Port } from '../../src/link/port.ts';
import { Scheduler } from '../../src/sim/scheduler.ts';
import { millis } from '../../src/sim/time.ts';
import { StackDrop } from '../../src/stack/drop-reason.ts';
import { anyFrame } from '../contract/capture-format.ts';

const NOBODY: FrameReceiver = { receive: () => {}, carrierChanged: () => {} };

function port(name: string): Port {
  return new Port(name, NOBODY);
}

describe('Capture', () => {
  test('shows what passes its ports, when, and in which direction', () => {
    const scheduler = new Scheduler();
    const sink = new MemorySink();
    const [db, worker, other] = [port('db/eth0'), port('worker02/enp1s0'), port('lan/db.eth0')];
    const capture = new Capture({
      scheduler,
      sink,
      ports: [
        { port: db, description: 'the database' },
        { port: worker, bitsPerSecond: 1e9 },
      ],
    });
    scheduler.advanceTo(millis(5));
    db.transmit(anyFrame());
    scheduler.advanceTo(millis(6));
    worker.deliver(anyFrame());
    other.deliver(anyFrame());
    expect(sink.frames.map((seen) => [seen.interface, seen.at, seen.direction])).toEqual([
      ['db/eth0', millis(5), 'out'],
      ['worker02/enp1s0', millis(6), 'in'],
    ]);
    expect(sink.interfaces).toEqual([
      { name: 'db/eth0', description: 'the database', bitsPerSecond: null },
      { name: 'worker02/enp1s0', description: '', bitsPerSecond: 1e9 },
    ]);
    expect(capture.interfaceNames).toEqual(['db/eth0', 'worker02/enp1s0']);
    expect(capture.frames).toBe(2);
  });

  test('a note becomes a comment that can be filtered for', () => {
    const sink = new MemorySink();
    const eth0 = port('db/eth0');
    new Capture({ scheduler: new Scheduler(), sink, ports: [{ port: eth0 }] });
    const frame = anyFrame();
    frame.note = { text: 'announce 1/2 of 192.168.50.120 by worker01' };
    eth0.transmit(frame);
    expect(sink.frames[0]?.comments).toEqual([
      'egresslab: announce 1/2 of 192.168.50.120 by worker01',
    ]);
  });

  test('drops of all devices are on one interface, each with its reason and place', () => {
    const sink = new MemorySink();
    const worker = new Drops('worker02');
    const lan = new Drops('lan');
    const capture = new Capture({
      scheduler: new Scheduler(),
      sink,
      ports: [],
      drops: [worker, lan],
    });
    const noted = anyFrame();
    noted.note = { text: 'snat to 192.168.50.120' };
    worker.count(StackDrop.NoRoute, 'forward', noted);
    lan.count(LinkDrop.Loss, 'db/eth0>lan/db.eth0', anyFrame());
    worker.count(StackDrop.NeighborFailed, 'enp1s0', null);
    expect(sink.frames.map((seen) => [seen.interface, seen.direction, seen.comments])).toEqual([
      [
        'drops',
        null,
        ['dropped: no-route at worker02/forward', 'egresslab: snat to 192.168.50.120'],
      ],
      ['drops', null, ['dropped: loss at db/eth0>lan/db.eth0']],
    ]);
    expect([capture.frames, capture.framelessDrops]).toEqual([2, 1]);
    expect(worker.total).toBe(2);
  });

  test('a dropped frame that its owner still writes to is kept as it was', () => {
    const sink = new MemorySink();
    const drops = new Drops('worker02');
    new Capture({ scheduler: new Scheduler(), sink, ports: [], drops: [drops] });
    const frame = anyFrame();
    frame.sealed = false;
    const before = frame.toBytes();
    drops.count(StackDrop.NeedsFragmentation, 'enp1s0', frame);
    frame.bytes.fill(0, frame.start, frame.end);
    expect(sink.frames[0]?.frame.toBytes()).toEqual(before);
  });

  test('after dispose nothing is attached, and the sink is closed', () => {
    const sink = new MemorySink();
    const eth0 = port('db/eth0');
    const drops = new Drops('db');
    {
      using capture = new Capture({
        scheduler: new Scheduler(),
        sink,
        ports: [{ port: eth0 }],
        drops: [drops],
      });
      expect(eth0.observer).not.toBeNull();
      expect(capture.frames).toBe(0);
    }
    expect(eth0.observer).toBeNull();
    expect(drops.observer).toBeNull();
    expect(sink.closed).toBe(true);
  });

  test.each([
    ['the first first', [0, 1, 2]],
    ['the last first', [2, 1, 0]],
    ['the middle first', [1, 0, 2]],
  ])('three captures share a port and leave in any order: %s', (_order, leaving) => {
    const scheduler = new Scheduler();
    const eth0 = port('db/eth0');
    const drops = new Drops('db');
    const sinks = [new MemorySink(), new MemorySink(), new MemorySink()];
    const captures = sinks.map(
      (sink) => new Capture({ scheduler, sink, ports: [{ port: eth0 }], drops: [drops] }),
    );
    const present = new Set([0, 1, 2]);
    for (const leaver of leaving) {
      const before = sinks.map((sink) => sink.frames.length);
      eth0.transmit(anyFrame());
      drops.count(LinkDrop.Loss, 'eth0', anyFrame());
      for (const [index, sink] of sinks.entries()) {
        expect(sink.frames.length).toBe((before[index] ?? 0) + (present.has(index) ? 2 : 0));
      }
      captures[leaver]?.dispose();
      present.delete(leaver);
    }
    expect(eth0.observer).toBeNull();
    expect(drops.observer).toBeNull();
  });

  test('an observer that was there before stays', () => {
    const eth0 = port('db/eth0');
    const seen: Direction[] = [];
    const mine = (_port: Port, _frame: unknown, direction: Direction): void => {
      seen.push(direction);
    };
    eth0.observer = mine;
    const sink = new MemorySink();
    const capture = new Capture({ scheduler: new Scheduler(), sink, ports: [{ port: eth0 }] });
    eth0.transmit(anyFrame());
    expect([seen.length, sink.frames.length]).toEqual([1, 1]);
    capture.dispose();
    capture.dispose();
    expect(eth0.observer).toBe(mine);
  });
});
