// The parts that make no sense of a segment: sequence numbers, buffers, timers, the table.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/sim/random.ts';
import { Scheduler } from '../../../src/sim/scheduler.ts';
import { millis, seconds } from '../../../src/sim/time.ts';
import { EphemeralPorts } from '../../../src/stack/socket/ephemeral-ports.ts';
import { Identity } from '../../../src/stack/tcp/identity.ts';
import { OutOfOrderQueue } from '../../../src/stack/tcp/out-of-order-queue.ts';
import { RttEstimator } from '../../../src/stack/tcp/rto.ts';
import { SendBuffer } from '../../../src/stack/tcp/send-buffer.ts';
import { SentQueue, SentSegment } from '../../../src/stack/tcp/sent-queue.ts';
import { add, after, before, distance } from '../../../src/stack/tcp/sequence.ts';
import { SocketMemory } from '../../../src/stack/tcp/socket-memory.ts';
import { hashEndpoints, TcpTable } from '../../../src/stack/tcp/table.ts';
import { LazyTimer } from '../../../src/stack/tcp/timer.ts';
import { socketLines } from '../../../src/view/sockets.ts';
import { FrameArena } from '../../../src/wire/frame.ts';
import { ip } from '../../support/frames.ts';
import { Lan } from '../../support/lan.ts';
import { echoServer, Recorder } from '../../support/tcp.ts';

const isEven = (port: number | null): boolean => port !== null && port % 2 === 0;
const sequenceNumber = fc.integer({ min: 0, max: 0xffff_ffff });

describe('sequence numbers', () => {
  test('wrap: what is added comes back as distance', () => {
    const step = fc.integer({ min: -0x7fff_ffff, max: 0x7fff_ffff });
    fc.assert(
      fc.property(sequenceNumber, step, (from, octets) => {
        const to = add(from, octets);
        expect(to).toBeGreaterThanOrEqual(0);
        expect(distance(from, to)).toBe(octets);
        expect(before(from, to)).toBe(octets > 0);
        expect(after(from, to)).toBe(octets < 0);
      }),
    );
  });
});

describe('the send buffer', () => {
  test('gives back what was written, whatever the order of writing and releasing', () => {
    const operations = fc.array(
      fc.record({
        write: fc.integer({ min: 0, max: 900 }),
        release: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(sequenceNumber, operations, (start, steps) => {
        const buffer = new SendBuffer(2000);
        buffer.startAt(start);
        const arena = new FrameArena();
        let kept: number[] = [];
        let first = start;
        let next = 0;
        for (const { write, release } of steps) {
          const octets = Uint8Array.from({ length: write }, () => next++ & 0xff);
          const taken = buffer.write(octets);
          expect(taken).toBe(Math.min(write, 2000 - kept.length));
          next -= write - taken;
          kept.push(...octets.subarray(0, taken));
          const frame = arena.allocate(kept.length + 3);
          buffer.copyTo(frame, frame.start + 3, first, kept.length);
          expect([...frame.toBytes().subarray(3)]).toEqual(kept);
          const gone = Math.floor(kept.length * release);
          first = add(first, gone);
          buffer.releaseTo(first);
          kept = kept.slice(gone);
          expect(buffer.length).toBe(kept.length);
          expect(buffer.end).toBe(add(first, kept.length));
        }
      }),
    );
  });
});

describe('reassembly', () => {
  test('pieces in any order, with any overlap, give the stream', () => {
    const total = 60;
    const stream = Uint8Array.from({ length: total }, (_, i) => i);
    const piece = fc
      .tuple(fc.nat(total - 1), fc.integer({ min: 1, max: 20 }))
      .map(([from, length]) => [from, Math.min(length, total - from)] as const);
    fc.assert(
      fc.property(sequenceNumber, fc.array(piece, { maxLength: 40 }), (start, pieces) => {
        const reassembly = new OutOfOrderQueue(new SocketMemory());
        const frame = new FrameArena().from(stream);
        const received: number[] = [];
        const covered = new Set<number>();
        for (const [from, length] of pieces) {
          for (let i = 0; i < length; i++) covered.add(from + i);
          reassembly.insert(add(start, from), length, frame, frame.start + from, false);
          for (;;) {
            const taken = reassembly.take(add(start, received.length));
            if (taken === null) break;
            const at = taken.offset - frame.start;
            received.push(...stream.subarray(at, at + taken.length));
          }
        }
        let expected = 0;
        while (covered.has(expected)) expected++;
        expect(received).toEqual([...stream.subarray(0, expected)]);
      }),
    );
  });
});

describe('what reassembly takes of the receive buffer', () => {
  const arena = new FrameArena();

  function kept(...pieces: readonly (readonly [number, number])[]): SocketMemory {
    const memory = new SocketMemory();
    const reassembly = new OutOfOrderQueue(memory);
    for (const [sequence, length] of pieces) {
      const frame = arena.allocate(54 + length);
      reassembly.insert(sequence, length, frame, frame.start + 54, false);
    }
    return memory;
  }

  test('a piece within another costs nothing, one that covers others takes their place', () => {
    expect(kept([100, 100]).used).toBe(832);
    expect(kept([100, 100], [120, 20]).used).toBe(832);
    expect(kept([100, 50], [200, 50], [90, 400]).used).toBe(1280);
    expect(kept([100, 50], [100, 400]).used).toBe(1280);
  });

  test('pieces that overlap in part are both kept, one that follows lies in the same buffer', () => {
    expect(kept([100, 100], [150, 100]).used).toBe(2 * 832);
    expect(kept([100, 100], [200, 100]).used).toBe(832);
    expect(kept([100, 100], [200, 101]).used).toBe(2 * 832);
  });

  test('pages are taken as needed', () => {
    expect(kept([100, 100]).spare).toBe(4096 - 832);
    expect(kept([100, 1460], [3000, 1460]).spare).toBe(2 * 4096 - 2 * 2304);
  });
});

describe('the sent queue', () => {
  function queueOf(...lengths: number[]): SentQueue {
    const queue = new SentQueue();
    let sequence = 0;
    for (const length of lengths) {
      queue.push(new SentSegment(sequence, length, 0, 5));
      sequence += length;
    }
    return queue;
  }

  test('takes whole segments and parts of them away', () => {
    const queue = queueOf(10, 10, 10);
    expect(queue.acknowledge(15).firstSentAt).toBe(5);
    expect(queue.size).toBe(2);
    expect(queue.first).toMatchObject({ sequence: 15, length: 5 });
  });

  test('a segment that was sent twice tells no round trip', () => {
    const queue = queueOf(10, 10);
    const { last } = queue;
    if (last !== null) queue.resent(last, 9);
    expect(queue.acknowledge(10).firstSentAt).toBe(5);
    expect(queue.acknowledge(20).firstSentAt).toBe(-1);
  });

  test('counts what is lost through marking, splitting, acknowledging and resending', () => {
    const queue = queueOf(100, 100, 30);
    queue.markLongerLost(50);
    expect([queue.lostSegments, queue.lostOctets]).toEqual([2, 200]);
    queue.split(0, 50);
    expect([queue.at(0)?.length, queue.at(1)?.length, queue.lostOctets]).toEqual([50, 150, 200]);
    queue.split(1, 50);
    expect([queue.size, queue.lostSegments]).toEqual([4, 3]);
    queue.acknowledge(25);
    expect(queue.lostOctets).toBe(175);
    const { first } = queue;
    if (first !== null) queue.resent(first, 9);
    expect([queue.lostSegments, queue.lostOctets]).toEqual([2, 150]);
    queue.acknowledge(230);
    expect([queue.size, queue.lostSegments, queue.lostOctets]).toEqual([0, 0, 0]);
  });

  test('stays small however many segments pass through it', () => {
    const queue = new SentQueue();
    for (let i = 0; i < 1000; i++) {
      queue.push(new SentSegment(i * 10, 10, 0, 0));
      if (i >= 10) queue.acknowledge((i - 9) * 10);
    }
    expect(queue.size).toBe(10);
    expect(queue.first?.sequence).toBe(9900);
  });
});

describe('the retransmission timeout', () => {
  test('is the round trip and 200 ms on a LAN, in whole ticks of 4 ms', () => {
    const rtt = new RttEstimator();
    expect(rtt.rto).toBe(seconds(1));
    rtt.sample(millis(1), 1, 2);
    expect(rtt.rto).toBe(millis(204));
    for (let i = 2; i < 50; i++) rtt.sample(millis(1), i, i + 1);
    expect(rtt.rto).toBe(millis(204));
  });

  test('starts at three round trips where those are long (RFC 6298 2.2)', () => {
    const rtt = new RttEstimator();
    rtt.sample(seconds(1), 1, 2);
    expect(rtt.rto).toBe(seconds(3));
    for (let i = 2; i < 200; i++) rtt.sample(seconds(1), i, i);
    expect(rtt.srtt).toBe(seconds(1));
    expect(rtt.rto).toBeLessThan(seconds(1.3));
    expect(rtt.rto).toBeGreaterThanOrEqual(seconds(1.2));
  });

  test('doubles up to 120 s, and a sample ends that', () => {
    const rtt = new RttEstimator();
    rtt.sample(millis(1), 1, 2);
    rtt.backoff = 20;
    expect(rtt.rto).toBe(seconds(120));
    rtt.sample(millis(1), 2, 3);
    expect(rtt.rto).toBe(millis(204));
  });

  test('never falls below 200 ms nor exceeds 120 s', () => {
    const samples = fc.array(fc.integer({ min: 0, max: 400_000_000_000 }), { minLength: 1 });
    fc.assert(
      fc.property(samples, (trips) => {
        const rtt = new RttEstimator();
        for (const [i, trip] of trips.entries()) {
          rtt.sample(trip, i, i + 1);
          expect(rtt.rto).toBeGreaterThanOrEqual(millis(200));
          expect(rtt.rto).toBeLessThanOrEqual(seconds(120));
        }
      }),
    );
  });
});

describe('a lazy timer', () => {
  function timerOf(): { scheduler: Scheduler; timer: LazyTimer; fired: number[] } {
    const scheduler = new Scheduler();
    const fired: number[] = [];
    const timer = new LazyTimer(scheduler, () => fired.push(scheduler.now));
    return { scheduler, timer, fired };
  }

  test('fires once, at the last appointment made, a tick later at most', () => {
    const { scheduler, timer, fired } = timerOf();
    timer.arm(millis(10));
    timer.arm(millis(30));
    timer.arm(millis(20));
    scheduler.advanceTo(millis(100));
    expect(fired).toEqual([millis(24)]);
    expect(timer.armed).toBe(false);
  });

  test('an earlier appointment replaces a later one', () => {
    const { scheduler, timer, fired } = timerOf();
    timer.arm(millis(50));
    timer.armExactly(10);
    scheduler.advanceTo(millis(100));
    expect(fired).toEqual([10]);
  });

  test('disarmed it stays silent, and can be armed again', () => {
    const { scheduler, timer, fired } = timerOf();
    timer.armExactly(10);
    timer.disarm();
    scheduler.advanceTo(5);
    timer.armExactly(20);
    scheduler.advanceTo(100);
    expect(fired).toEqual([25]);
  });

  test('cancelled it leaves nothing behind', () => {
    const { scheduler, timer } = timerOf();
    timer.arm(10);
    timer.cancel();
    expect(scheduler.idle).toBe(true);
  });
});

describe('ephemeral ports', () => {
  test('even ports first, then the odd ones, then none', () => {
    const ports = new EphemeralPorts(new Random(1));
    for (let i = 0; i < 100; i++) expect(ports.forConnection(i, () => true)).toSatisfy(isEven);
    expect(ports.forConnection(7, (port) => port === 60_998)).toBe(60_998);
    expect(ports.forConnection(7, (port) => port === 32_768)).toBe(32_768);
    expect(ports.forConnection(7, (port) => port === 60_999)).toBe(60_999);
    const tried: number[] = [];
    const refuse = (port: number): boolean => {
      tried.push(port);
      return false;
    };
    expect(ports.forConnection(7, refuse)).toBeNull();
    expect(tried.slice(0, 14_116).every(isEven)).toBe(true);
    expect(new Set(tried).size).toBe(28_232);
    expect(ports.forBinding(() => false)).toBeNull();
  });
});

describe('the connection table', () => {
  test('finds connections whose hashes collide', () => {
    const lan = new Lan();
    const a = lan.host('A', '10.0.0.1/24');
    const table = new TcpTable();
    const all = Array.from({ length: 3 }, (_, i) =>
      a.tcp.connect({ address: ip('10.0.0.2'), port: 80, localPort: 1000 + i }, {}),
    );
    for (const each of all) table.add(each);
    expect(table.values()).toEqual(all);
    for (const each of all) {
      const found = table.find(each.localAddress, each.localPort, each.remoteAddress, 80);
      expect(found).toBe(each);
    }
    for (const each of all) table.remove(each);
    expect(table.size).toBe(0);
  });

  test('four numbers that differ little hash to values that differ', () => {
    const hashes = new Set<number>();
    for (let port = 0; port < 20_000; port++) {
      hashes.add(hashEndpoints(ip('10.0.0.1'), 80, ip('10.0.0.2'), 32_768 + port));
    }
    expect(hashes.size).toBeGreaterThan(19_900);
  });
});

describe('initial sequence numbers', () => {
  test('rise with time for the same four numbers, and differ between hosts', () => {
    const identity = new Identity(new Random(1));
    const at = (now: number): number =>
      identity.initialSequence(ip('10.0.0.1'), 1, ip('10.0.0.2'), 2, now);
    expect(distance(at(0), at(seconds(1)))).toBe(15_625_000);
    const other = new Identity(new Random(2));
    expect(other.initialSequence(ip('10.0.0.1'), 1, ip('10.0.0.2'), 2, 0)).not.toBe(at(0));
  });
});

describe('the sockets of a host', () => {
  test('looks like ss -tan', () => {
    const lan = new Lan();
    const a = lan.host('A', '10.0.0.1/24');
    const b = lan.host('B', '10.0.0.2/24');
    echoServer(b, 80);
    a.tcp.connect({ address: ip('10.0.0.2'), port: 80, localPort: 40_000 }, new Recorder());
    a.tcp.connect({ address: ip('10.0.0.9'), port: 80, localPort: 40_002 }, new Recorder());
    lan.run(1);
    expect(socketLines(b).join('\n')).toMatchInlineSnapshot(`
      "State   Recv-Q  Send-Q  Local Address:Port  Peer Address:Port
      LISTEN  0       4096    0.0.0.0:80          0.0.0.0:*
      ESTAB   0       0       10.0.0.2:80         10.0.0.1:40000"
    `);
    expect(socketLines(a).join('\n')).toMatchInlineSnapshot(`
      "State     Recv-Q  Send-Q  Local Address:Port  Peer Address:Port
      ESTAB     0       0       10.0.0.1:40000      10.0.0.2:80
      SYN-SENT  0       1       10.0.0.1:40002      10.0.0.9:80"
    `);
  });
});
