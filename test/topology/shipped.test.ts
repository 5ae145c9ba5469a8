// The labs that come with egresslab, as files; whether their expectations hold is seen by running them.

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { topologyJsonSchema } from '../../src/topology/json-schema.ts';
import { sound } from './support.ts';

const TOPOLOGIES = resolve(import.meta.dirname, '../../topologies');
const SCHEMA_FILE = join(TOPOLOGIES, 'topology.schema.json');
const FILES = readdirSync(TOPOLOGIES).filter((file) => file.endsWith('.yaml'));
const read = (file: string): string => readFileSync(join(TOPOLOGIES, file), 'utf8');

test('the labs that were asked for are there', () => {
  expect(FILES).toEqual(
    expect.arrayContaining(
      ['node-ip', 'firewall', 'automatic', 'duplicate-ip', 'garp-lost', 'nat'].map(
        (name) => `${name}.yaml`,
      ),
    ),
  );
});

describe.each(FILES)('%s', (file) => {
  const text = read(file);

  test('tells an editor of its schema first, and people what it shows', () => {
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./topology.schema.json');
    expect(text.split('\n')[2]).toMatch(/^# \S/);
  });

  test('is sound, is called as its file, and expects something unless real programs judge it', () => {
    const topology = sound(text);
    expect(topology.name).toBe(basename(file, '.yaml'));
    expect(topology.description).not.toBe('');
    const expected = topology.scenario.steps.flatMap((each) =>
      each.kind === 'expect' ? each.expectations : [],
    );
    if (topology.attachments.length === 0) expect(expected.length).toBeGreaterThan(0);
  });
});

describe('the JSON Schema', () => {
  test('is the one that is published', () => {
    // Refresh with: egresslab schema > topologies/topology.schema.json
    expect(readFileSync(SCHEMA_FILE, 'utf8')).toBe(
      `${JSON.stringify(topologyJsonSchema(), null, 2)}\n`,
    );
  });

  test('has a description or a name for every key of the first two levels', () => {
    const { properties, definitions } = z
      .object({
        properties: z.record(z.string(), z.unknown()),
        definitions: z.record(z.string(), z.unknown()),
      })
      .parse(topologyJsonSchema());
    expect(Object.keys(properties)).toContain('segments');
    expect(Object.keys(definitions)).toEqual(
      expect.arrayContaining(['host', 'node', 'flow', 'step']),
    );
  });

  // An independent reading of the published schema: zod's own importer.
  const imported = z.fromJSONSchema(JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')));

  test.each(FILES)('accepts %s', (file) => {
    expect(imported.safeParse(parse(read(file))).error?.issues).toBeUndefined();
  });

  test.each([
    ['an unknown key', { name: 'x', segments: {}, hots: {} }],
    ['a wrong type', { name: 'x', segments: { lan: { padded: 'yes' } } }],
    ['a missing key', { name: 'x' }],
    [
      'an unknown step',
      { name: 'x', segments: {}, scenario: { duration: '1s', steps: [{ at: '1s', fial: 'x' }] } },
    ],
  ])('refuses %s', (_title, value) => {
    expect(imported.safeParse(value).success).toBe(false);
  });
});
