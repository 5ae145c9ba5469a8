// YAML that is broken, hostile, or merely unusual.

import { describe, expect, test } from 'vitest';
import { formatDiagnostics } from '../../src/schema/diagnostic.ts';
import { readSource, SOURCE_LIMIT_BYTES } from '../../src/schema/source.ts';
import { parseTopology } from '../../src/topology/parse.ts';
import { problems, sound } from '../topology/support.ts';

const SYNTAX: readonly (readonly [string, string, string])[] = [
  [
    'a bracket that is never closed',
    'name: x\nsegments: { lan: {}\nhosts: {}\n',
    '3:1 YAML: flow map in block collection must be sufficiently indented and end with a } → entries of one level start in the same column; close every [ and {',
  ],
  [
    'a quote that is never closed',
    'name: "x\n',
    '2:1 YAML: missing closing "quote → close the quote or bracket, or add what is missing',
  ],
  [
    'a tab as indentation',
    'name: x\nsegments:\n\tlan: {}\n',
    '3:1 YAML: tabs are not allowed as indentation → indent with spaces',
  ],
  [
    'entries that do not line up',
    'name: x\nsegments:\n    lan: {}\n  core: {}\n',
    '4:1 YAML: all mapping items must start at the same column → entries of one level start in the same column; close every [ and {',
  ],
  [
    'a value with a colon',
    'name: x\ndescription: one: two\nsegments: {}\n',
    '2:14 YAML: nested mappings are not allowed in compact mappings → start the inner entries on lines of their own, or quote a value with ": "',
  ],
  [
    'a value that begins with a reserved character',
    'name: @x\n',
    '1:7 YAML: plain value cannot start with reserved character @ → put the value in quotes',
  ],
  [
    'two documents',
    'name: x\nsegments: {}\n---\nname: y\n',
    '3:1 YAML: source contains multiple documents; please use YAML.parseAllDocuments() → one file is one lab: move what follows "---" to a file of its own',
  ],
  ['a tag', 'name: x\nsegments: !lab {}\n', '2:11 YAML: unresolved tag: !lab'],
  [
    'a standard tag that a topology does not know',
    'name: !!binary eA==\nsegments: {}\n',
    '1:16 the YAML tag tag:yaml.org,2002:binary is not allowed here → leave the tag out',
  ],
  [
    'an alias without an anchor',
    'name: x\nsegments: *lan\n',
    '2:11 there is no anchor &lan before this alias → an alias needs an anchor of the same name (&name) before it',
  ],
  ['an alias of itself', 'name: x\nsegments: &s { lan: *s }\n', '2:21 this alias contains itself'],
  ['a key that is a list', 'name: x\nsegments: {}\n? [a]\n: 1\n', '3:3 a key is a plain word'],
  [
    'a merge key for a word',
    'name: x\nsegments: { lan: { <<: 5 } }\n',
    '2:24 only mappings can be merged → give "<<" the alias of a mapping (<<: *name), or a list of such aliases',
  ],
  [
    'a key given twice',
    'name: x\nsegments: {}\nname: y\n',
    '3:1 "name" is given twice → the first is in line 1: rename or remove one',
  ],
  [
    'a name that every object of JavaScript has in a special way',
    'name: x\nsegments: { __proto__: {} }\n',
    '2:13 "__proto__" cannot be a name → choose another name',
  ],
  [
    'an empty name',
    'name: x\nsegments: { "": {} }\n',
    '2:13 "" cannot be a name → choose another name',
  ],
];

describe('a file that is not the YAML it should be', () => {
  test.each(SYNTAX)('%s', (_title, text, expected) => {
    expect(problems(text)).toContain(expected);
  });

  test.each([
    ['nothing', ''],
    ['only comments', '# nothing here\n'],
    ['only null', 'null\n'],
    ['only blanks', '   \n\n'],
  ])('%s is an empty topology', (_title, text) => {
    expect(problems(text)).toEqual([
      '1:1 the topology is empty → a topology begins with "name: ..." and "segments: ..."',
    ]);
  });

  test('two syntax errors are both told', () => {
    expect(problems('name: @x\ndescription: @y\n')).toHaveLength(2);
  });
});

describe('unusual YAML', () => {
  test('an alias stands for what its anchor has', () => {
    const { segments } = sound(
      'name: x\nsegments: { lan: &net { subnet: 10.0.0.0/24, latency: 1ms }, core: *net }\n',
    );
    expect(segments.map(({ link }) => link.latency)).toEqual([1_000_000, 1_000_000]);
  });

  test('a problem in what an alias stands for is told once for each use', () => {
    const text = 'name: x\nsegments: { lan: &net { latency: 1 }, core: *net }\n';
    expect(problems(text)).toEqual([
      '2:34 expected a duration with its unit, such as 250ms or 5s, found 1',
    ]);
  });

  test('names that every object of JavaScript has are names like any other', () => {
    const text = `name: constructor
segments: { toString: { subnet: 10.0.0.0/24 } }
hosts:
  constructor: { interfaces: { valueOf: { segment: toString, address: 10.0.0.1 } } }
  hasOwnProperty: { interfaces: { eth0: { segment: toString, address: 10.0.0.2 } } }
scenario:
  duration: 1s
  flows: { toString: { from: constructor, to: hasOwnProperty, icmp: echo } }
`;
    expect(sound(text).hosts.map(({ name }) => name)).toEqual(['constructor', 'hasOwnProperty']);
  });

  test('such names do not exist by themselves', () => {
    const text = `name: x
segments: { lan: {} }
hosts: { a: { interfaces: { eth0: { segment: toString } } } }
scenario: { duration: 1s, steps: [{ at: 0s, fail: constructor }] }
`;
    expect(problems(text).map((problem) => problem.replace(/ → .*/, ''))).toEqual([
      '3:46 there is no segment "toString"',
      '4:51 there is no host or node "constructor"',
    ]);
  });

  test('numbers are names too', () => {
    expect(sound('name: x\nsegments: { 100: {} }\n').segments[0]?.name).toBe('100');
  });

  test('windows line ends and a byte order mark are no obstacle', () => {
    expect(sound('\uFEFFname: x\r\nsegments:\r\n  lan: {}\r\n').segments).toHaveLength(1);
    expect(problems('name: x\r\nsegments:\r\n  lan: { mtu: 1 }\r\n')).toEqual([
      '3:15 expected an MTU, 68 to 65535, found 1',
    ]);
  });

  test('a file of YAML 1.1 has its dates and truths as that version reads them', () => {
    const text =
      '%YAML 1.1\n---\nname: x\nepoch: 2020-05-09T08:00:00Z\nsegments: { lan: { padded: yes } }\n';
    expect(sound(text)).toMatchObject({
      epoch: { seconds: 1_589_011_200, nanos: 0 },
      segments: [{ link: { padded: true } }],
    });
  });
});

describe('hostile YAML', () => {
  test('a text above the limit is refused before it is parsed', () => {
    const { diagnostics } = parseTopology(' '.repeat(SOURCE_LIMIT_BYTES + 1), { file: 'big.yaml' });
    expect(diagnostics).toMatchObject([
      { message: 'the file is too large: 1.0 MiB', remedy: 'a topology has at most 1 MiB' },
    ]);
  });

  test('an alias bomb is stopped where it exceeds what a lab can need', () => {
    const levels = 'bcdefghi'.split('').map((name, i) => {
      const below = 'abcdefgh'[i];
      return `${name}: &${name} [${Array(10).fill(`*${below}`).join(', ')}]`;
    });
    const text = `a: &a [${Array(10).fill('x').join(', ')}]\n${levels.join('\n')}\n`;
    expect(text.length).toBeLessThan(1000);
    const { topology, diagnostics } = parseTopology(text, { file: 'bomb.yaml' });
    expect(topology).toBeNull();
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'the file expands to more than 250000 values',
    ]);
  });

  test.each([
    ['lists', '['.repeat(20_000)],
    ['maps', '{a: '.repeat(10_000)],
    ['block lists', '- '.repeat(10_000)],
    ['indentation', Array.from({ length: 1_400 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['closed lists', '['.repeat(500) + ']'.repeat(500)],
    ['closed maps', 'a: '.concat('{a: '.repeat(100), '}'.repeat(100))],
  ])('%s nested too deeply are refused', (_title, text) => {
    const { topology, diagnostics } = parseTopology(text, { file: 'deep.yaml' });
    expect(topology).toBeNull();
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(formatDiagnostics(diagnostics).length).toBeLessThan(400_000);
  });

  test('a line of several screens is shown as far as fits on a screen', () => {
    const text = `name: x\nsegments: {${Array.from({ length: 10_000 }, (_, i) => ` s${i}: {}`).join(',')}, bad: 1 }\n`;
    const { diagnostics } = parseTopology(text, { file: 'long.yaml' });
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]?.source?.text.length).toBeLessThanOrEqual(120);
    expect(formatDiagnostics(diagnostics)).toMatch(/bad: 1 }\n +\| +\^\n/);
  });
});

describe('the map of a source', () => {
  const { map } = readSource('name: x\nsegments:\n  lan: { mtu: 9000 }\n', 'lab.yaml');

  test('finds values and their keys', () => {
    const path = ['segments', 'lan', 'mtu'];
    expect(map.position(path, 'value')).toEqual({
      file: 'lab.yaml',
      line: 3,
      column: 15,
      path: 'segments.lan.mtu',
    });
    expect(map.position(path, 'key')).toMatchObject({ line: 3, column: 10 });
  });

  test('points at the key of what something is missing from', () => {
    expect(map.position(['segments', 'lan', 'subnet'], 'value')).toMatchObject({
      line: 3,
      column: 3,
      path: 'segments.lan.subnet',
    });
    expect(map.position(['hosts'], 'value')).toMatchObject({ line: 1, column: 1 });
  });
});
