// What one run tells: the document that `--json` prints and that the renderers in cli/render read.
// Plain data (JSON.stringify loses nothing) and a pure function of topology and seed: no wall time,
// no host name, no absolute path the user did not type. Times are integer nanoseconds of lab time.
// Absent by design is null, never a missing key. A change that can break a reader raises
// REPORT_SCHEMA_VERSION and is listed in CHANGELOG.md; new keys are not such a change.

import type { Fault } from '../base/errors.ts';
import type { Position } from '../schema/position.ts';
import type { EventValue } from '../sim/event-log.ts';
import type { Nanos } from '../sim/time.ts';
import type { ConntrackRow } from '../view/conntrack.ts';
import type { DropRow } from '../view/drops.ts';
import type { FdbRow } from '../view/fdb.ts';
import type { RouterNatRow } from '../view/nats.ts';
import type { NeighborRow } from '../view/neighbors.ts';
import type { ObjectTables } from '../view/objects.ts';
import type { PolicyRow } from '../view/policies.ts';
import type { Analysis } from './analysis/model.ts';

/** Raised when a field changes its meaning or goes away. */
export const REPORT_SCHEMA_VERSION = 2;

/** How the run ended: `stopped` means a problem of the lab itself (see `problems`) cut it short. */
export type RunOutcome = 'passed' | 'failed' | 'interrupted' | 'stopped';

/** Everything a run has to tell; `--json` prints it. */
export interface RunReport {
  readonly schemaVersion: typeof REPORT_SCHEMA_VERSION;
  readonly topology: ReportTopology;
  readonly seed: number;
  /** Lab time zero as ISO 8601, e.g. '2020-05-09T08:00:00Z'. */
  readonly epoch: string;
  /** Lab time that passed: the scenario's duration, less when the run was cut short. */
  readonly labDuration: Nanos;
  readonly outcome: RunOutcome;
  /** What happened, oldest first; ties in the order in which the lab did them. */
  readonly timeline: readonly TimelineEntry[];
  /** The cluster's tables at time zero and at the end; null in a lab without a cluster. */
  readonly tables: { readonly before: ObjectTables; readonly after: ObjectTables } | null;
  readonly flows: readonly FlowReport[];
  /** The neighbor tables at the end, by machine. */
  readonly neighbors: readonly NeighborRow[];
  /** What the switches had learned at the end, by segment. */
  readonly fdb: readonly FdbRow[];
  /** The connections that were tracked at the end, by machine. */
  readonly conntrack: readonly ConntrackRow[];
  /** Policies of logical routers at the end; left out where no router is logical. */
  readonly policies?: readonly PolicyRow[];
  /** NAT rows of logical routers at the end; left out where no router is logical. */
  readonly nats?: readonly RouterNatRow[];
  /** Every device that dropped something, by reason; sorted by device, then reason. */
  readonly drops: readonly DropRow[];
  readonly expectations: readonly ExpectationReport[];
  readonly captures: readonly CaptureReport[];
  /** Who held which address, who believed what, and why flows were not answered; null when nothing was contested. */
  readonly analysis: Analysis | null;
  /** What cut the run short or was cut off by a bound; empty in a good run. */
  readonly problems: readonly RunProblem[];
}

/** Which topology it was. */
export interface ReportTopology {
  readonly name: string;
  readonly description: string;
  /** The path as the user gave it, or a label for a topology that was built in code. */
  readonly file: string;
  /** 8 hex digits over the source text: tells two versions of a topology apart. */
  readonly digest: string;
}

/** One line of the timeline: an event of the log (sim/event-log.ts) with the sentence for people. */
export interface TimelineEntry {
  readonly at: Nanos;
  /** Who says so: 'worker02', 'controller', 'lan', 'web-to-db', or 'oc' for the user's commands. */
  readonly source: string;
  /** The constant that scenarios match on: 'egress-ip-claimed'. */
  readonly kind: string;
  /** 'claims 192.168.50.120 on enp1s0': without time and source, no trailing period, one line. */
  readonly text: string;
  readonly fields: Readonly<Record<string, EventValue>>;
}

/** How a flow fared. */
export interface FlowReport {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** 'tcp 5432', 'udp 7', 'icmp echo'. */
  readonly protocol: string;
  readonly sent: number;
  readonly answered: number;
  /** Neither answered nor still waiting within its timeout at the end: sent - answered - pending. */
  readonly lost: number;
  readonly pending: number;
  /** The longest of `outages`, 0 when there was none. */
  readonly longestOutage: Nanos;
  readonly outages: readonly Outage[];
  /** Source addresses that the server saw, most frequent first, ties by first sight. */
  readonly seenAs: readonly { readonly address: string; readonly count: number }[];
  /** Whose sockets got the requests that were answered, most answers first; empty for servers outside the lab. */
  readonly answeredBy: readonly FlowAnswerer[];
  /** 'running', 'stopped', 'never answered', 'refused', 'reset', 'timed out': one or two words. */
  readonly state: string;
  /** Why it is in that state, where a drop reason or a TCP event is known. */
  readonly why: string | null;
  /** TCP, requests of more than 65,000 octets: octets per second until the answers; null for others. */
  readonly throughput: number | null;
  /** TCP with one connection for all requests: the latest hundred, oldest first. */
  readonly connections: readonly FlowConnection[];
}

/** A TCP connection of a flow. */
export interface FlowConnection {
  readonly openedAt: Nanos;
  /** Null: it still stands. */
  readonly endedAt: Nanos | null;
  /** 'ETIMEDOUT', 'ECONNRESET', 'closed by the server', …; null while it stands. */
  readonly why: string | null;
}

/** One machine that answered requests of a flow. */
export interface FlowAnswerer {
  readonly machine: string;
  /** Of the interface where the requests came in; null for the loopback interface. */
  readonly mac: string | null;
  readonly count: number;
}

/** A stretch in which nothing was answered. */
export interface Outage {
  /** When the first unanswered request was sent. */
  readonly from: Nanos;
  /** When the request that was answered again was sent; null when the flow ended unanswered. */
  readonly to: Nanos | null;
  /** to - from, or end of flow - from. */
  readonly duration: Nanos;
  readonly unanswered: number;
  /** The drop reason or error met most often meanwhile. */
  readonly why: string | null;
}

/** What became of one expectation. */
export interface ExpectationReport {
  readonly at: Nanos;
  /** As the user wrote it, on one line. */
  readonly text: string;
  readonly position: Position;
  readonly verdict: 'held' | 'failed' | 'not-reached';
  /** What was seen instead, one fact per line; empty unless it failed. */
  readonly saw: readonly string[];
}

/** A capture file that was written. */
export interface CaptureReport {
  /** As the user would type it from where the run was started. */
  readonly path: string;
  /** 'pcapng', 'pcap', 'text'. */
  readonly format: string;
  /** In the files that are left, as are `bytes`. */
  readonly frames: number;
  readonly bytes: number;
  /** The file has reached its size: when, and how many frames came later. */
  readonly full?: { readonly at: Nanos; readonly missed: number };
  /** Of a ring: the files that are left, oldest first (`path` is the last), and how many made room for them. */
  readonly ring?: { readonly files: readonly string[]; readonly removed: number };
  /** Names of the captured ports in interface order, 'worker02/enp1s0'. */
  readonly ports: readonly string[];
  /** The Wireshark display filter worth typing first; null when there is nothing to single out. */
  readonly filter: string | null;
}

/** What cut a run short, or was cut off by a bound. */
export interface RunProblem {
  /** An EgressLabError's code, 'EGL_EVENT_STORM'. */
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly at: Nanos;
  /** Whose matter it is; decides the exit code (2 or 3). */
  readonly fault: Fault;
}

/** The outcome that expectations alone decide. */
export function outcomeOf(expectations: readonly ExpectationReport[]): RunOutcome {
  return expectations.every((expectation) => expectation.verdict === 'held') ? 'passed' : 'failed';
}
