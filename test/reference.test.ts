// src/REFERENCE.md promises words to scripts and filters; here they are compared with the code, and the
// fields of events with those that the shipped labs emit.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES, type ErrorCode, isErrorCode } from '../src/base/errors.ts';
import { DROP_REASONS } from '../src/lab/drop-reasons.ts';
import { ScenarioSession } from '../src/scenario/session.ts';
import { sentences } from '../src/scenario/timeline/sentences.ts';
import { shippedScenarios } from './support/scenarios.ts';

const SOURCE = resolve(import.meta.dirname, '../src');
const REFERENCE = readFileSync(join(SOURCE, 'REFERENCE.md'), 'utf8');
const PATHS = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .sort();
const CODE = PATHS.map(sourceOf).join('\n');

/** Together they emit most kinds of events, in a second. */
const TELLING_LABS = [
  'automatic',
  'duplicate-ip',
  'garp-lost',
  'l2-heal-no-reannounce',
  'release-zero-mac',
  'sdn-stale-address-after-restart',
];

function sourceOf(path: string): string {
  return readFileSync(join(SOURCE, path), 'utf8');
}

/** The rows of one chapter's table: cells without their marks, by the word in the first one. */
function rowsOf(chapter: string): ReadonlyMap<string, readonly string[]> {
  const text = REFERENCE.split(/^## /m).find((part) => part.startsWith(`${chapter}\n`)) ?? '';
  const rows = [...text.matchAll(/^\| `([^`]+)` \|(.*)\|$/gm)];
  const words = rows.map(([, word = '']) => word);
  expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
  return new Map(
    rows.map(([, word = '', cells = '']) => [word, cells.split('|').map((cell) => cell.trim())]),
  );
}

/** The words between back quotes. */
function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word).sort();
}

/** The kinds in the rooms' event maps, each with the names of its fields. */
function typedEvents(): ReadonlyMap<string, readonly string[]> {
  const maps = PATHS.filter((path) => /(^|[/-])events\.ts$/.test(path)).map(sourceOf);
  expect(maps.length).toBeGreaterThan(5);
  // A fabric's own map comes after the common one, and may add a field.
  // A kind stands two spaces in, its fields are in the same line's braces or four spaces in.
  const kinds = maps.join('\n').matchAll(/^ {2}readonly '?([a-z-]+)'?: (NoFields|\{[^}]*\});$/gm);
  return new Map(
    [...kinds].map(([, kind = '', fields = '']) => [
      kind,
      [...fields.matchAll(/readonly (\w+):/g)].map(([, field = '']) => field).sort(),
    ]),
  );
}

describe('error codes', () => {
  const rows = rowsOf('Error codes');

  test('each one that the code can throw has its cause and its cure, and no other', () => {
    expect([...rows.keys()]).toEqual([...ERROR_CODES]);
    expect([...ERROR_CODES]).toEqual([...ERROR_CODES].sort());
  });

  test('each one is thrown somewhere', () => {
    const thrown = PATHS.filter((path) => path !== 'base/errors.ts')
      .map(sourceOf)
      .join('\n');
    expect(ERROR_CODES.filter((code) => !thrown.includes(`'${code}'`))).toEqual([]);
  });

  test('an unknown one does not compile, and is recognized at run time', () => {
    // @ts-expect-error: there is no such code
    const unknown: ErrorCode = 'EGL_FILE_NOT_FUOND';
    expect([isErrorCode(unknown), isErrorCode('EGL_FILE_NOT_FOUND')]).toEqual([false, true]);
  });

  test('each says how the process exits', () => {
    for (const [code, [exit = '', cause = '', cure = '']] of rows) {
      expect(exit, code).toMatch(/^(0|2|3|2, 3|70)$/);
      expect(cause, code).not.toBe('');
      expect(cure, code).not.toBe('');
    }
  });
});

describe('drop reasons', () => {
  test('each one has its meaning, in the order of the code, and no other', () => {
    expect([...rowsOf('Drop reasons').keys()]).toEqual(DROP_REASONS);
  });

  test('each one is used', () => {
    const tables = [...CODE.matchAll(/^export const (\w+Drop) = \{([^}]*)\} as const;$/gm)];
    expect(tables.length).toBeGreaterThan(3);
    const names = tables.flatMap(([, table = '', entries = '']) =>
      [...entries.matchAll(/^ {2}(\w+):/gm)].map(([, name = '']) => `${table}.${name}`),
    );
    expect(names).toHaveLength(DROP_REASONS.length);
    expect(names.filter((name) => !CODE.includes(name))).toEqual([]);
  });
});

describe('events', () => {
  const rows = rowsOf('Events');

  test('each kind that the types know is there with its fields, and no other', () => {
    const fields = (cells: readonly string[]): string[] => quoted(cells[1] ?? '');
    const told = [...rows].map(([kind, cells]): [string, string[]] => [kind, fields(cells)]);
    expect(new Map(told)).toEqual(typedEvents());
  });

  test('each kind is emitted somewhere, and has a sentence or is said to have none', () => {
    expect([...rows.keys()].filter((kind) => !CODE.includes(`'${kind}'`))).toEqual([]);
    expect(Object.keys(sentences).sort()).toEqual([...rows.keys()].sort());
  });

  test.each(shippedScenarios().filter(({ name }) => TELLING_LABS.includes(name)))(
    '$name emits them with their fields',
    ({ load }) => {
      const topology = load();
      const session = new ScenarioSession(topology, {});
      try {
        session.begin();
        session.lab.scheduler.advanceTo(topology.scenario.duration);
        for (const { kind, fields } of session.lab.events.events) {
          const [, cell = ''] = rows.get(kind) ?? [];
          expect(Object.keys(fields).sort(), kind).toEqual(quoted(cell));
        }
      } finally {
        session.dispose();
      }
    },
  );
});
