// What a run does at its edges: expectations of one instant, programs that die with their host, labs
// that stop, captures of what is dropped, selectors that name the ports there are.

import { expect, test } from 'vitest';
import { createLab } from '../../src/lab/lab.ts';
import { parseTopology } from '../../src/topology/parse.ts';
import { readPcapng } from '../support/pcapng.ts';
import { runInMemory, shippedScenarios, topologyOf } from '../support/scenarios.ts';

const lab = (steps: readonly string[], rest = ''): string => `name: edges
segments: { lan: { subnet: 10.0.0.0/24 } }
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1 } } }
  b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2 } } }
${rest}
scenario:
  duration: 20s
  steps:
${steps.map((step) => `    - ${step}`).join('\n')}
`;

test('steps and expectations of one instant come in the order of the file', async () => {
  const text = lab([
    '{ at: 1s, expect: { address: 10.0.0.9, heldBy: [] } }',
    '{ at: 1s, addAddress: 10.0.0.9/24, to: a/eth0 }',
    '{ at: 1s, expect: { address: 10.0.0.9, heldBy: [a] } }',
    '{ at: 1s, removeAddress: 10.0.0.9, from: a/eth0 }',
    '{ at: 1s, expect: { address: 10.0.0.9, heldBy: [a] } }',
    '{ at: 20s, expect: { address: 10.0.0.9, heldBy: [] } }',
  ]);
  const { report } = await runInMemory(topologyOf(text, 'edges.yaml'));
  expect(report.expectations.map(({ verdict }) => verdict)).toEqual([
    'held',
    'held',
    'failed',
    'held',
  ]);
  expect(report.expectations[2]?.saw).toEqual(['10.0.0.9: held by is nobody']);
  expect(report.outcome).toBe('failed');
});

test('a ping dies with its host, and says nothing more', async () => {
  const text = lab([
    '{ at: 1s, ping: 10.0.0.2, from: a, count: 10, interval: 1s }',
    '{ at: 3500ms, fail: a }',
    '{ at: 5s, restore: a }',
  ]);
  const { report } = await runInMemory(topologyOf(text, 'edges.yaml'));
  expect(report.timeline.filter(({ kind }) => kind === 'ping-done')).toEqual([]);
});

test('a storm stops the lab by name: the capture is whole, what was not reached is said', async () => {
  const text = `name: storm
segments: { left: { subnet: 10.0.0.0/24 }, right: { subnet: 10.0.0.0/24 } }
links:
  - { name: one, segments: [left, right], latency: 5us }
  - { name: two, segments: [left, right], latency: 5us }
hosts:
  a: { interfaces: { eth0: { segment: left, address: 10.0.0.1 } } }
  b: { interfaces: { eth0: { segment: right, address: 10.0.0.2 } } }
capture: [a/eth0, drops]
scenario:
  duration: 10s
  flows: { f: { from: a, to: b, icmp: echo, start: 1s } }
  steps:
    - { at: 500ms, expect: { address: 10.0.0.1, heldBy: [a] } }
    - { at: 5s, expect: { flow: f, lost: 0 } }
`;
  const { report, capture } = await runInMemory(topologyOf(text, 'storm.yaml'));
  expect(report.outcome).toBe('stopped');
  expect(report.problems).toMatchObject([{ code: 'EGL_BROADCAST_STORM', fault: 'input' }]);
  expect(report.problems[0]?.message).toMatch(/came back to (left|right)\/\S+ at 1\.\d+ s/);
  expect(report.expectations.map(({ verdict }) => verdict)).toEqual(['held', 'not-reached']);
  expect(report.captures[0]?.frames).toBe(readPcapng(capture).packets.length);
});

test('what is dropped is captured with its reason and place', async () => {
  const text = lab(
    [
      '{ at: 1s, link: b/eth0, state: down, direction: in }',
      '{ at: 2s, ping: 10.0.0.2, from: a, count: 1 }',
    ],
    'capture: [drops]',
  );
  const { report, capture } = await runInMemory(topologyOf(text, 'edges.yaml'));
  const { packets } = readPcapng(capture);
  expect(packets.length).toBeGreaterThan(0);
  expect(new Set(packets.map(({ interface: name }) => name))).toEqual(new Set(['drops']));
  const comments = packets.map((packet) => packet.comments.join());
  for (const comment of comments)
    expect(comment).toMatch(/dropped: (link-down|neighbor-failed) at /);
  const lost = comments.filter((comment) => comment.includes('link-down'));
  expect(report.drops).toContainEqual(
    expect.objectContaining({ device: 'b', reason: 'link-down', count: lost.length }),
  );
});

test('every port of a lab but lo can be named in its topology', () => {
  for (const { text, load } of shippedScenarios()) {
    const ports = createLab(load())
      .ports()
      .map(({ name }) => name);
    const selectors = ports
      .filter((name) => !name.endsWith('/lo'))
      .map((name) => JSON.stringify(name));
    const document = text.replace(/^capture:.*(\n(?:[ #-].*)?)*?(?=\n\S|$)/m, '');
    if (/^capture:/m.test(document)) continue;
    const { diagnostics } = parseTopology(`${document}\ncapture: [${selectors.join(', ')}]\n`, {
      file: 'named.yaml',
    });
    expect(diagnostics.map(({ message }) => message)).toEqual([]);
  }
});
