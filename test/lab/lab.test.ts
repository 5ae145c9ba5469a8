import { describe, expect, test } from 'vitest';
import { EgressLabError } from '../../src/base/errors.ts';
import { createLab, type Lab } from '../../src/lab/lab.ts';
import { nanosOf } from '../../src/sim/duration.ts';
import { ip } from '../support/frames.ts';
import { topologyOf } from '../support/scenarios.ts';

const TEXT = `name: small
segments: { lan: { subnet: 10.0.0.0/24 }, wan: { subnet: 10.1.0.0/24 } }
hosts:
  alpha: { interfaces: { eth0: { segment: lan, address: 10.0.0.1 } } }
  beta: { interfaces: { eth0: { segment: lan, address: 10.0.0.2 } } }
`;

function small(text: string = TEXT): Lab {
  return createLab(topologyOf(text, 'small.yaml'));
}

function failure(action: () => unknown): { code: string; message: string; hint: string | null } {
  try {
    action();
  } catch (error) {
    if (!(error instanceof EgressLabError)) throw error;
    const { code, message, hint } = error;
    return { code, message, hint };
  }
  throw new Error('nothing was thrown');
}

describe('time', () => {
  test('passes as far as it is told, in numbers or words', () => {
    const lab = small();
    lab.advance('250ms');
    lab.advance(1);
    lab.advance(0);
    expect(lab.now).toBe(250_000_001);
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '5', 's', '', '-1s', '1e3s', '5 parsecs'])(
    'does not pass by %j',
    (duration) => {
      const lab = small();
      expect(failure(() => lab.advance(duration)).code).toBe('EGL_BAD_DURATION');
      expect(lab.now).toBe(0);
    },
  );

  test('is a whole number of nanoseconds', () => {
    expect(nanosOf(1.4)).toBe(1);
    expect(nanosOf('1.5us')).toBe(1500);
  });

  test('passes until a condition holds, and no further than the limit', () => {
    const lab = small();
    expect(lab.advanceUntil(() => true, '1s')).toBe(true);
    expect(lab.now).toBe(0);
    expect(lab.advanceUntil(() => lab.now >= 3_500_000, '1s')).toBe(true);
    expect(lab.now).toBe(4_000_000);
    expect(lab.advanceUntil(() => false, '10500us')).toBe(false);
    expect(lab.now).toBe(14_500_000);
    expect(lab.advanceUntil(() => false, 0)).toBe(false);
    // The condition is asked once more when the time is up.
    const end = lab.now + 5_000_000;
    expect(lab.advanceUntil(() => lab.now === end, '5ms')).toBe(true);
  });
});

describe('names that are none', () => {
  test('of machines, segments and ports are told with the nearest one', () => {
    const lab = small();
    expect(failure(() => lab.stack('betta'))).toEqual({
      code: 'EGL_UNKNOWN_MACHINE',
      message: 'there is no machine "betta" in this lab',
      hint: 'Did you mean "beta"? Known: alpha, beta.',
    });
    expect(failure(() => lab.segment('lann')).hint).toBe('Did you mean "lan"? Known: lan, wan.');
    expect(failure(() => lab.capture('alpha/eth1'))).toMatchObject({ code: 'EGL_UNKNOWN_PORT' });
    expect(failure(() => lab.fail('gamma')).code).toBe('EGL_UNKNOWN_MACHINE');
    expect(failure(() => lab.setLink({ kind: 'link', link: 'x' }, false)).code).toBe(
      'EGL_UNKNOWN_LINK',
    );
    const cable = { kind: 'interface', machine: 'alpha', interface: 'eth9' } as const;
    expect(failure(() => lab.setLink(cable, false)).code).toBe('EGL_UNKNOWN_INTERFACE');
  });

  test('of a capture leave nothing attached', () => {
    const lab = small();
    expect(failure(() => lab.capture('alpha/eth0', 'nothing/*')).code).toBe('EGL_UNKNOWN_PORT');
    expect(lab.ports().every(({ observer }) => observer === null)).toBe(true);
  });
});

describe('packet ids', () => {
  test('depend on nothing outside the lab', () => {
    const trace = (lab: Lab): unknown[] => {
      const wire = lab.capture('*/*');
      const socket = lab.stack('alpha').icmp.openEcho({ onReply: () => {}, onError: () => {} });
      socket.send(ip('10.0.0.2'), 1);
      lab.advance('2s');
      return wire.frames.map(({ frame, at, interface: port }) => [
        frame.packetId,
        at,
        port,
        [...frame.toBytes()],
      ]);
    };
    const first = small();
    const second = small();
    const one = trace(first);
    const other = trace(second);
    expect(one.length).toBeGreaterThan(6);
    expect(other).toEqual(one);
  });
});

describe('two segments bridged twice', () => {
  const LOOP = `name: loop
segments: { left: { subnet: 10.0.0.0/24 }, right: { subnet: 10.0.0.0/24 } }
links:
  - { name: one, segments: [left, right] }
  - { name: two, segments: [left, right] }
hosts:
  a: { interfaces: { eth0: { segment: left, address: 10.0.0.1 } } }
`;

  test('end in a named error that says where and when', () => {
    const lab = small(LOOP);
    lab.advance('1s');
    const socket = lab.stack('a').icmp.openEcho({ onReply: () => {}, onError: () => {} });
    socket.send(ip('10.0.0.7'), 1);
    const { code, message } = failure(() => lab.advance('1s'));
    expect(code).toBe('EGL_BROADCAST_STORM');
    expect(message).toMatch(/came back to (left|right)\/\S+ at 1\.\d+ s/);
  });
});
