// The run report as a schema, and the JSON Schema that is published of it
// (docs/reference/report.schema.json, `egresslab schema report`). The compiler holds it to RunReport.

import { z } from 'zod';
import type { Position } from '../schema/position.ts';
import type { EventValue } from '../sim/event-log.ts';
import { conntrackRowSchema } from '../view/conntrack.ts';
import { dropRowSchema } from '../view/drops.ts';
import { fdbRowSchema } from '../view/fdb.ts';
import { natRowSchema } from '../view/nats.ts';
import { neighborRowSchema } from '../view/neighbors.ts';
import { objectTablesSchema } from '../view/objects.ts';
import { policyRowSchema } from '../view/policies.ts';
import { analysisSchema } from './analysis/schema.ts';
import {
  type CaptureReport,
  type ExpectationReport,
  type FlowReport,
  REPORT_SCHEMA_VERSION,
  type ReportTopology,
  type RunProblem,
  type RunReport,
  type TimelineEntry,
} from './report.ts';

const nanos = z.int();

const topology: z.ZodType<ReportTopology> = z.strictObject({
  name: z.string(),
  description: z.string(),
  file: z.string(),
  digest: z.string().regex(/^[0-9a-f]{8}$/),
});

const eventValue: z.ZodType<EventValue> = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.string()),
]);

/** Validates a TimelineEntry. */
export const timelineEntrySchema: z.ZodType<TimelineEntry> = z.strictObject({
  at: nanos,
  source: z.string(),
  kind: z.string(),
  text: z.string(),
  fields: z.record(z.string(), eventValue),
});

const flow: z.ZodType<FlowReport> = z.strictObject({
  name: z.string(),
  from: z.string(),
  to: z.string(),
  protocol: z.string(),
  sent: z.int(),
  answered: z.int(),
  lost: z.int(),
  pending: z.int(),
  longestOutage: nanos,
  outages: z.array(
    z.strictObject({
      from: nanos,
      to: nanos.nullable(),
      duration: nanos,
      unanswered: z.int(),
      why: z.string().nullable(),
    }),
  ),
  seenAs: z.array(z.strictObject({ address: z.string(), count: z.int() })),
  answeredBy: z.array(
    z.strictObject({ machine: z.string(), mac: z.string().nullable(), count: z.int() }),
  ),
  state: z.string(),
  why: z.string().nullable(),
  throughput: z.number().nullable(),
  connections: z.array(
    z.strictObject({ openedAt: nanos, endedAt: nanos.nullable(), why: z.string().nullable() }),
  ),
});

const position: z.ZodType<Position> = z.strictObject({
  file: z.string(),
  line: z.int(),
  column: z.int(),
  path: z.string(),
});

const expectation: z.ZodType<ExpectationReport> = z.strictObject({
  at: nanos,
  text: z.string(),
  position,
  verdict: z.enum(['held', 'failed', 'not-reached']),
  saw: z.array(z.string()),
});

const capture: z.ZodType<CaptureReport> = z.strictObject({
  path: z.string(),
  format: z.string(),
  frames: z.int(),
  bytes: z.int(),
  full: z.strictObject({ at: nanos, missed: z.int() }).exactOptional(),
  ring: z.strictObject({ files: z.array(z.string()), removed: z.int() }).exactOptional(),
  ports: z.array(z.string()),
  filter: z.string().nullable(),
});

const problem: z.ZodType<RunProblem> = z.strictObject({
  code: z.string(),
  message: z.string(),
  hint: z.string().nullable(),
  at: nanos,
  fault: z.enum(['input', 'environment']),
});

/** Validates a RunReport. */
export const runReportSchema: z.ZodType<RunReport> = z
  .strictObject({
    schemaVersion: z.literal(REPORT_SCHEMA_VERSION),
    topology: topology.describe('Which topology it was'),
    seed: z.int(),
    epoch: z.string().describe('Lab time zero as ISO 8601'),
    labDuration: nanos.describe('Lab time that passed'),
    outcome: z.enum(['passed', 'failed', 'interrupted', 'stopped']),
    timeline: z.array(timelineEntrySchema).describe('What happened, oldest first'),
    tables: z
      .strictObject({ before: objectTablesSchema, after: objectTablesSchema })
      .nullable()
      .describe("The cluster's tables at time zero and at the end; null without a cluster"),
    flows: z.array(flow),
    neighbors: z.array(neighborRowSchema).describe('The neighbor tables at the end'),
    fdb: z.array(fdbRowSchema).describe('What the switches had learned at the end'),
    conntrack: z.array(conntrackRowSchema).describe('The connections tracked at the end'),
    policies: z
      .array(policyRowSchema)
      .exactOptional()
      .describe('Policies of logical routers at the end'),
    nats: z.array(natRowSchema).exactOptional().describe('NAT rows of logical routers at the end'),
    drops: z.array(dropRowSchema).describe('What was dropped, by device and reason'),
    expectations: z.array(expectation),
    captures: z.array(capture),
    analysis: analysisSchema
      .nullable()
      .describe('Who held which address and who believed what; null when nothing was contested'),
    problems: z.array(problem).describe('What cut the run short'),
  })
  .describe('What `egresslab run --json` prints. Times are integer nanoseconds of lab time.');

/** The JSON Schema of the report. */
export function reportJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(runReportSchema, { target: 'draft-7' });
  return { $schema, title: 'egresslab run report', ...schema };
}
