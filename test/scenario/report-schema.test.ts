// The published schema of the report; test/scenarios.test.ts holds the reports of all shipped labs to it.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { reportJsonSchema } from '../../src/scenario/report-schema.ts';
import { runScenario } from '../../src/scenario/run.ts';
import { shippedScenarios } from '../support/scenarios.ts';

const FILE = new URL('../../docs/reference/report.schema.json', import.meta.url);
describe('the schema of the report', () => {
  // An independent reading of the published schema: zod's own importer.
  const imported = z.fromJSONSchema(JSON.parse(readFileSync(FILE, 'utf8')));

  test('refuses a report of another version, and one with a key too many or too few', async () => {
    const lab = shippedScenarios().find(({ name }) => name === 'nat');
    if (lab === undefined) throw new Error('nat is shipped');
    const report = JSON.parse(JSON.stringify(await runScenario(lab.load())));
    expect(imported.safeParse(report).success).toBe(true);
    expect(imported.safeParse({ ...report, schemaVersion: 1 }).success).toBe(false);
    expect(imported.safeParse({ ...report, surplus: 1 }).success).toBe(false);
    const { neighbors: _, ...less } = report;
    expect(imported.safeParse(less).success).toBe(false);
  });

  test('names what it is', () => {
    expect(reportJsonSchema()).toMatchObject({ title: 'egresslab run report', type: 'object' });
  });
});
