// What the incident topologies claim of Linux was asked of a kernel (fixtures/incidents/measure.sh,
// answers in measured.txt). The lab does the same things and must say the same; and where root and the
// tools are at hand, the kernel of this machine is asked again.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runInMemory, topologyOf } from '../support/scenarios.ts';

const FIXTURES = fileURLToPath(new URL('../fixtures/incidents/', import.meta.url));

/** 'locktime: 0.1 s old, reply to ff:ff' → what was seen. */
function observations(text: string): Map<string, string> {
  const lines = text.split('\n').filter((line) => line.includes(' | '));
  return new Map(
    lines.map((line) => {
      const [label = '', seen = ''] = line.split(' | ');
      return [label, seen.trim()];
    }),
  );
}

const MEASURED = observations(readFileSync(`${FIXTURES}measured.txt`, 'utf8'));

function measured(label: string): string {
  const seen = MEASURED.get(label);
  if (seen === undefined) throw new Error(`measured.txt has no line "${label}"`);
  return seen;
}

const X = '10.0.0.100';
/** The frames of measure.sh. */
const QUESTION = `send: { arp: { targetIp: ${X} } }, from: c`;
const NOBODY =
  'send: { arp: { senderIp: 0.0.0.0, targetMac: broadcast, targetIp: 0.0.0.0 } }, from: c';
const PROBE = `send: { arp: { senderIp: 0.0.0.0, targetIp: ${X} } }, from: c`;
const ANNOUNCEMENT = `send: { arp: { senderIp: ${X}, targetIp: ${X} } }, from: c`;
const REPLY_TO_ALL = `send: { arp: { operation: reply, senderIp: ${X}, targetMac: broadcast, targetIp: ${X} } }, from: c`;
const REPLY_TO_ITSELF = `send: { arp: { operation: reply, senderIp: ${X}, targetMac: c, targetIp: ${X} } }, from: c`;
const REQUEST = `send: { arp: { senderIp: ${X}, targetMac: broadcast, targetIp: ${X} } }, from: c`;
const RELEASE = `send: { arp: { senderMac: 00:00:00:00:00:00, senderIp: ${X}, targetIp: ${X} } }, from: b`;

/** A step, and the label of the observation that follows it, if any. */
type Move = readonly [seconds: number, step: string | null, label?: string];

const TAKEN_OVER = (at: number): Move[] => [
  [at, `removeAddress: ${X}, from: b`],
  [at, `addAddress: ${X}/32, to: c`],
];
const KNOWN: Move = [0, `ping: ${X}, from: a`];

/** Title, extra keys of the hosts, what happens. */
const CASES: readonly (readonly [string, readonly Move[]])[] = [
  [
    'wrong-form',
    [
      KNOWN,
      ...TAKEN_OVER(1.4),
      [1.5, QUESTION, 'who-has X tell C'],
      [1.6, NOBODY, 'who-has 0.0.0.0 tell 0.0.0.0'],
      [1.7, PROBE, 'probe for X'],
      [1.9, ANNOUNCEMENT, 'who-has X tell X'],
    ],
  ],
  [
    'locktime',
    [
      KNOWN,
      ...TAKEN_OVER(0.05),
      [0.1, REPLY_TO_ALL, '0.1 s old, reply to ff:ff'],
      [0.5, REPLY_TO_ALL, '0.5 s old, again'],
      [1.3, REPLY_TO_ALL, '1.3 s old, again'],
    ],
  ],
  [
    'locktime',
    [KNOWN, ...TAKEN_OVER(0.05), [0.1, REPLY_TO_ITSELF, '0.1 s old, reply to itself (arping -A)']],
  ],
  ['locktime', [KNOWN, ...TAKEN_OVER(0.05), [0.1, REQUEST, '0.1 s old, request (arping -U)']]],
  [
    'zero-mac',
    [KNOWN, ...TAKEN_OVER(0.5), [0.5, RELEASE, 'release, then'], [0.6, REQUEST, 'announcement']],
  ],
  [
    'zero-mac',
    [
      KNOWN,
      [0.5, `ping: ${X}, from: a, count: 70, interval: 200ms`],
      ...TAKEN_OVER(1.5),
      [1.5, REQUEST, 'announcement, then'],
      [2, RELEASE, 'release'],
      [3, null, '1 s later'],
      [8, null, '6 s later'],
      [12, null, '10 s later'],
    ],
  ],
];

/** Seconds to a duration. */
const at = (seconds: number): string => `${Math.round(seconds * 1000)}ms`;

/** '10.0.0.100 lladdr 02:… STALE' as an expectation. */
function expectation(seen: string): string {
  const [, mac, state] = / lladdr (\S+)(?: (\w+))?/.exec(seen) ?? [];
  const entry =
    mac === undefined
      ? 'absent: true'
      : `mac: ${mac}${state === undefined ? '' : `, state: ${state}`}`;
  return `{ neighbor: a, address: ${X}, ${entry} }`;
}

function labOf(name: string, moves: readonly Move[], hosts: readonly string[]): string {
  const steps = moves.flatMap(([seconds, step, label]) => [
    ...(step === null ? [] : [`{ at: ${at(seconds)}, ${step} }`]),
    ...(label === undefined
      ? []
      : [`{ at: ${at(seconds + 0.02)}, expect: ${expectation(measured(`${name}: ${label}`))} }`]),
  ]);
  return `name: ${name}
segments: { lan: { subnet: 10.0.0.0/24 } }
hosts:
${hosts.join('\n')}
scenario:
  duration: 20s
  steps:
${steps.map((step) => `    - ${step}`).join('\n')}
`;
}

function host(
  name: string,
  number: number,
  { holdsX = false, loopback = false, latency = 0 },
): string {
  const more = holdsX ? `, addresses: [${X}/32]` : '';
  const eth0 = `{ segment: lan, address: 10.0.0.${number}, mac: 02:00:00:00:00:0${number}, latency: ${latency}us${more} }`;
  return `  ${name}: { interfaces: { eth0: ${eth0} }${loopback ? `, loopback: [${X}]` : ''} }`;
}

async function failures(text: string): Promise<string[]> {
  const { report } = await runInMemory(topologyOf(text, 'lab.yaml'));
  expect(report.expectations.length).toBeGreaterThan(0);
  return report.expectations
    .filter(({ verdict }) => verdict !== 'held')
    .map(({ at: when, text: words, saw }) => `${when / 1e9} s: ${words}: ${saw.join('; ')}`);
}

describe('the lab says what the kernel said:', () => {
  test.each(CASES)('%s (%#)', async (name, moves) => {
    const hosts = [host('a', 1, {}), host('b', 2, { holdsX: true }), host('c', 3, {})];
    expect(await failures(labOf(name, moves, hosts))).toEqual([]);
  });

  test('several owners on lo answer; a later answer counts if the first was no news', async () => {
    const name = 'lo-address';
    const question = `arping: ${X}, from: a`;
    const asX = `ping: a, from: d, source: ${X}`;
    const moves: Move[] = [
      [0, `${question}, name: loose`],
      // The kernel's bridge floods its youngest port first: d is the nearest.
      [0, `ping: ${X}, from: a`, 'the first answer'],
      [1.4, question, '1.3 s later three answers at once, the first of them the known one'],
      [4, 'flushNeighbors: d'],
      [4, `addNeighbor: ${X}, to: a, mac: b, state: REACHABLE`],
      [4, asX, 'arp_announce=0, D pings as X'],
      ...['b', 'c', 'd'].map(
        (each): Move => [6, `sysctl: { arp_ignore: 1, arp_announce: 2 }, on: ${each}`],
      ),
      [6, `${question}, name: strict`],
      [8, 'flushNeighbors: d'],
      [8, `addNeighbor: ${X}, to: a, mac: b, state: REACHABLE`],
      [8, asX, 'arp_announce=2, D pings as X'],
      [
        9,
        'expect: [{ arping: loose, answeredBy: [b, c, d] }, { arping: strict, verdict: unanswered }]',
      ],
      [9, 'expect: { neighbor: a, address: 10.0.0.4, mac: d }'],
    ];
    const hosts = [
      host('a', 1, {}),
      host('b', 2, { loopback: true, latency: 30 }),
      host('c', 3, { loopback: true, latency: 20 }),
      host('d', 4, { loopback: true, latency: 10 }),
    ];
    expect(await failures(labOf(name, moves, hosts))).toEqual([]);
  });
});

const REQUIRED = process.env.EGRESSLAB_REQUIRE_KERNEL === '1';

test.skipIf(!REQUIRED)(
  'the kernel of this machine says what is in measured.txt (skipped without EGRESSLAB_REQUIRE_KERNEL=1)',
  { timeout: 120_000 },
  () => {
    const { status, stdout, stderr } = spawnSync('bash', [`${FIXTURES}measure.sh`], {
      encoding: 'utf8',
      timeout: 100_000,
    });
    expect(status, stderr).toBe(0);
    const now = observations(stdout);
    const silence = 'zero-mac: longest silence of ping -i 0.2';
    const seconds = Number.parseFloat(now.get(silence) ?? '');
    expect(seconds).toBeGreaterThan(7.9);
    expect(seconds).toBeLessThan(9.5);
    expect([...now].filter(([label]) => label !== silence)).toEqual(
      [...MEASURED].filter(([label]) => label !== silence),
    );
  },
);
