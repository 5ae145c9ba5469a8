// Properties of the user's own, made of expectations; and what is said of a property that is none.

import { describe, expect, test } from 'vitest';
import { Stretches } from '../../../src/scenario/properties/stretches.ts';
import { runScenario } from '../../../src/scenario/run.ts';
import { parseTopology } from '../../../src/topology/parse.ts';
import { parseProperty, propertyText } from '../../../src/topology/properties/property.ts';

function pair(property: string): string {
  return `name: pair
segments: { lan: { subnet: 10.0.0.0/24 } }
hosts:
  a: { interfaces: { eth0: { segment: lan, address: 10.0.0.1 } } }
  b: { interfaces: { eth0: { segment: lan, address: 10.0.0.2 } } }
scenario:
  duration: 60s
  steps:
    - { at: 10s, addAddress: 10.0.0.9, to: a }
    - { at: 20s, removeAddress: 10.0.0.9, from: a }
    - { at: 60s, expect: { property: ${property} } }
`;
}

async function verdict(property: string): Promise<string> {
  const { diagnostics, topology } = parseTopology(pair(property), { file: 'pair.yaml' });
  expect(diagnostics).toEqual([]);
  if (topology === null) throw new Error('it is sound');
  const [only] = (await runScenario(topology)).expectations;
  return `${only?.verdict}: ${only?.saw.join('; ')}`;
}

function complaints(property: string): string[] {
  const { diagnostics } = parseTopology(pair(property), { file: 'pair.yaml' });
  return diagnostics.map(({ message }) => message);
}

const HELD = '{ address: 10.0.0.9, heldBy: a }';

describe('a property of the user', () => {
  test('never: the expectation must not hold for so long', async () => {
    expect(await verdict(`{ name: mine, never: ${HELD}, within: 9s }`)).toBe(
      'failed: address: 10.0.0.9, heldBy: a holds, from 10.000 s',
    );
    expect(await verdict(`{ name: mine, never: ${HELD}, within: 11s }`)).toBe('held: ');
  });

  test('always: the expectation must not fail for so long', async () => {
    const free = '{ address: 10.0.0.9, heldBy: nobody }';
    expect(await verdict(`{ name: mine, always: ${free} }`)).toMatch(/^failed: /);
    expect(await verdict(`{ name: mine, always: ${free}, within: 15s }`)).toBe('held: ');
  });

  test('eventually: the expectation holds at the end', async () => {
    expect(await verdict(`{ name: mine, eventually: ${HELD} }`)).toMatch(/^failed: .*held by/);
    const free = '{ address: 10.0.0.9, heldBy: nobody }';
    expect(await verdict(`{ name: mine, eventually: ${free} }`)).toBe('held: ');
  });

  test('a wrong one is told with its place', () => {
    expect(complaints('never-two-anser')[0]).toMatch(/expected a property such as/);
    expect(complaints('{ name: mine }')).toEqual(['this needs one of always, never, eventually']);
    expect(complaints(`{ name: mine, always: { address: 10.0.0.9, heldBy: c } }`)).toEqual([
      'there is no host, node or pod "c"',
    ]);
  });
});

test('the text of a property is what was read', () => {
  for (const text of ['outage<10s', 'never-two-answer', 'no-node-ip<3s']) {
    const property = parseProperty(text);
    expect(property === null ? null : propertyText(property)).toBe(text);
  }
  expect(parseProperty('outage<soon')).toBeNull();
});

test('a stretch that ends in time is no breach, one that does not is one, once', () => {
  const stretches = new Stretches(10);
  const subject = { kind: 'lab', name: 'x' } as const;
  stretches.look(0, (found) => found(subject, 'bad'));
  stretches.look(9, () => {});
  expect(stretches.breaches).toEqual([]);
  stretches.look(20, (found) => found(subject, 'bad'));
  stretches.look(30, (found) => found(subject, 'bad'));
  stretches.look(50, (found) => found(subject, 'bad'));
  expect(stretches.breaches).toEqual([{ subject, since: 20, at: 30, saw: 'bad' }]);
});
