// What a running lab leaves behind for those who look for it: one JSON file, readable by its user.

import { z } from 'zod';

/** How to reach one running lab. */
export interface LabEntry {
  readonly schemaVersion: 1;
  /** As `--lab` calls it. */
  readonly name: string;
  /** Random: another run of the same lab has another one. */
  readonly id: string;
  readonly pid: number;
  /** See processStart. */
  readonly processStart: string | null;
  /** Null while the lab is being built. */
  readonly port: number | null;
  /** Mode 0600. */
  readonly tokenFile: string;
  /** PEM; what the lab's server is recognized by. */
  readonly certificateFile: string;
  /** Null for a lab without a cluster. */
  readonly kubeconfig: string | null;
  /** The topology as the user named it. */
  readonly topology: string;
  /** RFC 3339. */
  readonly startedAt: string;
}

const schema: z.ZodType<LabEntry> = z.object({
  schemaVersion: z.literal(1),
  name: z.string(),
  id: z.string(),
  pid: z.int().positive(),
  processStart: z.string().nullable(),
  port: z.int().min(1).max(65_535).nullable(),
  tokenFile: z.string(),
  certificateFile: z.string(),
  kubeconfig: z.string().nullable(),
  topology: z.string(),
  startedAt: z.string(),
});

/** Null for what is no entry. */
export function parseEntry(text: string): LabEntry | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
