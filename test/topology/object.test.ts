// A topology built in code is read like one written in YAML, and told of by paths.

import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseTopology, topologyFromObject } from '../../src/topology/parse.ts';
import { labWith } from './support.ts';

const MINIMAL = { name: 'x', segments: { lan: { subnet: '10.0.0.0/24' } } };

/** Without what differs by nature: places, words of the source, its digest and name. */
function comparable(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner: unknown) =>
      ['position', 'digest', 'file'].includes(key) ? undefined : inner,
    ),
  );
}

describe('a topology built in code', () => {
  test('means what the same YAML means', () => {
    const text = labWith(
      '    - { at: 1s, fail: worker01 }\n    - { at: 2s, expect: { flow: calls, lost: "< 3" } }\n',
    );
    const fromText = parseTopology(text, { file: 'lab.yaml' });
    const fromObject = topologyFromObject(parse(text));
    expect(fromObject.diagnostics).toEqual([]);
    expect(comparable(fromObject.topology)).toEqual(comparable(fromText.topology));
  });

  test('has paths for places', () => {
    const { topology } = topologyFromObject(MINIMAL, 'my lab');
    expect(topology?.segments[0]?.position).toEqual({
      file: 'my lab',
      line: 0,
      column: 0,
      path: 'segments.lan',
    });
    expect(topology?.file).toBe('my lab');
  });

  test('is not changed, not even when it is wrong', () => {
    const value = { ...MINIMAL, wrong: 1, scenario: { duration: '1s', steps: [{ at: '1s' }] } };
    const before = structuredClone(value);
    expect(topologyFromObject(value).topology).toBeNull();
    expect(value).toEqual(before);
  });

  test('may be frozen, and may leave out by undefined', () => {
    const value = Object.freeze({ ...MINIMAL, hosts: undefined, seed: undefined });
    expect(topologyFromObject(value).diagnostics).toEqual([]);
  });

  test('has a digest that tells it from another', () => {
    const digest = (value: unknown): string | undefined =>
      topologyFromObject(value).topology?.digest;
    expect(digest(MINIMAL)).toMatch(/^[0-9a-f]{8}$/);
    expect(digest(MINIMAL)).toBe(digest(structuredClone(MINIMAL)));
    expect(digest(MINIMAL)).not.toBe(digest({ ...MINIMAL, seed: 2 }));
  });
});

describe('what only a program can contain is told', () => {
  const told = (value: unknown): string[] =>
    topologyFromObject(value).diagnostics.map(
      ({ position, message }) => `${position.path}: ${message}`,
    );

  test('functions', () => {
    expect(told({ ...MINIMAL, hosts: { db: () => 1 } })).toContain(
      'hosts.db: a function is not allowed here',
    );
  });

  test('symbols and big integers', () => {
    expect(told({ ...MINIMAL, seed: 1n })).toContain('seed: a bigint is not allowed here');
    expect(told({ ...MINIMAL, seed: Symbol('s') })).toContain('seed: a symbol is not allowed here');
  });

  test('cycles', () => {
    const hosts: Record<string, unknown> = {};
    hosts.self = hosts;
    const [first] = told({ ...MINIMAL, hosts });
    expect(first).toMatch(/: this is nested too deeply or contains itself$/);
  });

  test.each([
    ['undefined', undefined],
    ['null', null],
  ])('%s is an empty topology', (_title, value) => {
    expect(told(value)).toEqual([': the topology is empty']);
  });

  test.each([
    ['a text', 'lab'],
    ['a number', 7],
    ['a list', []],
    ['a date', new Date(0)],
    ['a map of JavaScript', new Map([['name', 'x']])],
  ])('%s is no topology', (_title, value) => {
    expect(told(value).length).toBeGreaterThan(0);
  });

  test('numbers that YAML does not have', () => {
    expect(told({ ...MINIMAL, seed: Number.NaN })).toEqual([
      'seed: expected a whole number, 0 to 4294967295, found NaN',
    ]);
    expect(told({ ...MINIMAL, seed: Number.POSITIVE_INFINITY })).toHaveLength(1);
  });

  test('a prototype that was smuggled in', () => {
    const value: unknown = JSON.parse('{"name":"x","segments":{},"__proto__":{"hosts":{}}}');
    expect(told(value)).toEqual([': "__proto__" cannot be a name']);
  });
});
