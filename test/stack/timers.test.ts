// When the kernel's timers end and its rate limits let something out, to the tick, as measured on Linux
// 6.18 between two namespaces (test/fixtures/kernel/tcp-timers.json; tcp-timers.py beside it measures again).
// `phase` says where the timer wheel stood at the first frame: the lab begins there.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Random } from '../../src/sim/random.ts';
import { Scheduler } from '../../src/sim/scheduler.ts';
import { micros, millis, type Nanos, seconds } from '../../src/sim/time.ts';
import { IcmpLimiter } from '../../src/stack/icmp/limiter.ts';
import { NeighborState } from '../../src/stack/neighbor/state.ts';
import { DEFAULT_HOST_CONF, type HostConf } from '../../src/stack/sysctl/values.ts';
import { RttEstimator } from '../../src/stack/tcp/rto.ts';
import { TransmitTimer } from '../../src/stack/tcp/transmit-timer.ts';
import * as icmp from '../../src/wire/icmp.ts';
import { macAddress } from '../../src/wire/mac-address.ts';
import { ip } from '../support/frames.ts';
import { Lan, nic } from '../support/lan.ts';
import { ascii, echoServer, Puppet, Recorder, segments } from '../support/tcp.ts';

interface Case {
  readonly id: string;
  readonly description: string;
  /** Milliseconds of the timer wheel at the first frame, modulo 2^18 ticks. */
  readonly phase: number;
  readonly milliseconds: readonly number[];
  /** Of the path, in microseconds, where it matters (TCP_INFO). */
  readonly rtt?: number;
  readonly rto?: number;
}

const FIXTURE = new URL('../fixtures/kernel/tcp-timers.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(FIXTURE, 'utf8')) as { cases: readonly Case[] };

function measured(id: string): Case {
  const found = cases.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no case ${id}`);
  return found;
}

/** A machine that measures is busy at times: what is late by less than this is on time. */
const TOLERANCE = 6;

/** What the lab does at the same phase of the wheel: milliseconds, the first of which are zero. */
function agrees(id: string, times: readonly number[]): void {
  const { milliseconds } = measured(id);
  const wrong = milliseconds
    .map((kernel, i) => ({ kernel, lab: Math.round((times[i] ?? Number.NaN) * 10) / 10 }))
    .filter(({ kernel, lab }) => !(Math.abs(kernel - lab) <= TOLERANCE));
  expect(wrong, id).toEqual([]);
  expect(times).toHaveLength(milliseconds.length);
}

interface Pair {
  readonly lan: Lan;
  readonly a: ReturnType<Lan['host']>;
  readonly b: ReturnType<Lan['host']>;
}

/** Two hosts that know each other, `before` ms before the phase of the case. */
function pairAt(id: string, before = 0): Pair {
  const lan = new Lan({ latency: 10 });
  const a = lan.host('A', '10.0.0.1/24');
  const b = lan.host('B', '10.0.0.2/24');
  a.neighbors.replace(nic(a), ip('10.0.0.2'), nic(b).mac, NeighborState.Permanent);
  b.neighbors.replace(nic(b), ip('10.0.0.1'), nic(a).mac, NeighborState.Permanent);
  lan.scheduler.advanceTo(millis(measured(id).phase - before));
  return { lan, a, b };
}

/** From now on what A sends reaches nobody. */
function fallSilent({ a }: Pair): void {
  const nobody = macAddress(0x0200_0000_9999);
  a.neighbors.replace(nic(a), ip('10.0.0.2'), nobody, NeighborState.Permanent);
}

function since(lan: Lan, start: Nanos, from: string): number[] {
  const times = segments(lan, start)
    .filter((each) => each.from === from)
    .map(({ t }) => t * 1000);
  return times.map((t) => t - (times[0] ?? 0));
}

test('a SYN without an answer', () => {
  const pair = pairAt('syn');
  fallSilent(pair);
  pair.a.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, new Recorder());
  pair.lan.run(133);
  agrees('syn', since(pair.lan, 0, 'A'));
});

test('a SYN-ACK without an answer', () => {
  const { lan, a, b } = pairAt('syn-ack');
  echoServer(b, 80);
  new Puppet(a, 40_000, ip('10.0.0.2'), 80).say({ flags: 'S', sequence: 1 });
  lan.run(65);
  agrees('syn-ack', since(lan, 0, 'B'));
});

test('data without an answer: a tail loss probe, then timeouts', () => {
  const pair = pairAt('rto', 420);
  echoServer(pair.b, 80);
  const client = new Recorder();
  pair.a.tcp.connect({ address: ip('10.0.0.2'), port: 80 }, client);
  pair.lan.run(0.01);
  client.connection.write(ascii('a'.repeat(100)));
  pair.lan.run(0.41);
  fallSilent(pair);
  const start = pair.lan.scheduler.now;
  client.connection.write(ascii('x'.repeat(100)));
  pair.lan.run(110);
  agrees('rto', since(pair.lan, start, 'A'));
});

test('keepalive', () => {
  const pair = pairAt('keepalive');
  echoServer(pair.b, 80);
  pair.a.sysctl.set('tcp_keepalive_time', 5);
  pair.a.sysctl.set('tcp_keepalive_intvl', 3);
  pair.a.sysctl.set('tcp_keepalive_probes', 4);
  pair.a.tcp.connect({ address: ip('10.0.0.2'), port: 80, keepAlive: true }, new Recorder());
  pair.lan.run(0.1);
  fallSilent(pair);
  pair.lan.run(25);
  agrees('keepalive', since(pair.lan, 0, 'A'));
});

test('window probes, each after twice as long', () => {
  const scheduler = new Scheduler();
  const { phase, milliseconds, rtt: trip = 0, rto = 0 } = measured('window-probe');
  scheduler.advanceTo(millis(phase));
  const rtt = new RttEstimator();
  rtt.sample(micros(trip), 1, 2);
  expect(rtt.rto).toBe(micros(rto));
  const times = [0];
  const timer = new TransmitTimer(scheduler, rtt, () => {
    times.push(scheduler.now / 1e6 - phase);
    timer.windowProbe(true);
  });
  // The first of the fixture is the first probe, after which the interval is doubled.
  timer.windowProbe(false);
  timer.windowProbe(true);
  while (times.length < milliseconds.length) scheduler.advanceTo(scheduler.now + seconds(1));
  agrees('window-probe', times);
});

/** When a limit lets something out, asked every millisecond. */
function allowed(id: string, duration: Nanos, ask: (now: Nanos) => boolean): number[] {
  const start = millis(measured(id).phase);
  const times: number[] = [];
  for (let now = start; now < start + duration; now += millis(1)) {
    if (ask(now)) times.push((now - start) / 1e6);
  }
  return times;
}

function limiter(conf: Partial<HostConf> = {}): IcmpLimiter {
  return new IcmpLimiter({ ...DEFAULT_HOST_CONF, ...conf }, new Random(1));
}

const PEER = ip('10.0.0.1');
const { Unreachable } = icmp.Type;

test('redirects', () => {
  const limits: IcmpLimiter = limiter();
  agrees(
    'redirect',
    allowed('redirect', seconds(22), (now) => limits.allowRedirect(PEER, now)),
  );
});

test.each([1000, 130])('errors to one peer, icmp_ratelimit %i', (limit) => {
  const limits = limiter({ icmp_ratelimit: limit });
  const ask = (now: Nanos): boolean =>
    limits.allow(PEER, Unreachable, icmp.UnreachableCode.Port, now);
  agrees(`icmp-${limit}`, allowed(`icmp-${limit}`, seconds(4), ask));
});

test('errors of a router without a route', () => {
  const limits = limiter();
  const ask = (now: Nanos): boolean =>
    limits.allowRoutingError(PEER, now) &&
    limits.allow(PEER, Unreachable, icmp.UnreachableCode.Network, now);
  agrees('no-route', allowed('no-route', seconds(8), ask));
});
