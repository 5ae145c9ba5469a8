import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RequestLog } from '../../../src/scenario/flows/request-log.ts';
import type { RequestRecord } from '../../../src/scenario/flows/statistics.ts';
import { ScenarioSession } from '../../../src/scenario/session.ts';
import { NEVER, seconds } from '../../../src/sim/time.ts';
import { topologyOf } from '../../support/scenarios.ts';

const fates = fc.constantFrom('answered', 'lost', 'refused', 'paused', 'waits');

function record(fate: string, at: number): RequestRecord {
  return {
    sentAt: at,
    pausedAt: fate === 'paused' ? at - 0.5 : null,
    answeredAt: fate === 'answered' ? at + 0.1 : null,
    lostAt: fate === 'lost' || fate === 'refused' || fate === 'paused' ? at + 0.2 : null,
    why: fate === 'refused' ? 'ECONNREFUSED' : null,
  };
}

describe('a log of requests', () => {
  test('says the same of them, however few it keeps in full', () => {
    fc.assert(
      fc.property(
        fc.array(fates, { maxLength: 80 }),
        fc.integer({ min: 1, max: 8 }),
        (all, keep) => {
          const whole = new RequestLog<RequestRecord>(Number.POSITIVE_INFINITY);
          const short = new RequestLog<RequestRecord>(keep);
          all.forEach((fate, at) => {
            whole.push(record(fate, at));
            short.push(record(fate, at));
            expect(short.figures(at + 1)).toEqual(whole.figures(at + 1));
          });
          expect(short.length).toBe(all.length);
          for (let id = short.forgotten; id < all.length; id++) {
            expect(short.get(id)).toEqual(whole.get(id));
          }
          const since = short.keptSince;
          expect(short.figuresWithin(all.length, since, NEVER)).toEqual(
            whole.figuresWithin(all.length, since, NEVER),
          );
        },
      ),
    );
  });

  test('is as short as it may be, except for what still waits', () => {
    const log = new RequestLog<RequestRecord>(10);
    for (let at = 0; at < 1000; at++) log.push(record('answered', at));
    expect(log.kept.length).toBeLessThan(20);
    expect(log.get(3)).toBe(undefined);
    const stuck = new RequestLog<RequestRecord>(10);
    stuck.push(record('waits', 0));
    for (let at = 1; at < 50; at++) stuck.push(record('answered', at));
    expect(stuck.kept).toHaveLength(50);
  });
});

test('a flow of a live lab goes on beyond what it keeps, and says so', () => {
  const topology = topologyOf(
    `name: endless
segments: { lan: { subnet: 10.0.0.0/24 } }
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1/24 } } }
  b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2/24 } } }
scenario:
  duration: 1s
  flows: { ping: { from: a, to: b, icmp: echo, every: 100us } }
`,
    'endless.yaml',
  );
  const session = new ScenarioSession(topology, { openEnded: true });
  session.begin();
  session.lab.scheduler.advanceTo(seconds(21));
  const report = session.finish(true);
  expect(report.flows).toMatchObject([
    { sent: 210_001, answered: 210_001, lost: 0, outages: [], state: 'running' },
  ]);
  expect(report.flows[0]?.seenAs).toEqual([{ address: '10.0.0.1', count: 210_001 }]);
  const [, condensed, ...others] = report.timeline.filter(({ source }) => source === 'ping');
  expect(condensed?.text).toBe(
    'goes on; from now on only its last 100000 requests are kept in full',
  );
  expect(others).toEqual([]);
  const flow = session.flows.get('ping');
  expect(flow?.requests.kept.length).toBeLessThan(200_000);
});
