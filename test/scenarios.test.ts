// Every lab that comes along does what it promises, its report is what the published schema says, and its
// capture is the one in captures/, octet by octet. `npm run golden` writes captures/ anew after a change that was meant.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { MemoryByteSink } from '../src/capture/memory-byte-sink.ts';
import { readerFor } from '../src/capture/reading/capture-reader.ts';
import { Explainer } from '../src/explain/explainer.ts';
import type { Explanation } from '../src/explain/model.ts';
import { runReportSchema } from '../src/scenario/report-schema.ts';
import { disagreements } from './explain/law.ts';
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

/** What no capture can show, or the analysis does not know, by lab. */
const BEYOND: Readonly<Record<string, readonly string[]>> = {
  // The two owners are on the two sides of a partition, and nobody asks both: it looks like two handovers.
  'l2-heal-no-reannounce': [
    'conflict 192.168.50.120: only inside',
    'move 192.168.50.120: more of them outside',
  ],
  // The first holder forwards packets as the address before anybody has asked for it.
  'ovnk-loop-between-holders': ['move 192.168.50.120: worker03 to worker02 only inside'],
  // The analysis goes by the claims of agents; the router of the stale database answers a question all the same.
  'ovnk-stale-db-garp': [
    'conflict 192.168.50.120: only outside',
    'move 192.168.50.120: worker01 to worker02 only inside',
  ],
  // The analysis listens from when an address is contested, and this is the packet that makes it so.
  'release-zero-mac': [
    'announcement 192.168.50.121: request, tha=00:00:00:00:00:00 at 10 only outside',
  ],
};

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
      const everywhere = new MemoryByteSink();
      const { report, capture, fileName } = await runInMemory(topology, { everywhere });
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
      expect(disagreements(report, explain(everywhere.bytes())), 'what captures tell').toEqual(
        BEYOND[name] ?? [],
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
