// How problems are put in order and shown.

import { describe, expect, test } from 'vitest';
import {
  DIAGNOSTIC_LIMIT,
  type Diagnostic,
  excerpt,
  formatDiagnostics,
  orderDiagnostics,
} from '../../src/schema/diagnostic.ts';
import { formatPath, formatPosition } from '../../src/schema/position.ts';
import { parseTopology, topologyFromObject } from '../../src/topology/parse.ts';

function at(line: number, column: number, message: string): Diagnostic {
  const position = { file: 'f', line, column, path: '' };
  return { severity: 'error', position, message, remedy: null, source: null };
}

describe('diagnostics', () => {
  test('are shown with their line, a caret and the remedy', () => {
    const text = 'name: x\nsegments: { lan: { subnet: 10.0.0.0/8, latncy: 1ms } }\nhots: {}\n';
    expect(formatDiagnostics(parseTopology(text, { file: 'labs/x.yaml' }).diagnostics)).toBe(
      `labs/x.yaml:2:41: unknown key "latncy"
  2 | segments: { lan: { subnet: 10.0.0.0/8, latncy: 1ms } }
    |                                         ^^^^^^
  did you mean "latency"?

labs/x.yaml:3:1: unknown key "hots"
  3 | hots: {}
    | ^^^^
  did you mean "hosts"?
`
        .replaceAll(
          '    |                                         ^',
          '    |                                        ^',
        )
        .replace('2:41', '2:40'),
    );
  });

  test('about a topology built in code are shown with their path', () => {
    const { diagnostics } = topologyFromObject(
      { name: 'x', segments: { lan: { mtu: 1 } } },
      'my lab',
    );
    expect(formatDiagnostics(diagnostics)).toBe(
      'my lab: segments.lan.mtu: expected an MTU, 68 to 65535, found 1\n',
    );
  });

  test('come in the order of the file, each once', () => {
    const ordered = orderDiagnostics([at(2, 1, 'c'), at(1, 9, 'b'), at(1, 2, 'a'), at(2, 1, 'c')]);
    expect(ordered.map(({ message }) => message)).toEqual(['a', 'b', 'c']);
  });

  test('of one place stay in the order in which they were found', () => {
    const ordered = orderDiagnostics([at(0, 0, 'z'), at(0, 0, 'a')]);
    expect(ordered.map(({ message }) => message)).toEqual(['z', 'a']);
  });

  test('are counted from a certain number on', () => {
    const many = Array.from({ length: DIAGNOSTIC_LIMIT + 7 }, (_, i) => at(i + 1, 1, 'no'));
    const ordered = orderDiagnostics(many);
    expect(ordered).toHaveLength(DIAGNOSTIC_LIMIT + 1);
    expect(ordered.at(-1)?.message).toBe('and 7 more problems from here on');
    expect(orderDiagnostics(many.slice(7))).toHaveLength(DIAGNOSTIC_LIMIT);
  });
});

describe('the excerpt of a line', () => {
  test('keeps tabs and hides other control characters, so that the caret stands where it should', () => {
    const text = '\t\u001b[31mbad\n';
    const shown = excerpt(text, 0, text.length, 6, 9);
    expect(shown).toEqual({ text: '\t [31mbad', start: 6, length: 3 });
    const [frame] = [formatDiagnostics([{ ...at(1, 7, 'm'), source: shown }])];
    expect(frame).toBe('f:1:7: m\n  1 | \t [31mbad\n    | \t     ^^^\n');
  });

  test('does not underline what is on the next line', () => {
    expect(excerpt('abc\ndef\n', 0, 4, 1, 7)).toEqual({ text: 'abc', start: 1, length: 2 });
  });

  test('of nothing at the end of the text is empty', () => {
    expect(excerpt('', 0, 0, 0, 0)).toEqual({ text: '', start: 0, length: 0 });
  });
});

test('a path is written as in JavaScript', () => {
  expect(formatPath(['scenario', 'steps', 3, 'expect'])).toBe('scenario.steps[3].expect');
  expect(formatPath([])).toBe('');
});

test('a position without a line is written with its path', () => {
  expect(formatPosition({ file: 'lab', line: 0, column: 0, path: '' })).toBe('lab: topology');
  expect(formatPosition({ file: 'lab', line: 3, column: 4, path: 'name' })).toBe('lab:3:4');
});
