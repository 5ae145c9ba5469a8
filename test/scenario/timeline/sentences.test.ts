// What events say to people: one line each, and nothing where there is no news.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LabEvents } from '../../../src/lab/events.ts';
import { sentenceOf } from '../../../src/scenario/timeline/sentences.ts';
import { millis, seconds } from '../../../src/sim/time.ts';
import { event, type Kind } from '../../support/events.ts';
import { runInMemory, shippedScenarios } from '../../support/scenarios.ts';

const NEWS = '192.168.50.120';
const OLD = '02:00:00:00:00:01';
const NEW = '02:00:00:00:00:02';
const OWNERS: Readonly<Record<string, readonly string[]>> = { [OLD]: ['node1'], [NEW]: ['node2'] };
const scene = {
  isNews: (address: string): boolean => address === NEWS,
  ownersOf: (mac: string): readonly string[] => OWNERS[mac] ?? [],
};

/** What is said; null where there is no news. */
function said<K extends Kind>(kind: K, fields: LabEvents[K]): string | null {
  return sentenceOf(event<Kind>(seconds(9), 'worker01', kind, fields), scene);
}

describe('a neighbor entry', () => {
  const entry = {
    interface: 'eth0',
    address: NEWS,
    mac: NEW,
    previousMac: OLD,
    state: 'STALE',
    previousState: 'REACHABLE',
    cause: 'gratuitous',
  } as const;

  test('that moves is always news', () => {
    const moved = 'node1 02:..:01 -> node2 02:..:02 (gratuitous, STALE)';
    expect(said('neighbor-changed', entry)).toBe(`${NEWS} moves ${moved}`);
    const elsewhere = { ...entry, address: '10.0.0.1' };
    expect(said('neighbor-changed', elsewhere)).toBe(`10.0.0.1 moves ${moved}`);
  });

  test('that is new or given up is news only of addresses that matter', () => {
    const found = { ...entry, previousMac: null, cause: 'reply', state: 'REACHABLE' } as const;
    expect(said('neighbor-changed', found)).toBe(`${NEWS} is at node2 02:..:02 (reply, REACHABLE)`);
    expect(said('neighbor-changed', { ...found, address: '10.0.0.1' })).toBe(null);
    const lost = { ...entry, mac: null, previousMac: null, state: 'FAILED' } as const;
    expect(said('neighbor-changed', lost)).toBe(`gives up on ${NEWS}: no answer (FAILED)`);
    expect(said('neighbor-changed', { ...lost, address: '10.0.0.1' })).toBe(null);
  });

  test('names the machines, and not only the last octet that two holders of one address share', () => {
    const twins = { ...entry, previousMac: '02:00:aa:00:00:10', mac: '02:00:bb:00:00:10' };
    const seen = event<Kind>(0, 'client', 'neighbor-changed', twins);
    const owners: Readonly<Record<string, string[]>> = {
      [twins.previousMac]: ['a'],
      [twins.mac]: ['b'],
    };
    const told = (by: Readonly<Record<string, string[]>>): string | null =>
      sentenceOf(seen, { ...scene, ownersOf: (mac) => by[mac] ?? [] });
    expect(told(owners)).toBe(`${NEWS} moves a 02:..:10 -> b 02:..:10 (gratuitous, STALE)`);
    const one = { [twins.previousMac]: ['a'], [twins.mac]: ['a'] };
    expect(told(one), 'two interfaces of one machine').toBe(
      `${NEWS} moves a ${twins.previousMac} -> a ${twins.mac} (gratuitous, STALE)`,
    );
    expect(told({}), 'of no machine').toBe(
      `${NEWS} moves ${twins.previousMac} -> ${twins.mac} (gratuitous, STALE)`,
    );
    expect(told({ [twins.mac]: ['a', 'b'] }), 'a cloned MAC').toBe(
      `${NEWS} moves ${twins.previousMac} -> a and b 02:..:10 (gratuitous, STALE)`,
    );
  });

  test('that only changes its state is none', () => {
    const same = { ...entry, previousMac: NEW, state: 'DELAY', cause: 'packet' } as const;
    expect(said('neighbor-changed', same)).toBe(null);
  });
});

describe('a namespace', () => {
  const base = {
    namespace: 'shop',
    vnid: 42,
    pods: ['web'],
    ips: [NEWS],
    nodes: ['worker01', 'worker02'],
  };

  test.each([
    ['via', `shop leaves as ${NEWS} by worker01, worker02`],
    ['dropped', 'shop is dropped: none of its egress IPs is usable'],
    ['normal', 'shop leaves with the node address'],
  ] as const)('whose egress is %s', (outcome, text) => {
    expect(said('namespace-egress', { ...base, outcome })).toBe(text);
  });
});

describe('an address', () => {
  test('that is added is news if it matters, with its prefix', () => {
    const fields = { address: `${NEWS}/24`, interface: 'eth0' } as const;
    expect(said('address-added', fields)).toBe(`has ${NEWS}/24 on eth0`);
    expect(said('address-added', { ...fields, address: '10.0.0.1/24' })).toBe(null);
    expect(said('address-removed', fields)).toBe(`gives up ${NEWS}/24 on eth0`);
  });

  test('that is claimed without being on an interface is said with who answers for it', () => {
    const claim = { address: NEWS, interface: 'eth0' } as const;
    const router = { ...claim, holder: 'GR_worker01' };
    expect(said('claim-added', { ...router, mac: NEW })).toBe(
      `GR_worker01 answers for ${NEWS} on eth0`,
    );
    expect(said('claim-removed', router)).toBe(`GR_worker01 answers no longer for ${NEWS} on eth0`);
  });
});

describe('an ARP packet that was sent by hand', () => {
  const sent = {
    interface: 'eth0',
    senderIp: NEWS,
    senderMac: NEW,
    targetIp: '10.0.0.1',
    comment: null,
  };

  test.each([
    ['request', `sends ARP: who has 10.0.0.1, tell ${NEWS} at node2 02:..:02`],
    ['reply', `sends ARP: ${NEWS} is at node2 02:..:02`],
    ['9', `sends ARP: operation 9, ${NEWS} at node2 02:..:02, target 10.0.0.1`],
  ])('as a %s', (operation, text) => {
    expect(said('arp-sent', { ...sent, operation })).toBe(text);
    expect(said('arp-sent', { ...sent, operation, comment: 'why' })).toBe(`${text} (why)`);
  });
});

describe('a flow', () => {
  test('says since when it is not answered, how long it was not, and why', () => {
    const since = seconds(7) + millis(250);
    expect(said('flow-unanswered', { since, why: null })).toBe('is not answered');
    expect(said('flow-unanswered', { since, why: 'loss' })).toBe('is not answered (loss)');
    expect(said('flow-interrupted', { since, why: 'loss' })).toBe(
      'has not been answered since 7.250 (loss)',
    );
    expect(said('flow-answered', { outage: null })).toBe('is answered');
    expect(said('flow-answered', { outage: millis(2250) })).toBe('answered again after 2.25s');
  });
});

describe('a tool', () => {
  test('says what it found, and nothing when it only announced', () => {
    const done = {
      name: 'who',
      address: NEWS,
      mode: 'ask',
      answeredBy: [OLD, NEW],
      exitCode: 0,
    } as const;
    expect(said('arping-done', done)).toBe(
      `arping ${NEWS}: answered by node1 ${OLD}, node2 ${NEW} (exit 0)`,
    );
    expect(said('arping-done', { ...done, answeredBy: [], exitCode: 1 })).toBe(
      `arping ${NEWS}: no answer (exit 1)`,
    );
    expect(said('arping-done', { ...done, mode: 'announce-reply' })).toBe(null);
  });
});

describe('a line of a log', () => {
  test.each([
    ['E0509 08:00:01.000000    4711 egressip.go:1] no', true],
    ['W0509 08:00:01.000000    4711 egressip.go:1] hm', false],
    ['I0509 08:00:01.000000    4711 egressip.go:1] ok', false],
    ['Everything is fine', false],
  ])('%s makes the timeline: %s', (line, does) => {
    expect(said('log-line', { pod: 'sdn-x', line })).toBe(does ? line : null);
  });
});

test('an event without a sentence stays in the log', () => {
  const reply = { name: 'p', from: NEWS, sequence: 1, roundTrip: millis(1) };
  expect(said('ping-reply', reply)).toBe(null);
});

test('whatever the lengths of time, no sentence has a gap', () => {
  fc.assert(
    fc.property(fc.nat(), fc.option(fc.string({ minLength: 1 })), (since, why) => {
      for (const text of [
        said('flow-interrupted', { since, why }),
        said('flow-answered', { outage: since }),
        said('realtime-lag', { lag: since }),
      ]) {
        expect(text).toMatch(/^\S/);
        expect(text).not.toMatch(/undefined|null|NaN/);
      }
    }),
  );
});

test('in a lab that comes along, each is one line without a period', async () => {
  const scenario = shippedScenarios().find(({ name }) => name === 'automatic');
  if (scenario === undefined) throw new Error('automatic.yaml is gone');
  const { report } = await runInMemory(scenario.load());
  expect(report.timeline.length).toBeGreaterThan(10);
  for (const { text, kind } of report.timeline) {
    expect(text, kind).toMatch(/^\S.*\S$/);
    if (kind !== 'log-line') expect(text, kind).not.toMatch(/\.$/);
  }
});
