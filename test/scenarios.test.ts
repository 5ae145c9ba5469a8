// Every lab that comes along does what it promises, its report is what the published schema says, and its
// capture is the one in captures/, octet by octet. `npm run golden` writes captures/ anew after a change that was meant.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readerFor } from '../src/capture/reading/capture-reader.ts';
import { Explainer } from '../src/explain/explainer.ts';
import type { Explanation } from '../src/explain/model.ts';
import type { RunReport } from '../src/scenario/report.ts';
import { runReportSchema } from '../src/scenario/report-schema.ts';
import { firstDifference, runInMemory, shippedScenarios } from './support/scenarios.ts';

const CAPTURES = fileURLToPath(new URL('../captures/', import.meta.url));
const REFRESH = process.env.UPDATE_GOLDEN === '1';
/** What a repository can carry per lab. */
const SIZE_LIMIT = 2_000_000;

/** An independent reading of the published schema: zod's own importer. */
const published = z.fromJSONSchema(
  JSON.parse(
    readFileSync(new URL('../docs/reference/report.schema.json', import.meta.url), 'utf8'),
  ),
);

const scenarios = shippedScenarios();

/**
 * Conflicts that no capture can show: the two owners are on the two sides of a partition, nobody asks both, and the
 * capture is the same as that of two handovers.
 */
const BEYOND: ReadonlySet<string> = new Set(['l2-heal-no-reannounce 192.168.50.120']);

function isBeyond(name: string, address: string): boolean {
  return BEYOND.has(`${name} ${address}`);
}

/** The one law of `explain`: from outside it says of each lab what the analysis says from inside. */
function conflictsOf({ analysis }: RunReport): string[] {
  return (analysis?.addresses ?? [])
    .filter(({ duplicates }) => duplicates.some(({ kind }) => kind === 'conflict'))
    .map(({ address }) => address)
    .sort();
}

function conflictsIn({ conflicts }: Explanation): string[] {
  return [...new Set(conflicts.map(({ address }) => address))].sort();
}

function explain(capture: Uint8Array): Explanation {
  const explainer = new Explainer();
  const file = explainer.add('capture');
  const reader = readerFor(capture, file);
  reader?.push(capture);
  reader?.end();
  file.ended = true;
  expect(explainer.drain()).toBeNull();
  return explainer.conclude();
}

describe.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
  '%s',
  (name, scenario) => {
    test('keeps its promises and makes the capture that is known', async () => {
      const topology = scenario.load();
      const { report, capture, fileName } = await runInMemory(topology);
      const failed = report.expectations.filter(({ verdict }) => verdict !== 'held');
      const broken = failed.map(({ position, text, verdict, saw }) =>
        [`${position.file}:${position.line} ${text}: ${verdict}`, ...saw].join('\n  '),
      );
      expect(broken, `seed ${report.seed}`).toEqual([]);
      expect(report.expectations.length, 'a lab without a verdict').toBeGreaterThan(0);
      expect(report.problems).toEqual([]);
      expect(report.outcome).toBe('passed');
      expect(topology.name, 'a lab is named as its file').toBe(name);
      expect(capture.length).toBeLessThan(SIZE_LIMIT);
      const stages = (report.analysis?.flows ?? []).flatMap((flow) => flow.stages);
      expect(stages.filter(({ cause }) => cause === 'unknown')).toEqual([]);
      expect(conflictsIn(explain(capture)), 'what the capture tells').toEqual(
        conflictsOf(report).filter((address) => !isBeyond(name, address)),
      );
      const printed = JSON.parse(JSON.stringify(report));
      expect(published.safeParse(printed).error?.issues).toBeUndefined();
      expect(runReportSchema.parse(printed)).toEqual(printed);

      const golden = join(CAPTURES, fileName);
      if (REFRESH) {
        mkdirSync(CAPTURES, { recursive: true });
        writeFileSync(golden, capture);
        return;
      }
      if (!existsSync(golden)) {
        throw new Error(`captures/${fileName} is missing: "npm run golden" writes it`);
      }
      const difference = firstDifference(capture, readFileSync(golden));
      if (difference === null) return;
      throw new Error(
        `seed ${report.seed}: not captures/${fileName} any more; if that was meant, "npm run golden"\n${difference}`,
      );
    });
  },
);

test('there is no capture of a lab that is gone', () => {
  const known = scenarios.map(({ name }) => name);
  const present = existsSync(CAPTURES) ? readdirSync(CAPTURES) : [];
  const stale = present.filter((file) => !known.includes(file.replace(/\.[a-z]+$/, '')));
  expect(stale, 'delete them from captures/').toEqual([]);
});
