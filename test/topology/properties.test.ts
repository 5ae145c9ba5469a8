// Whatever stands in a file: a topology or diagnostics, never an exception, and always the same.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { formatDiagnostics } from '../../src/schema/diagnostic.ts';
import { type ParseResult, parseTopology, topologyFromObject } from '../../src/topology/parse.ts';

const TOPOLOGIES = resolve(import.meta.dirname, '../../topologies');
const SHIPPED: readonly string[] = readdirSync(TOPOLOGIES)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => readFileSync(join(TOPOLOGIES, file), 'utf8'));

/** What must hold of every result. */
function check({ topology, diagnostics }: ParseResult, lines: number): void {
  expect(topology === null).toBe(diagnostics.some(({ severity }) => severity === 'error'));
  for (const { position, message, source } of diagnostics) {
    expect(position.line).toBeGreaterThanOrEqual(lines === 0 ? 0 : 1);
    expect(position.line).toBeLessThanOrEqual(lines);
    expect(message).not.toBe('');
    expect(message).not.toContain('Invalid input');
    if (source !== null) expect(source.start).toBeLessThanOrEqual(source.text.length);
  }
  formatDiagnostics(diagnostics);
}

function checkText(text: string): void {
  check(parseTopology(text, { file: 'x' }), text.split('\n').length);
}

/** Pieces of which topologies are made, and some of which they are not. */
const WORDS = fc.constantFrom(
  ...['name', 'segments', 'hosts', 'cluster', 'nodes', 'pods', 'scenario', 'steps', 'expect', 'at'],
  ...['lan', 'db', 'worker01', '10s', '1ms', '192.168.50.10/24', '10%', '"<25s"', 'true', 'null'],
  ...[': ', ', ', '- ', '\n', '\n  ', '\n    ', '{ ', ' }', '[', ']', '&a ', '*a', '!t ', '#', '|'],
  ...[
    "'",
    '"',
    '\t',
    '\u0000',
    '\uFEFF',
    '\uD800',
    '<<',
    '---\n',
    '? ',
    '__proto__',
    '%YAML 1.1\n',
  ],
);

/** Where something in a value is, as a list of steps that choose an entry each. */
const CHOICES = fc.array(fc.nat(), { minLength: 1, maxLength: 8 });

const REPLACEMENTS = fc.oneof(
  fc.constantFrom<unknown>(null, '', 0, -1, 1.5, true, [], {}, [[]], [{}], 'x', '1s', '10.0.0.0/8'),
  fc.jsonValue(),
);

/** Changes the entry that `choices` lead to; the way ends early where nothing is inside. */
function mutate(
  value: unknown,
  choices: readonly number[],
  how: number,
  replacement: unknown,
): void {
  let at = value;
  for (const [depth, choice] of choices.entries()) {
    if (typeof at !== 'object' || at === null) return;
    const record = at as Record<string, unknown>;
    const keys = Object.keys(record);
    const key = keys[choice % Math.max(1, keys.length)];
    if (key === undefined) return;
    const inner = record[key];
    const goOn = depth < choices.length - 1 && typeof inner === 'object' && inner !== null;
    if (goOn) {
      at = inner;
      continue;
    }
    if (how === 0) delete record[key];
    else if (how === 1) record[key] = replacement;
    else if (how === 2 && !Array.isArray(record)) {
      delete record[key];
      record[`${key}x`] = inner;
    } else if (how === 3 && Array.isArray(at)) at.push(structuredClone(inner), replacement);
    else record[key] = [inner];
    return;
  }
}

describe('nothing throws', () => {
  test('on any text', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200, unit: 'binary' }), checkText));
  });

  test('on any text made of the words of a topology', () => {
    fc.assert(
      fc.property(fc.array(WORDS, { maxLength: 60 }), (words) => checkText(words.join(''))),
      { numRuns: 150 },
    );
  });

  test('on a shipped topology that lost or got some characters', () => {
    const edit = fc.tuple(fc.nat(), fc.nat({ max: 20 }), fc.array(WORDS, { maxLength: 3 }));
    fc.assert(
      fc.property(
        fc.constantFrom(...SHIPPED),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        (text, edits) => {
          let edited = text;
          for (const [where, length, words] of edits) {
            const start = where % (edited.length + 1);
            edited = edited.slice(0, start) + words.join('') + edited.slice(start + length);
          }
          checkText(edited);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('on a shipped topology in which some values were changed', () => {
    const change = fc.tuple(CHOICES, fc.nat({ max: 4 }), REPLACEMENTS);
    fc.assert(
      fc.property(
        fc.constantFrom(...SHIPPED),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        (text, changes) => {
          const value: unknown = parse(text);
          for (const [choices, how, replacement] of changes)
            mutate(value, choices, how, replacement);
          check(topologyFromObject(value), 0);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('on any value', () => {
    fc.assert(fc.property(fc.anything(), (value) => check(topologyFromObject(value), 0)));
  });
});

test('the same text means the same, every time', () => {
  for (const text of SHIPPED) {
    const [first, second] = [1, 2].map(() => parseTopology(text, { file: 'x' }));
    expect(second).toEqual(first);
  }
});
