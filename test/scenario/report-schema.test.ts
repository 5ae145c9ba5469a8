// The published schema of the report, held to the reports of shipped labs.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { reportJsonSchema, runReportSchema } from '../../src/scenario/report-schema.ts';
import { runScenario } from '../../src/scenario/run.ts';
import { shippedScenarios } from '../support/scenarios.ts';

const FILE = new URL('../../docs/reference/report.schema.json', import.meta.url);
/** One of each sort: a cluster, hosts alone, a conflict, a firewall, black holes. */
const LABS = ['automatic', 'nat', 'duplicate-ip', 'firewall', 'fdb-before-arp', 'static'];

const labs = shippedScenarios().filter(({ name }) => LABS.includes(name));

describe('the schema of the report', () => {
  // An independent reading of the published schema: zod's own importer.
  const imported = z.fromJSONSchema(JSON.parse(readFileSync(FILE, 'utf8')));

  test('looks at labs of each sort', () => {
    expect(labs.map(({ name }) => name).sort()).toEqual([...LABS].sort());
  });

  test.each(labs.map((lab) => [lab.name, lab] as const))(
    'accepts what %s reports, as printed',
    async (_name, lab) => {
      const report = JSON.parse(JSON.stringify(await runScenario(lab.load())));
      expect(imported.safeParse(report).error?.issues).toBeUndefined();
      expect(runReportSchema.safeParse(report).error?.issues).toBeUndefined();
      expect(runReportSchema.parse(report)).toEqual(report);
    },
  );

  test('refuses a report of another version, and one with a key too many or too few', async () => {
    const [lab] = labs;
    if (lab === undefined) throw new Error('there are labs');
    const report = JSON.parse(JSON.stringify(await runScenario(lab.load())));
    expect(imported.safeParse({ ...report, schemaVersion: 1 }).success).toBe(false);
    expect(imported.safeParse({ ...report, surplus: 1 }).success).toBe(false);
    const { neighbors: _, ...less } = report;
    expect(imported.safeParse(less).success).toBe(false);
  });

  test('names what it is', () => {
    expect(reportJsonSchema()).toMatchObject({ title: 'egresslab run report', type: 'object' });
  });
});
