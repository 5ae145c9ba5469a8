import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { humanDuration } from '../../src/kube/duration.ts';
import type { JsonValue } from '../../src/kube/json.ts';
import { parseJson } from '../../src/kube/json-syntax.ts';
import { listCell } from '../../src/kube/kinds/columns.ts';
import { Namespaces } from '../../src/kube/kinds/namespace.ts';
import { spelledOut } from '../../src/kube/oc/describe.ts';
import { renderJsonPath } from '../../src/kube/oc/json-path.ts';
import { yamlText } from '../../src/kube/oc/yaml-text.ts';
import { PodLog } from '../../src/kube/server/pod-logs.ts';
import { matchesLabels, parseLabelSelector } from '../../src/kube/server/selector.ts';
import { TableLayout } from '../../src/kube/server/table.ts';
import { parseTimestamp, WallClock } from '../../src/kube/wall-clock.ts';
import { Scheduler } from '../../src/sim/scheduler.ts';
import { seconds } from '../../src/sim/time.ts';
import { kinds } from '../support/kinds.ts';
import { apiBench } from './bench.ts';

describe('calendar time', () => {
  test('a timestamp is read as the platform writes it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_799 }), (second) => {
        expect(parseTimestamp(new Date(second * 1e3).toISOString())).toBe(second);
      }),
    );
  });

  test('a wall clock counts from its epoch', () => {
    const scheduler = new Scheduler();
    const clock = new WallClock(scheduler, 1_589_011_200e6);
    scheduler.advanceTo(seconds(543.9566));
    expect(clock.timestamp()).toBe('2020-05-09T08:09:03Z');
    expect(clock.micros()).toBe(1_589_011_743_956_600);
  });
});

test.each([
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [125, '2m5s'],
  [600, '10m'],
  [10_800, '3h'],
  [11_100, '3h5m'],
  [82_800, '23h'],
  [172_799, '47h'],
  [172_800, '2d'],
  [180_000, '2d2h'],
  [864_000, '10d'],
  [63_072_000, '2y'],
  [-1, '0s'],
  [-5, '<invalid>'],
])('an age of %i s is written %s', (age, text) => {
  expect(humanDuration(age)).toBe(text);
});

describe('YAML', () => {
  test.each<[JsonValue, string]>([
    ['192.168.50.120', '192.168.50.120\n'],
    ['10.11.0.0/23', '10.11.0.0/23\n'],
    ['2020-05-09T08:00:00Z', '"2020-05-09T08:00:00Z"\n'],
    ['true', '"true"\n'],
    ['12', '"12"\n'],
    ['1e3', '"1e3"\n'],
    ['0x1f', '"0x1f"\n'],
    ['', '""\n'],
    ['a: b', "'a: b'\n"],
    ['*x', "'*x'\n"],
    [{}, '{}\n'],
    [[], '[]\n'],
    [{ b: [1, { x: 'y', a: null }], a: { c: [] } }, 'a:\n  c: []\nb:\n- 1\n- a: null\n  x: "y"\n'],
    [{ t: 'one\ntwo\n' }, 't: |\n  one\n  two\n'],
  ])('%j', (value, text) => {
    expect(yamlText(value)).toBe(text);
  });

  test('is read back as what was written', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'yes',
        '~',
        '- a',
        ': b',
        'a #b',
        'x:',
        ' lead',
        'tab\t',
        '\n',
        'a\n\nb',
        '!t',
        '%d',
        '@at',
        '`q',
        '? k',
        '-',
        '1_000',
        '0o17',
        '12:30',
      ),
    );
    const value = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(
          fc.string({ minLength: 1, maxLength: 5 }).filter((key) => key !== '__proto__'),
          tie('value'),
          { maxKeys: 3 },
        ),
      ),
    })).value;
    fc.assert(
      fc.property(value, (given) => {
        const document: JsonValue = JSON.parse(JSON.stringify(given));
        expect(parse(yamlText(document), { version: '1.1' })).toEqual(document);
      }),
      { numRuns: 500 },
    );
  });
});

describe('JSONPath', () => {
  const document: JsonValue = {
    kind: 'List',
    items: [
      {
        metadata: { name: 'a', labels: { 'x.y/z': '1' } },
        ips: ['1', '2'],
        n: 1,
        conditions: [{ type: 'Ready', status: 'True' }],
      },
      { metadata: { name: 'b' }, n: 2, conditions: [{ type: 'Ready', status: 'False' }] },
    ],
  };
  test.each([
    ['{.kind}', 'List'],
    ['.kind', 'List'],
    ['{$.items[0].metadata.name}', 'a'],
    ['{.items[*].metadata.name}', 'a b'],
    ['{.items[-1:].metadata.name}', 'b'],
    ['{.items[0:1].ips[1]}', '2'],
    ['{..name}', 'a b'],
    ["{.items[0]['metadata'].name}", 'a'],
    ['{.items[0].metadata.labels.x\\.y/z}', '1'],
    ['{.items[?(@.n>1)].metadata.name}', 'b'],
    ['{.items[?(@.metadata.name=="a")].ips}', '["1","2"]'],
    ['{.items[*].conditions[?(@.type=="Ready")].status}', 'True False'],
    ['{.items[?(@.ips)].metadata.name}', 'a'],
    ['{range .items[*]}{.metadata.name}={.n}{"\\n"}{end}', 'a=1\nb=2\n'],
    ['names: {.items[*].metadata.name}.', 'names: a b.'],
    ['{.nope.deeper}', ''],
  ])('%s', (template, text) => {
    expect(renderJsonPath(template, document)).toEqual({ ok: true, text });
  });

  test.each(['{.a', '{.a[}', '{range .items[*]}x', '{end}', '{"open}', '{.a[?(@.b=c)]}', '{a b}'])(
    '%s is malformed',
    (template) => {
      expect(renderJsonPath(template, document).ok).toBe(false);
    },
  );

  test('no template can make it throw', () => {
    fc.assert(
      fc.property(fc.string(), (template) => {
        renderJsonPath(template, document);
        renderJsonPath(`{${template}}`, document);
      }),
      { numRuns: 500 },
    );
  });
});

describe('JSON mistakes', () => {
  test.each([
    ['{', 'unexpected end of JSON input', 1],
    ['{a: 1}', "invalid character 'a' looking for beginning of object key string", 1],
    ["{'a': 1}", "invalid character '\\'' looking for beginning of object key string", 1],
    ['{"a" 1}', "invalid character '1' after object key", 5],
    ['{"a": 1 "b"}', "invalid character '\"' after object key:value pair", 8],
    ['[1 2]', "invalid character '2' after array element", 3],
    ['{"a": tru}', "invalid character '}' in literal true (expecting 'e')", 9],
    ['{} x', "invalid character 'x' after top-level value", 3],
    ['"a\\x"', "invalid character 'x' in string escape code", 3],
    ['01', "invalid character '1' after top-level value", 1],
    ['', 'unexpected end of JSON input', 0],
    ['[1,]', "invalid character ']' looking for beginning of value", 3],
  ])('%j', (text, message, offset) => {
    expect(parseJson(text)).toEqual({ ok: false, message, offset });
  });

  test('are found exactly where JSON.parse finds one', () => {
    const text = fc.string({
      unit: fc.constantFrom(...'{}[]",:01.-e\\ntrue '.split('')),
      maxLength: 12,
    });
    fc.assert(
      fc.property(text, (given) => {
        let valid = true;
        try {
          JSON.parse(given);
        } catch {
          valid = false;
        }
        const parsed = parseJson(given);
        expect(parsed.ok).toBe(valid);
        if (!parsed.ok) expect(parsed.message).not.toBe('invalid JSON');
      }),
      { numRuns: 2000 },
    );
  });
});

test.each([
  ['egressIPs', 'Egress I Ps'],
  ['egressCIDRs', 'Egress CID Rs'],
  ['hostIP', 'Host IP'],
  ['apiVersion', 'API Version'],
  ['netid', 'Netid'],
  ['uid', 'UID'],
  ['node.kubernetes.io/x', 'node.kubernetes.io/x'],
])('describe spells %s as %s', (field, text) => {
  expect(spelledOut(field)).toBe(text);
});

describe('label selectors', () => {
  const node = apiBench();
  node.store.create(Namespaces, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'n', labels: { zone: 'east', spare: '' } },
  });
  const object = node.store.get(Namespaces, 'n');
  test.each([
    ['', true],
    ['zone', true],
    ['!zone', false],
    ['nope', false],
    ['zone=east', true],
    ['zone==east,spare=', true],
    ['zone!=east', false],
    ['nope!=x', true],
    ['zone in (west, east)', true],
    ['zone notin (west)', true],
    ['nope notin (a)', true],
    ['zone in (west),spare', false],
  ])('%j', (text, wanted) => {
    const parsed = parseLabelSelector(text);
    expect(parsed.ok && object !== null && matchesLabels(object, parsed.selector)).toBe(wanted);
  });
});

test('a resource answers to all its names', () => {
  for (const name of [
    'hostsubnets',
    'hostsubnet',
    'HostSubnet',
    'hostsubnets.network.openshift.io',
    'hostsubnets.v1.network.openshift.io',
  ]) {
    expect(kinds.find(name)?.name).toBe('HostSubnet');
  }
  expect(kinds.find('hostsubnets.apps')).toBeNull();
  expect(kinds.find('nodes.v1.')?.name).toBe('Node');
});

test('a list in a cell looks as the kube of the time prints it', () => {
  expect(listCell(['a', 'b'], 'go')).toBe('[a b]');
  expect(listCell(['a', 'b'], 'json')).toBe('["a","b"]');
  expect(listCell([], 'go')).toBe('[]');
  expect(listCell(undefined, 'go')).toBeNull();
});

test('a table pads to the widest cell, at least six, and not the last', () => {
  expect(
    new TableLayout().lines([
      ['A', 'B', 'C'],
      ['x', 'longer', 'z'],
      ['ü', '', ''],
    ]),
  ).toEqual(['A     B        C', 'x     longer   z', 'ü              ']);
});

test('a pod log keeps its last lines and counts the others', () => {
  const log = new PodLog(new Scheduler(), 3);
  for (let n = 0; n < 10; n++) log.append(String(n));
  expect(log.lines().length + log.forgotten).toBe(10);
  expect(log.lines({ tail: 2 }).map(({ text }) => text)).toEqual(['8', '9']);
  log.clear();
  expect(log.lines()).toEqual([]);
});
