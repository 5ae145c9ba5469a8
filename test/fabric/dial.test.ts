// A health check's TCP connect over real packets: how it ends, and when.

import { describe, expect, test } from 'vitest';
import { dial } from '../../src/fabric/dial.ts';
import { seconds } from '../../src/sim/time.ts';
import type { NetworkStack } from '../../src/stack/stack.ts';
import { socketLines } from '../../src/view/sockets.ts';
import { ip } from '../support/frames.ts';
import { cidr, Lan, nic } from '../support/lan.ts';
import { echoServer } from '../support/tcp.ts';

const PORT = 9;

function world() {
  const lan = new Lan();
  const a = lan.host('A', '10.0.0.1/24');
  const b = lan.host('B', '10.0.0.2/24');
  /** 'connected at 0.000': what comes of a dial within ten seconds. */
  const outcomes = (to = '10.0.0.2', timeout = 1, meanwhile = (): void => {}): string[] => {
    const ends: string[] = [];
    const begin = lan.now;
    let returned = false;
    dial(a, ip(to), PORT, seconds(timeout), (outcome) => {
      expect(returned, 'never before dial has returned').toBe(true);
      ends.push(`${outcome} at ${(lan.now - begin).toFixed(3)}`);
    });
    returned = true;
    meanwhile();
    lan.run(10);
    return ends;
  };
  return { lan, a, b, outcomes };
}

function prohibit(stack: NetworkStack, to: string): void {
  stack.routes.add({
    destination: cidr(to),
    type: 'prohibit',
    via: null,
    iface: null,
    source: null,
    metric: 0,
  });
}

describe('a dial', () => {
  test('that is taken is connected, once, and leaves no connection', () => {
    const { a, b, outcomes } = world();
    echoServer(b, PORT);
    expect(outcomes()).toEqual(['connected at 0.000']);
    expect(outcomes(), 'and again').toEqual(['connected at 0.000']);
    expect([...b.drops.entries(), ...a.drops.entries()]).toEqual([]);
    expect([...socketLines(a), ...socketLines(b)].join('\n')).not.toContain('ESTAB');
  });

  test('that nobody takes is refused at once', () => {
    expect(world().outcomes()).toEqual(['refused at 0.000']);
  });

  test('whose packets are lost ends with its timeout', () => {
    const { lan, a, b, outcomes } = world();
    // Known before, so that it is not the neighbor that is missing.
    lan.ping(a, '10.0.0.2');
    lan.run(1);
    lan.link(nic(b)).setCarrier(false);
    expect(outcomes('10.0.0.2', 1)).toEqual(['timeout at 1.000']);
    expect(outcomes('10.0.0.2', 2.5)).toEqual(['timeout at 2.500']);
  });

  test('to a neighbor that is not there ends before a longer timeout', () => {
    const [end = ''] = world().outcomes('10.0.0.77', 8);
    expect(end).toMatch(/^host-unreachable at 3\./);
  });

  test('to a neighbor that is not there ends with a shorter timeout', () => {
    expect(world().outcomes('10.0.0.77', 1)).toEqual(['timeout at 1.000']);
  });

  test('without a route has no network; by a route that forbids it, it failed', () => {
    const { a, outcomes } = world();
    expect(outcomes('198.51.100.1')).toEqual(['network-unreachable at 0.000']);
    prohibit(a, '203.0.113.0/24');
    expect(outcomes('203.0.113.1')).toEqual(['failed at 0.000']);
  });

  test('of a host without power waits for nothing, nor does one whose host loses it', () => {
    const { lan, a, b, outcomes } = world();
    lan.link(nic(b)).setCarrier(false);
    expect(outcomes('10.0.0.2', 1, () => a.powerOff())).toEqual([]);
    expect(outcomes()).toEqual([]);
    a.powerOn();
    lan.link(nic(b)).setCarrier(true);
    lan.run(1);
    expect(outcomes(), 'after it has booted').toEqual(['refused at 0.000']);
  });
});
