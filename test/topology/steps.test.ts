// What each kind of step becomes, with every default filled in.

import { describe, expect, test } from 'vitest';
import { millis, seconds } from '../../src/sim/time.ts';
import { parseCidr, parseIpv4 } from '../../src/wire/ipv4-address.ts';
import { labWith, sound, step } from './support.ts';

const DB = { machine: 'db', interface: 'eth0' };
const ip = (text: string): unknown => parseIpv4(text);
const cidr = (text: string): unknown => parseCidr(text);

/** Title, YAML, what it becomes. */
const STEPS: readonly (readonly [string, string, object])[] = [
  ['a power failure', '{ at: 1s, fail: db }', { kind: 'fail', machine: 'db', how: 'power-off' }],
  [
    'cables that come out',
    '{ at: 1s, fail: worker01, how: unplugged }',
    { kind: 'fail', machine: 'worker01', how: 'unplugged' },
  ],
  [
    'an agent that dies alone',
    '{ at: 1s, fail: worker01, how: agent-stopped }',
    { kind: 'fail', machine: 'worker01', how: 'agent-stopped' },
  ],
  ['a recovery', '{ at: 1s, restore: db }', { kind: 'restore', machine: 'db' }],
  [
    'an address that appears in silence',
    '{ at: 1s, addAddress: 192.168.50.120/32, to: db/eth0 }',
    { kind: 'add-address', on: DB, address: cidr('192.168.50.120/32'), announce: 'none' },
  ],
  [
    'an address without a prefix length has its segment’s',
    '{ at: 1s, addAddress: 192.168.50.120, to: db, announce: true }',
    { kind: 'add-address', on: DB, address: cidr('192.168.50.120/24'), announce: 'request' },
  ],
  [
    'an address announced by replies',
    '{ at: 1s, addAddress: 10.10.10.81/24, to: db, announce: reply }',
    { kind: 'add-address', on: DB, address: cidr('10.10.10.81/24'), announce: 'reply' },
  ],
  [
    'an address that goes',
    '{ at: 1s, removeAddress: 192.168.50.120, from: db }',
    { kind: 'remove-address', on: DB, address: ip('192.168.50.120') },
  ],
  [
    'a cable that comes out',
    '{ at: 1s, link: db/eth0, state: down }',
    { kind: 'link', target: { kind: 'interface', ...DB }, up: false, direction: 'both' },
  ],
  [
    'a link between segments that comes back one way',
    '{ at: 1s, link: uplink, state: up, direction: in }',
    { kind: 'link', target: { kind: 'link', link: 'uplink' }, up: true, direction: 'in' },
  ],
  [
    'an impaired cable',
    '{ at: 1s, impair: worker01/enp1s0, loss: 10%, latency: 5ms, direction: out }',
    {
      kind: 'impair',
      target: { kind: 'interface', machine: 'worker01', interface: 'enp1s0' },
      direction: 'out',
      clear: false,
      change: { loss: 0.1, latency: millis(5) },
    },
  ],
  [
    'a whole impaired segment',
    '{ at: 1s, impair: lan, jitter: 1ms, duplication: 0.5, reordering: 1%, corruption: 1, bandwidth: 1Mbit, queue: 64KiB, padded: true }',
    {
      kind: 'impair',
      target: { kind: 'segment', segment: 'lan' },
      direction: 'both',
      clear: false,
      change: {
        jitter: millis(1),
        duplicate: 0.5,
        reorder: 0.01,
        corrupt: 1,
        bandwidth: 1e6,
        queueLimitBytes: 65_536,
        padded: true,
      },
    },
  ],
  [
    'a link as it was',
    '{ at: 1s, impair: uplink, clear: true }',
    {
      kind: 'impair',
      target: { kind: 'link', link: 'uplink' },
      direction: 'both',
      clear: true,
      change: {},
    },
  ],
  [
    'machines cut off from the rest',
    '{ at: 1s, partition: [db, worker01], segment: lan }',
    {
      kind: 'partition',
      segment: 'lan',
      groups: [
        ['db', 'worker01'],
        ['router', 'master01'],
      ],
    },
  ],
  [
    'groups that do not hear each other, and a machine that hears all',
    '{ at: 1s, partition: [[db], [worker01, master01]], segment: lan }',
    { kind: 'partition', segment: 'lan', groups: [['db'], ['worker01', 'master01']] },
  ],
  [
    'one group in a list of groups',
    '{ at: 1s, partition: [[mute]], segment: core }',
    { kind: 'partition', segment: 'core', groups: [['mute'], ['router']] },
  ],
  ['a healed segment', '{ at: 1s, heal: lan }', { kind: 'heal', segment: 'lan' }],
  [
    'a question',
    '{ at: 1s, arping: 192.168.50.1, from: db }',
    {
      kind: 'arping',
      name: 'arping-1',
      on: DB,
      address: ip('192.168.50.1'),
      mode: 'ask',
      count: 1,
      interval: seconds(1),
    },
  ],
  [
    'a search for duplicates',
    '{ at: 1s, arping: 192.168.50.120, from: router/eth0, mode: -D, count: 3, interval: 200ms, name: dad }',
    {
      kind: 'arping',
      name: 'dad',
      on: { machine: 'router', interface: 'eth0' },
      address: ip('192.168.50.120'),
      mode: 'duplicate-detection',
      count: 3,
      interval: millis(200),
    },
  ],
  [
    'a ping of a machine',
    '{ at: 1s, ping: db, from: web, count: 3, interval: 100ms, size: 1000, timeout: 2s, name: p }',
    {
      kind: 'ping',
      name: 'p',
      from: 'web',
      source: null,
      to: ip('192.168.50.10'),
      toName: 'db',
      count: 3,
      interval: millis(100),
      size: 1000,
      timeout: seconds(2),
    },
  ],
  [
    'a ping of an address from an address',
    '{ at: 1s, ping: 203.0.113.9, from: db, source: 192.168.50.10 }',
    {
      kind: 'ping',
      name: 'ping-1',
      from: 'db',
      source: ip('192.168.50.10'),
      to: ip('203.0.113.9'),
      toName: null,
      count: 1,
      interval: seconds(1),
      size: 56,
      timeout: seconds(1),
    },
  ],
  ['traffic that starts', '{ at: 1s, start: calls }', { kind: 'start', flow: 'calls' }],
  ['traffic that ends', '{ at: 1s, stop: calls }', { kind: 'stop', flow: 'calls' }],
];

describe('a step becomes', () => {
  test.each(STEPS)('%s', (_title, text, expected) => {
    expect(step(text)).toEqual(expected);
  });

  test.each([
    ['-U', 'announce-request'],
    ['-A', 'announce-reply'],
    ['-D', 'duplicate-detection'],
  ])('arping %s means %s', (flag, mode) => {
    expect(step(`{ at: 1s, arping: 192.168.50.10, from: db, mode: ${flag} }`)).toMatchObject({
      mode,
    });
  });

  test('an oc command as it was typed and as it is understood', () => {
    expect(step('{ at: 1s, oc: "oc delete netnamespace shop" }')).toMatchObject({
      kind: 'oc',
      line: 'oc delete netnamespace shop',
      command: {
        verb: 'delete',
        targets: [{ kind: { name: 'NetNamespace' }, name: 'shop' }],
      },
    });
  });

  test('an object that need not exist may be named', () => {
    const text = '{ at: 1s, oc: "delete netnamespace gone --ignore-not-found" }';
    expect(step(text)).toMatchObject({ kind: 'oc' });
  });

  test('its place and its words', () => {
    const [first] = sound(labWith('    - at: 1s\n      fail: worker01\n      how: unplugged\n'))
      .scenario.steps;
    expect(first?.text).toBe('fail: worker01, how: unplugged');
    expect(first?.position).toEqual({
      file: 'lab.yaml',
      line: 29,
      column: 7,
      path: 'scenario.steps[0]',
    });
  });
});

describe('flows and the steps about them', () => {
  const flowStart = (steps: string): unknown => sound(labWith(steps)).scenario.flows[0]?.start;

  test('a flow starts by itself', () => {
    expect(flowStart('    - { at: 1s, fail: db }\n')).toBe(0);
  });

  test('a flow that a step starts does not start by itself', () => {
    expect(flowStart('    - { at: 1s, start: calls }\n    - { at: 2s, stop: calls }\n')).toBeNull();
  });

  test('a flow that is first stopped has started by itself', () => {
    expect(flowStart('    - { at: 1s, stop: calls }\n    - { at: 2s, start: calls }\n')).toBe(0);
  });
});

describe('several probes without names', () => {
  test('are told apart by their number', () => {
    const text = labWith(`    - { at: 1s, arping: 192.168.50.1, from: db }
    - { at: 1s, ping: db, from: web }
    - { at: 1s, arping: 192.168.50.1, from: db, mode: -D }
    - { at: 9s, expect: [{ arping: arping-2, verdict: free }, { ping: ping-1, lost: 0 }] }
`);
    const names = sound(text).scenario.steps.map((each) =>
      'name' in each ? each.name : each.kind,
    );
    expect(names).toEqual(['arping-1', 'ping-1', 'arping-2', 'expect']);
  });
});
