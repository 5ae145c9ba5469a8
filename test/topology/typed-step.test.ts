// A typed step and a written one are the same step.

import { describe, expect, test } from 'vitest';
import { seconds } from '../../src/sim/time.ts';
import { stepOptions, typedValue } from '../../src/topology/step-options.ts';
import { TypedSteps } from '../../src/topology/typed-step.ts';
import { topologyOf } from '../support/scenarios.ts';

const LAB = `name: typed
segments: { lan: { subnet: 192.168.50.0/24 }, dmz: { subnet: 10.0.0.0/24 } }
links: [{ segments: [lan, dmz] }]
hosts:
  db: { interfaces: { eth0: { segment: lan, address: 192.168.50.10 } } }
  web: { interfaces: { eth0: { segment: lan, address: 192.168.50.11 } } }
cluster:
  sdn: openshift-sdn
  segment: lan
  nodes:
    master01: { role: master, address: 192.168.50.141, subnet: 10.10.0.0/23 }
    worker01: { address: 192.168.50.144, subnet: 10.11.0.0/23 }
  namespaces: { mywebserver: { netid: 5281170 } }
  pods: { app: { namespace: mywebserver, node: worker01 } }
scenario:
  duration: 10s
  flows: { talk: { from: web, to: db, icmp: echo, every: 100ms } }
  steps:
`;

/** As YAML in a file, as an object from a command line. */
const STEPS: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['fail: db', { fail: 'db' }],
  ['fail: worker01, how: agent-stopped', { fail: 'worker01', how: 'agent-stopped' }],
  ['restore: worker01', { restore: 'worker01' }],
  ['link: db/eth0, state: down', { link: 'db/eth0', state: 'down' }],
  ['link: lan-dmz, state: up, direction: in', { link: 'lan-dmz', state: 'up', direction: 'in' }],
  [
    'impair: worker01, loss: 10%, latency: 5ms',
    { impair: 'worker01', loss: '10%', latency: '5ms' },
  ],
  ['impair: lan, clear: true', { impair: 'lan', clear: true }],
  ['partition: [worker01, db], segment: lan', { partition: ['worker01', 'db'], segment: 'lan' }],
  ['heal: lan', { heal: 'lan' }],
  ['ping: db, from: app, count: 3', { ping: 'db', from: 'app', count: 3 }],
  ['arping: 192.168.50.120, from: db', { arping: '192.168.50.120', from: 'db' }],
  ['start: talk', { start: 'talk' }],
  ['stop: talk', { stop: 'talk' }],
  ['oc: get nodes', { oc: 'get nodes' }],
  ['addAddress: 192.168.50.120, to: db', { addAddress: '192.168.50.120', to: 'db' }],
];

test.each(STEPS)('%s', (written, typed) => {
  const { scenario } = topologyOf(`${LAB}    - { at: 5s, ${written} }\n`, 'lab.yaml');
  const [expected] = scenario.steps;
  const reader = new TypedSteps(topologyOf(LAB.replace('  steps:\n', ''), 'lab.yaml'));
  const { position: _position, ...step } = reader.read(typed, seconds(5));
  expect({ ...step, text: '' }).toEqual({ ...expected, position: undefined, text: '' });
});

describe('mistakes', () => {
  const reader = new TypedSteps(topologyOf(LAB.replace('  steps:\n', ''), 'lab.yaml'));
  test.each([
    [{ fail: 'wrker01' }, 'there is no host or node "wrker01"', 'Did you mean "worker01"?'],
    [
      { link: 'db/eth1', state: 'up' },
      'there is no interface "db/eth1"',
      'Did you mean "db/eth0"?',
    ],
    [
      { partition: ['db', 'web'] },
      'this needs a "segment", for the lab has several',
      'One of lan, dmz.',
    ],
    [{ fail: 'db', hw: 'unplugged' }, expect.stringContaining('"hw"'), 'Did you mean "how"?'],
    [{ start: 'tlak' }, 'there is no flow "tlak"', 'Did you mean "talk"?'],
  ])('%j', (given, message, hint) => {
    expect(() => reader.read(given, 0)).toThrow(
      expect.objectContaining({ code: 'EGL_COMMAND', message, hint }),
    );
  });

  test.each([[{}], [null], ['fail'], [[1]], [{ fail: 7 }], [{ ping: {} }]])(
    '%j never gets further than a complaint',
    (given) => {
      expect(() => reader.read(given, 0)).toThrow(expect.objectContaining({ code: 'EGL_COMMAND' }));
    },
  );
});

test('each typed ping has a name of its own', () => {
  const reader = new TypedSteps(topologyOf(LAB.replace('  steps:\n', ''), 'lab.yaml'));
  const names = [1, 2].map(() => reader.read({ ping: 'db', from: 'web' }, 0));
  expect(names).toMatchObject([{ name: 'ping-1' }, { name: 'ping-2' }]);
  expect(() => reader.read({ ping: 'db', from: 'web', name: 'ping-1' }, 0)).toThrow(
    'there is already a ping "ping-1"',
  );
});

test('words are what YAML would make of them', () => {
  expect(typedValue('10%')).toBe('10%');
  expect(typedValue('3')).toBe(3);
  expect(typedValue('[a, b]')).toEqual(['a', 'b']);
  expect(typedValue('52:54:00:12:34:56')).toBe('52:54:00:12:34:56');
  expect(typedValue('[')).toBe('[');
  expect(typedValue('')).toBe('');
});

test('command lines offer what the schema takes', () => {
  expect(stepOptions('fail')).toEqual([
    {
      key: 'how',
      describe: expect.stringContaining('power-off (the default)'),
      choices: ['power-off', 'unplugged', 'agent-stopped'],
      isFlag: false,
    },
  ]);
  expect(stepOptions('ping').map(({ key }) => key)).toEqual(
    expect.arrayContaining(['from', 'count', 'interval', 'size']),
  );
  expect(stepOptions('nonsense')).toEqual([]);
});
