// What a host may say by ICMP, counted: per peer, for the whole host, and for errors of routing.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/sim/random.ts';
import { millis, type Nanos, seconds } from '../../../src/sim/time.ts';
import { IcmpLimiter } from '../../../src/stack/icmp/limiter.ts';
import { DEFAULT_HOST_CONF, type HostConf } from '../../../src/stack/sysctl/values.ts';
import * as icmp from '../../../src/wire/icmp.ts';
import { type Ipv4Address, ipv4Address } from '../../../src/wire/ipv4-address.ts';
import { ip } from '../../support/frames.ts';

const PEER = ip('192.0.2.1');
const OTHER = ip('192.0.2.2');
const { Unreachable, EchoReply } = icmp.Type;
const { Host, FragmentationNeeded } = icmp.UnreachableCode;

function limiter(conf: Partial<HostConf> = {}, seed = 1): IcmpLimiter {
  return new IcmpLimiter({ ...DEFAULT_HOST_CONF, ...conf }, new Random(seed));
}

/** How many of `times` questions at one moment are answered with yes. */
function burst(times: number, ask: () => boolean): number {
  let allowed = 0;
  for (let i = 0; i < times; i++) if (ask()) allowed++;
  return allowed;
}

describe('one peer', () => {
  const UNLIMITED = { icmp_msgs_per_sec: 1e6, icmp_msgs_burst: 1e6 };

  test('gets six errors at once, then one per second', () => {
    const limits = limiter();
    const ask = (now: Nanos) => (): boolean => limits.allow(PEER, Unreachable, Host, now);
    expect(burst(20, ask(0))).toBe(6);
    expect(ask(millis(999))()).toBe(false);
    expect(burst(20, ask(seconds(1)))).toBe(1);
    expect(burst(20, ask(seconds(4)))).toBe(3);
    expect(burst(20, ask(seconds(100)))).toBe(6);
  });

  test('is counted on its own', () => {
    const limits = limiter();
    burst(20, () => limits.allow(PEER, Unreachable, Host, 0));
    expect(limits.allow(OTHER, Unreachable, Host, 0)).toBe(true);
  });

  test('is told the path MTU, and answered, as often as it asks', () => {
    const limits = limiter({ icmp_msgs_per_sec: 1, icmp_msgs_burst: 1 });
    expect(burst(500, () => limits.allow(PEER, Unreachable, FragmentationNeeded, 0))).toBe(500);
    expect(burst(500, () => limits.allow(PEER, EchoReply, 0, 0))).toBe(500);
    const masked = limiter({ icmp_ratemask: 1 << EchoReply });
    expect(burst(500, () => masked.allow(PEER, EchoReply, 0, 0))).toBe(6);
    expect(burst(500, () => masked.allow(PEER, Unreachable, Host, 0))).toBe(500);
  });

  test('never gets more than its rate and what it had saved up, whenever it asks', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 200 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 2000 }), (waits, ratelimit) => {
        const limits = limiter({ ...UNLIMITED, icmp_ratelimit: ratelimit });
        let now = 0;
        let allowed = 0;
        for (const wait of waits) {
          now += millis(wait);
          if (limits.allow(PEER, Unreachable, Host, now)) allowed++;
        }
        expect(allowed).toBeLessThanOrEqual(6 + now / millis(ratelimit));
      }),
    );
  });

  test('with icmp_ratelimit 0 there is no limit', () => {
    const limits = limiter({ ...UNLIMITED, icmp_ratelimit: 0 });
    expect(burst(1000, () => limits.allow(PEER, Unreachable, Host, seconds(1)))).toBe(1000);
  });

  test('is forgotten when too many are known, and by a reboot', () => {
    const limits = limiter(UNLIMITED);
    burst(20, () => limits.allow(PEER, Unreachable, Host, 0));
    limits.reset();
    expect(burst(20, () => limits.allow(PEER, Unreachable, Host, 0))).toBe(6);
    for (let i = 1; i <= 65_536; i++) limits.allow(ipv4Address(i), Unreachable, Host, 0);
    expect(limits.allow(PEER, Unreachable, Host, 0)).toBe(true);
  });
});

describe('the whole host', () => {
  /** Each question comes from another peer, so that only the host's limit counts. */
  const strangers = (limits: IcmpLimiter): ((now: Nanos) => boolean) => {
    let next = 0x0b00_0000;
    return (now) => limits.allow(ipv4Address(next++), Unreachable, Host, now);
  };

  test('says about fifty things at once, and nobody can tell how many', () => {
    const counts = Array.from({ length: 20 }, (_, seed) => {
      const ask = strangers(limiter({}, seed));
      return burst(1000, () => ask(0));
    });
    for (const count of counts) {
      expect(count).toBeGreaterThanOrEqual(25);
      expect(count).toBeLessThanOrEqual(100);
    }
    expect(new Set(counts).size).toBeGreaterThan(5);
  });

  test('says the same with the same seed', () => {
    const counts = [7, 7].map((seed) => {
      const ask = strangers(limiter({}, seed));
      return burst(1000, () => ask(0));
    });
    expect(counts[0]).toBe(counts[1]);
  });

  test.each([10, 40, 200, 1000])('keeps to %i per second, asked each 25 ms', (rate) => {
    const ask = strangers(limiter({ icmp_msgs_per_sec: rate }));
    let allowed = 0;
    for (let now = 0; now < seconds(20); now += millis(25)) allowed += burst(100, () => ask(now));
    // What is taken is one on average, so this is so only on average.
    // Some are late by a tick and earn the next time.
    expect(allowed).toBeGreaterThan(20 * rate * 0.75);
    expect(allowed).toBeLessThan(20 * rate * 1.2 + 100);
  });

  test('with icmp_msgs_per_sec 0 says nothing', () => {
    const ask = strangers(limiter({ icmp_msgs_per_sec: 0 }));
    expect(burst(100, () => ask(seconds(9)))).toBe(0);
  });

  test('does not lose a voice to a peer that is over its own limit (CVE-2024-47678)', () => {
    const limits = limiter();
    burst(10_000, () => limits.allow(PEER, Unreachable, Host, 0));
    expect(limits.allow(OTHER, Unreachable, Host, 0)).toBe(true);
  });
});

describe('errors of routing', () => {
  test('pay twice, so a stream into nowhere gets two and then none (fixture 09-ip-forwarding)', () => {
    const limits = limiter();
    const errors: number[] = [];
    // A datagram each 100 ms.
    for (let i = 0; i < 40; i++) {
      const now = millis(100 * i);
      if (!limits.allowRoutingError(PEER, now)) continue;
      if (limits.allow(PEER, Unreachable, Host, now)) errors.push(i);
    }
    expect(errors).toEqual([0, 1]);
  });
});

describe('redirects', () => {
  const redirectsOf = (
    limits: IcmpLimiter,
    peer: Ipv4Address,
    step: Nanos,
    end: Nanos,
  ): Nanos[] => {
    const times: Nanos[] = [];
    for (let now = 0; now <= end; now += step) if (limits.allowRedirect(peer, now)) times.push(now);
    return times;
  };

  test('come nine times, each after twice as long a pause, and then no more', () => {
    const times = redirectsOf(limiter(), PEER, millis(1), seconds(20));
    const pauses = times.slice(1).map((at, index) => (at - (times[index] ?? 0)) / millis(1));
    // 20 ms * 2^n, and the next tick after that: fixture tcp-timers.
    expect(pauses).toEqual([44, 84, 164, 324, 644, 1284, 2564, 5124]);
  });

  test('begin anew after 20.48 s of silence', () => {
    const limits = limiter();
    redirectsOf(limits, PEER, millis(1), seconds(20));
    expect(limits.allowRedirect(PEER, seconds(40))).toBe(false);
    // The question itself has broken the silence.
    expect(limits.allowRedirect(PEER, seconds(60))).toBe(false);
    expect(limits.allowRedirect(PEER, seconds(60) + millis(20_484))).toBe(true);
  });
});
