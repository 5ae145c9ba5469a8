// A cable is two directions and a plug at each end: who learns what of its carrier.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PERFECT_CHANNEL } from '../../src/link/channel.ts';
import { Drops } from '../../src/link/drops.ts';
import { Link } from '../../src/link/link.ts';
import { type FrameReceiver, Port } from '../../src/link/port.ts';
import { Random } from '../../src/sim/random.ts';
import { Scheduler } from '../../src/sim/scheduler.ts';
import { millis } from '../../src/sim/time.ts';
import { FrameArena } from '../../src/wire/frame.ts';

function cable() {
  const scheduler = new Scheduler();
  const arena = new FrameArena();
  const drops = new Drops('cable');
  const told: string[] = [];
  const heard: string[] = [];
  const owner: FrameReceiver = {
    receive: (_frame, port) => heard.push(port.name),
    carrierChanged: (port, up) => told.push(`${port.name} ${up ? 'up' : 'down'}`),
  };
  const a = new Port('a', owner);
  const b = new Port('b', owner);
  const link = new Link(a, b, { scheduler, arena, random: new Random(1), drops });
  const send = (from: Port): void => {
    from.transmit(arena.allocate(60));
    scheduler.advanceTo(scheduler.now + millis(10));
  };
  return { scheduler, arena, drops, told, heard, a, b, link, send };
}

describe('a cable', () => {
  test('gives both ports a carrier, and carries in both directions', () => {
    const { a, b, heard, told, send } = cable();
    expect([a.carrier, b.carrier]).toEqual([true, true]);
    send(a);
    send(b);
    expect(heard).toEqual(['b', 'a']);
    expect(told, 'plugging it in is no news').toEqual([]);
  });

  test('that is pulled is missed at both ends, once, and carries nothing', () => {
    const { a, b, link, told, heard, drops, send } = cable();
    link.setCarrier(false);
    link.setCarrier(false);
    expect(told).toEqual(['a down', 'b down']);
    expect([a.carrier, b.carrier, link.carrier]).toEqual([false, false, false]);
    send(a);
    expect(heard).toEqual([]);
    expect(drops.total).toBe(1);
    link.setCarrier(true);
    expect(told.slice(2)).toEqual(['a up', 'b up']);
    send(a);
    expect(heard).toEqual(['b']);
  });

  test('that is pulled loses nothing that had left before', () => {
    const { a, arena, link, scheduler, heard, drops } = cable();
    link.configure({ ...PERFECT_CHANNEL, latency: millis(5) });
    a.transmit(arena.allocate(60));
    link.setCarrier(false);
    a.transmit(arena.allocate(60));
    scheduler.advanceTo(millis(10));
    expect(heard).toEqual(['b']);
    expect(drops.entries()).toEqual([['link-down', 1]]);
  });

  test('has a carrier only while both ends are enabled', () => {
    const { a, b, link, told } = cable();
    a.setEnabled(false);
    expect(told).toEqual(['a down', 'b down']);
    b.setEnabled(false);
    a.setEnabled(true);
    expect(link.carrier, 'the other end is still off').toBe(false);
    expect(told).toHaveLength(2);
    b.setEnabled(true);
    expect(told.slice(2)).toEqual(['a up', 'b up']);
  });

  test('that was pulled stays so, whatever its ends do', () => {
    const { a, link } = cable();
    link.setCarrier(false);
    a.setEnabled(false);
    a.setEnabled(true);
    expect(link.carrier).toBe(false);
    link.setCarrier(true);
    expect(link.carrier).toBe(true);
  });

  test('may be slow in one direction', () => {
    const { a, b, arena, link, scheduler, heard } = cable();
    link.ab.configure({ ...PERFECT_CHANNEL, latency: millis(5) });
    a.transmit(arena.allocate(60));
    b.transmit(arena.allocate(60));
    scheduler.advanceTo(millis(1));
    expect(heard).toEqual(['a']);
    scheduler.advanceTo(millis(5));
    expect(heard).toEqual(['a', 'b']);
  });

  test('is the only one in its ports', () => {
    const { a, b, scheduler, arena, drops } = cable();
    const free = new Port('c', a.owner);
    const context = { scheduler, arena, random: new Random(1), drops };
    expect(() => new Link(free, a, context)).toThrow('one cable');
    expect(() => new Link(b, free, context)).toThrow('one cable');
  });
});

test('carrier is plug and both ends, news come in pairs and tell a change, in whatever order', () => {
  const act = fc.record({ what: fc.constantFrom('plug', 'a', 'b'), on: fc.boolean() });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
      const { a, b, link, told } = cable();
      const state = { plug: true, a: true, b: true };
      const expected: string[] = [];
      let carrier = true;
      for (const { what, on } of acts) {
        if (what === 'plug') link.setCarrier(on);
        else (what === 'a' ? a : b).setEnabled(on);
        Object.assign(state, { [what]: on });
        const now = state.plug && state.a && state.b;
        if (now !== carrier) expected.push(`a ${now ? 'up' : 'down'}`, `b ${now ? 'up' : 'down'}`);
        carrier = now;
        expect([link.carrier, a.carrier, b.carrier]).toEqual([now, now, now]);
      }
      expect(told).toEqual(expected);
    }),
  );
});
