// The steps that make ARP, neighbor entries and settings by hand, and the machines that believe and
// answer in their own ways, in labs small enough to read.

import { describe, expect, test } from 'vitest';
import type { RunReport } from '../../src/scenario/report.ts';
import { runInMemory, topologyOf } from '../support/scenarios.ts';

/** Two hosts and an observer on one segment; `steps` and what differs are put in. */
function lab(steps: readonly string[], { observer = '', first = '', segment = '' } = {}): string {
  return `name: hand-made
segments: { lan: { subnet: 10.0.0.0/24${segment} } }
hosts:
  observer: { interfaces: { eth0: { segment: lan, address: 10.0.0.1 } }${observer} }
  first: { interfaces: { eth0: { segment: lan, address: 10.0.0.11 } }${first} }
  second: { interfaces: { eth0: { segment: lan, address: 10.0.0.12 } } }
scenario:
  duration: 30s
  steps:
${steps.map((step) => `    - ${step}`).join('\n')}
`;
}

/** Runs it, and holds it to its own expectations. */
async function held(text: string): Promise<RunReport> {
  const { report } = await runInMemory(topologyOf(text, 'lab.yaml'));
  const failed = report.expectations.filter(({ verdict }) => verdict !== 'held');
  expect(failed.map(({ text: words, saw }) => [words, ...saw])).toEqual([]);
  expect(report.outcome).toBe('passed');
  return report;
}

const KNOWN = '{ at: 0s, addNeighbor: 10.0.0.100, to: observer, mac: first, state: REACHABLE }';
const ANNOUNCED = '{ at: 5s, arping: 10.0.0.100, from: second, mode: -U }';

describe('send', () => {
  test('writes what an honest host would write where nothing is said', async () => {
    await held(
      lab([
        '{ at: 1s, send: { arp: { targetIp: 10.0.0.100 } }, from: first }',
        '{ at: 2s, expect: { frame: { ethernet: { from: first, to: broadcast }, arp: { operation: request, senderMac: first, senderIp: 10.0.0.11, targetMac: 00:00:00:00:00:00, targetIp: 10.0.0.100 } }, on: observer/eth0, count: 1 } }',
      ]),
    );
  });

  test('repeats at its interval, with its comment, until the host loses power', async () => {
    const report = await held(
      lab([
        '{ at: 1s, send: { arp: { operation: reply, senderIp: 10.0.0.100, targetIp: 10.0.0.100 } }, from: first, count: 9, interval: 2s, comment: it is mine }',
        '{ at: 6s, fail: first }',
        '{ at: 20s, expect: { frame: { arp: { operation: reply }, comment: it is mine }, on: observer/eth0, count: 3 } }',
      ]),
    );
    const told = report.timeline.filter(({ kind }) => kind === 'arp-sent');
    expect(told.map(({ at, text }) => [at / 1e9, text])).toEqual([
      [1, 'sends ARP: 10.0.0.100 is at first 02:..:11 (it is mine)'],
      [3, 'sends ARP: 10.0.0.100 is at first 02:..:11 (it is mine)'],
      [5, 'sends ARP: 10.0.0.100 is at first 02:..:11 (it is mine)'],
    ]);
  });

  test('takes any MAC addresses, group ones too, and any operation', async () => {
    await held(
      lab([
        '{ at: 1s, send: { ethernet: { from: second, to: observer }, arp: { operation: 9, senderMac: broadcast, targetIp: 10.0.0.1 } }, from: first }',
        '{ at: 2s, expect: { frame: { ethernet: { from: second, to: observer }, arp: { senderMac: broadcast } }, on: observer/eth0, count: 1 } }',
        '{ at: 2s, expect: { neighbor: observer, address: 10.0.0.11, absent: true } }',
      ]),
    );
  });
});

describe('neighbor entries made by hand', () => {
  test('are permanent unless said otherwise, and then nothing that is heard changes them', async () => {
    await held(
      lab([
        '{ at: 0s, addNeighbor: 10.0.0.100, to: observer, mac: first }',
        ANNOUNCED,
        '{ at: 6s, expect: { neighbor: observer, address: 10.0.0.100, mac: first, state: PERMANENT } }',
        '{ at: 7s, flushNeighbors: observer }',
        '{ at: 8s, expect: { neighbor: observer, address: 10.0.0.100, state: PERMANENT } }',
        '{ at: 9s, removeNeighbor: 10.0.0.100, from: observer }',
        '{ at: 10s, expect: { neighbor: observer, address: 10.0.0.100, absent: true } }',
      ]),
    );
  });

  test('are flushed with what was learned', async () => {
    await held(
      lab([
        '{ at: 0s, ping: first, from: observer }',
        '{ at: 1s, addNeighbor: 10.0.0.100, to: observer, mac: first, state: STALE }',
        '{ at: 2s, flushNeighbors: observer }',
        '{ at: 3s, expect: [{ neighbor: observer, address: 10.0.0.11, absent: true }, { neighbor: observer, address: 10.0.0.100, absent: true }] }',
      ]),
    );
  });
});

describe('an observer', () => {
  test.each([
    ['linux', 'second', 'STALE'],
    ['linux-arp-accept', 'second', 'STALE'],
    ['linux-pre-4.13', 'second', 'STALE'],
    ['router-20min', 'second', 'REACHABLE'],
    ['router-4h', 'second', 'REACHABLE'],
    ['ignores-garp', 'first', 'REACHABLE'],
    ['strict', 'second', 'STALE'],
  ])('%s that knows first believes %s after an announcement', async (observer, mac, state) => {
    const expectation = `{ neighbor: observer, address: 10.0.0.100, mac: ${mac}, state: ${state} }`;
    await held(
      lab([KNOWN, ANNOUNCED, `{ at: 6s, expect: ${expectation} }`], {
        observer: `, observer: ${observer}`,
      }),
    );
  });

  test.each([
    ['linux', 'absent: true'],
    ['linux-arp-accept', 'mac: second'],
    ['router-4h', 'absent: true'],
    ['strict', 'absent: true'],
  ])('%s that knows nobody: %s', async (observer, entry) => {
    await held(
      lab(
        [ANNOUNCED, `{ at: 6s, expect: { neighbor: observer, address: 10.0.0.100, ${entry} } }`],
        {
          observer: `, observer: ${observer}`,
        },
      ),
    );
  });
});

describe('a responder', () => {
  const asked = '{ at: 1s, arping: 10.0.0.11, from: observer, name: asked }';
  const peer = '{ at: 3s, arping: 10.0.0.11, from: second, mode: -U }';

  test.each([
    ['linux', 'answered', 0],
    ['ovn', 'answered', 1],
    ['silent', 'unanswered', 0],
  ])(
    '%s: a question is %s, a peer that announces gets %i answers',
    async (style, verdict, replies) => {
      await held(
        lab(
          [
            asked,
            `{ at: 2500ms, expect: { arping: asked, verdict: ${verdict} } }`,
            peer,
            `{ at: 5s, expect: { frame: { arp: { operation: reply, senderMac: first } }, on: second/eth0, since: 3s, count: ${replies} } }`,
          ],
          { first: `, responder: ${style}` },
        ),
      );
    },
  );
});

describe('an address on lo', () => {
  const question = (at: number, name: string): string =>
    `{ at: ${at}s, arping: 10.0.0.100, from: observer, name: ${name} }`;

  test('is answered for on every interface until arp_ignore says otherwise', async () => {
    const report = await held(
      lab(
        [
          question(1, 'before'),
          '{ at: 3s, sysctl: { arp_ignore: 1 }, on: first/eth0 }',
          question(4, 'after'),
          '{ at: 6s, expect: [{ arping: before, verdict: answered, answeredBy: first }, { arping: after, verdict: unanswered }, { address: 10.0.0.100, heldBy: first }] }',
        ],
        { first: ', loopback: [10.0.0.100]' },
      ),
    );
    expect(report.timeline.map(({ text }) => text)).toContain('sets arp_ignore=1 on eth0');
  });

  test('comes and goes by steps', async () => {
    await held(
      lab([
        '{ at: 1s, addAddress: 10.0.0.100, to: first/lo }',
        '{ at: 2s, expect: { address: 10.0.0.100, heldBy: first } }',
        '{ at: 3s, removeAddress: 10.0.0.100, from: first/lo }',
        '{ at: 4s, expect: { address: 10.0.0.100, heldBy: nobody } }',
      ]),
    );
  });
});

describe('a segment that drops what it does not know', () => {
  const forgotten = [
    '{ at: 0s, addNeighbor: 10.0.0.12, to: observer, mac: second }',
    '{ at: 1s, ping: second, from: observer, name: unknown }',
    '{ at: 5s, send: { arp: { targetIp: 10.0.0.12 } }, from: second }',
    '{ at: 6s, ping: second, from: observer, name: known }',
  ];

  // Measured: fixtures/incidents, unknown-unicast.
  test('delivers to a MAC address once it has spoken', async () => {
    const report = await held(
      lab(
        [
          ...forgotten,
          '{ at: 9s, expect: [{ ping: unknown, answered: 0 }, { ping: known, answered: 1 }] }',
        ],
        { segment: ', unknownUnicast: drop' },
      ),
    );
    expect(report.drops).toContainEqual({ device: 'lan', reason: 'unknown-unicast', count: 1 });
  });

  test('is not the ordinary one, which floods', async () => {
    await held(lab([...forgotten, '{ at: 9s, expect: { ping: unknown, answered: 1 } }']));
  });
});
