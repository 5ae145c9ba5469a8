// The forwarding tables of the segments: behind which port a MAC was seen, as rows and as `bridge fdb`
// prints them. Learned entries only.

import { z } from 'zod';
import type { Segment } from '../lab/segment.ts';
import type { Nanos } from '../sim/time.ts';
import { formatMac } from '../wire/mac-address.ts';

/** One learned entry of a switch. */
export interface FdbRow {
  readonly segment: string;
  readonly mac: string;
  /** The port of the switch, without the segment: 'worker01.enp1s0'. */
  readonly port: string;
  /** The machine, or the other segment, at the far end of the port's cable. */
  readonly behind: string | null;
  /** Lab time at which the entry ages out unless a frame from this MAC comes. */
  readonly deadline: Nanos;
}

/** Validates an FdbRow. */
export const fdbRowSchema: z.ZodType<FdbRow> = z.strictObject({
  segment: z.string(),
  mac: z.string(),
  port: z.string(),
  behind: z.string().nullable(),
  deadline: z.int(),
});

/** The table of one segment's switch at `now`, in the order of learning. */
export function fdbRows({ behind, bridge, spec }: Segment, now: Nanos): FdbRow[] {
  return [...bridge.table.entries(now)].map(([mac, entry]) => ({
    segment: spec.name,
    mac: formatMac(mac),
    port: entry.port.name.slice(spec.name.length + 1),
    behind: behind.get(entry.port) ?? null,
    deadline: bridge.table.deadlineOf(entry),
  }));
}

/** One line of `bridge fdb show br <segment>`. */
export function fdbLine({ mac, port, segment }: FdbRow): string {
  return `${mac} dev ${port} master ${segment}`;
}

/** `bridge fdb show br <segment>` at `now`. */
export function fdbLines(segment: Segment, now: Nanos): string[] {
  return fdbRows(segment, now).map(fdbLine);
}
