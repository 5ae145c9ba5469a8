import { describe, expect, test } from 'vitest';
import { PERFECT_CHANNEL } from '../../src/link/channel.ts';
import { Drops } from '../../src/link/drops.ts';
import type { LinkEvents } from '../../src/link/events.ts';
import { Link } from '../../src/link/link.ts';
import { type FrameReceiver, Port } from '../../src/link/port.ts';
import { Switch } from '../../src/link/switch.ts';
import { EventLog } from '../../src/sim/event-log.ts';
import { Random } from '../../src/sim/random.ts';
import { Scheduler } from '../../src/sim/scheduler.ts';
import { micros, millis, seconds } from '../../src/sim/time.ts';
import * as ethernet from '../../src/wire/ethernet.ts';
import { type Frame, FrameArena } from '../../src/wire/frame.ts';
import { BROADCAST_MAC, type MacAddress, macAddress } from '../../src/wire/mac-address.ts';

const A = macAddress(0x0200_0000_000a);
const B = macAddress(0x0200_0000_000b);
const C = macAddress(0x0200_0000_000c);

class Station implements FrameReceiver {
  readonly port: Port;
  readonly received: Frame[] = [];
  constructor(name: string) {
    this.port = new Port(name, this);
  }
  receive(frame: Frame): void {
    this.received.push(frame);
  }
  carrierChanged(): void {}
}

function lan(options: { stations: string[]; fdbAgeing?: number; fdbLimit?: number }) {
  const scheduler = new Scheduler();
  const events = new EventLog<LinkEvents>(scheduler);
  const arena = new FrameArena();
  const { fdbAgeing = seconds(300), fdbLimit = 1000 } = options;
  const bridge = new Switch({ name: 'lan', scheduler, events, fdbAgeing, fdbLimit });
  const context = { scheduler, arena, random: new Random(1), drops: new Drops('cables') };
  const stations = options.stations.map((name) => new Station(name));
  const links = stations.map(({ port }) => {
    const link = new Link(port, bridge.addPort(port.name), context);
    link.configure({ ...PERFECT_CHANNEL, latency: micros(5) });
    return link;
  });
  const send = (from: Station, to: MacAddress, source: MacAddress): void => {
    const frame = arena.allocate(60);
    frame.bytes.fill(0, frame.start, frame.end);
    ethernet.emit(frame, to, source, 0x88b5);
    from.port.transmit(frame);
    scheduler.advanceTo(scheduler.now + micros(20));
  };
  return { scheduler, events, bridge, stations, links, send, context };
}

function three(options: { fdbAgeing?: number; fdbLimit?: number } = {}) {
  const world = lan({ stations: ['a', 'b', 'c'], ...options });
  const [a, b, c] = world.stations;
  if (a === undefined || b === undefined || c === undefined) throw new Error('three stations');
  return { ...world, a, b, c };
}

describe('Switch', () => {
  test('floods what it does not know, and forwards what it has learned', () => {
    const { a, b, c, send } = three();
    send(a, B, A);
    expect([b.received.length, c.received.length]).toEqual([1, 1]);
    send(b, A, B);
    expect([a.received.length, c.received.length]).toEqual([1, 1]);
    send(a, B, A);
    expect([b.received.length, c.received.length]).toEqual([2, 1]);
  });

  test('a flood shares one sealed frame', () => {
    const { a, b, c, send } = three();
    send(a, BROADCAST_MAC, A);
    expect(b.received[0]).toBe(c.received[0]);
    expect(b.received[0]?.sealed).toBe(true);
  });

  test('a MAC moves with its first frame from another port, and the log says so', () => {
    const { a, b, c, send, events } = three();
    send(a, BROADCAST_MAC, A);
    send(c, BROADCAST_MAC, A);
    expect(events.events.map(({ kind, fields }) => [kind, fields.port])).toEqual([
      ['fdb-moved', 'lan/c'],
    ]);
    send(b, A, B);
    expect([a.received.length, c.received.length]).toEqual([1, 2]);
  });

  test('an entry that is older than the ageing time is flooded again', () => {
    const { a, b, c, send, scheduler } = three({ fdbAgeing: seconds(1) });
    send(a, BROADCAST_MAC, A);
    scheduler.advanceTo(seconds(2));
    send(b, A, B);
    expect([a.received.length, c.received.length]).toEqual([1, 2]);
  });

  test('frames sent to a MAC do not keep its entry alive', () => {
    const { a, b, c, send, scheduler } = three({ fdbAgeing: seconds(1) });
    send(a, BROADCAST_MAC, A);
    for (let i = 0; i < 5; i++) {
      scheduler.advanceTo(scheduler.now + seconds(0.3));
      send(b, A, B);
    }
    expect(c.received.length).toBeGreaterThan(1);
    expect(a.received.length).toBe(5);
  });

  test('a pulled cable flushes what was known behind it', () => {
    const { a, b, c, send, links } = three();
    send(a, BROADCAST_MAC, A);
    links[0]?.setCarrier(false);
    send(b, A, B);
    expect([a.received.length, c.received.length]).toEqual([0, 2]);
  });

  test('a full table floods but forgets nobody', () => {
    const { a, b, c, send, bridge } = three({ fdbLimit: 1 });
    send(a, BROADCAST_MAC, A);
    send(b, BROADCAST_MAC, B);
    expect(bridge.table.size).toBe(1);
    send(c, A, C);
    expect([a.received.length, b.received.length]).toEqual([2, 1]);
  });

  test('a partition separates groups, and healing joins them', () => {
    const { a, b, c, send, bridge } = three();
    const [portA, portB] = bridge.ports;
    if (portA === undefined || portB === undefined) throw new Error('ports');
    bridge.partition(
      new Map([
        [portA, 0],
        [portB, 1],
      ]),
    );
    send(a, BROADCAST_MAC, A);
    expect([b.received.length, c.received.length]).toEqual([0, 1]);
    expect(bridge.drops.of('partitioned')).toBe(1);
    bridge.partition(null);
    send(a, BROADCAST_MAC, A);
    expect(b.received.length).toBe(1);
  });

  test('a frame that is too short, or comes from a group address, is a named drop', () => {
    const { a, send, bridge, context } = three();
    a.port.transmit(context.arena.allocate(10));
    send(a, B, BROADCAST_MAC);
    expect(bridge.drops.entries()).toEqual([
      ['bad-source-mac', 1],
      ['runt-frame', 1],
    ]);
  });

  test('a port whose far end is disabled is forgotten, and forwards a moment after it returns', () => {
    const { a, b, c, send, bridge, scheduler } = three();
    send(b, BROADCAST_MAC, B);
    b.port.setEnabled(false);
    expect(bridge.table.size).toBe(0);
    send(a, B, A);
    expect([b.received.length, c.received.length]).toEqual([0, 2]);
    b.port.setEnabled(true);
    send(b, BROADCAST_MAC, B);
    expect(bridge.drops.entries()).toEqual([['port-not-forwarding', 1]]);
    expect(bridge.table.size).toBe(1);
    scheduler.advanceTo(scheduler.now + millis(10));
    send(b, BROADCAST_MAC, B);
    expect(c.received.length).toBe(3);
  });

  test('two switches joined twice end in a named error, not in a hang', () => {
    const { a, bridge, context, scheduler, events, send } = three();
    const other = new Switch({ name: 'other', scheduler, events });
    for (const name of ['one', 'two']) {
      new Link(bridge.addPort(name), other.addPort(name), context).configure({
        ...PERFECT_CHANNEL,
        latency: micros(50),
      });
    }
    send(a, BROADCAST_MAC, A);
    expect(() => scheduler.advanceTo(seconds(60))).toThrow(
      expect.objectContaining({ code: 'EGL_BROADCAST_STORM' }),
    );
  });
});
