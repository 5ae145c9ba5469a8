// What a caller may decide about a run. A run touches no file and no clock: capture bytes go to
// sinks that the caller opens (platform/capture-directory.ts for files, memory in tests), and the
// caller is given a chance to breathe between slices of lab time (signals, progress, other tests).

import type { ByteSink } from '../capture/sink.ts';
import type { Fabric } from '../fabric/fabric.ts';
import type { Lab } from '../lab/lab.ts';
import type { Nanos } from '../sim/time.ts';
import type { CaptureFormatName } from '../topology/model.ts';
import type { Topology } from '../topology/topology.ts';
import type { ObjectTables } from '../view/objects.ts';
import type { RunReport, TimelineEntry } from './report.ts';

/** What a run wants to write. */
export interface CaptureRequest {
  /** A bare file name with extension, 'automatic.pcapng'. Never a path. */
  readonly fileName: string;
  /** A name of the format registry. */
  readonly format: CaptureFormatName;
  /** Number of files of a ring, of which this is the first; null or left out: one file. */
  readonly files?: number | null;
}

/** Where it goes: `path` is what the report names. The run closes `sink` in every case. */
export interface CaptureDestination {
  readonly path: string;
  readonly sink: ByteSink;
  /**
   * Of a ring: opens the next file, and removes the oldest when there are more than were asked for.
   * @throws EgressLabError when it cannot be opened.
   */
  readonly next?: () => Pick<CaptureDestination, 'path' | 'sink'>;
  /** Who reads along, and may be slower than the lab; a file takes everything. */
  readonly reader?: CaptureReader;
}

/** A program that reads a capture while it is written. */
export interface CaptureReader {
  /** Frames are left out as long as this says so. */
  isFull(): boolean;
  /** Called at the end, with the number of frames that were left out. */
  onMissed(frames: number): void;
}

/** How much of a capture is kept. */
export interface CaptureSize {
  /** A file ends when it has so many octets: a whole number from 1 on. */
  readonly octets: number;
  /** The last so many files are kept; null: there is one, and later frames are left out. */
  readonly files: number | null;
}

/** What a capture holds, where that is not what the topology says. */
export interface CaptureChoices {
  /** Selectors of ports ('db/eth0', 'lan/*', 'drops') instead of the topology's. */
  readonly ports?: readonly string[];
  /** One file for each port. */
  readonly perPort?: boolean;
  /** Instead of the topology's. */
  readonly format?: CaptureFormatName;
  /** As large as it gets when left out. */
  readonly size?: CaptureSize;
  /** False: frames without the comments that say why they were sent or dropped. */
  readonly comments?: boolean;
}

/** What happens when a capture cannot be written any further: the lab ends, or goes on without it. */
export type CaptureFailurePolicy = 'stop' | 'continue';
/** The policies, as options name them. */
export const CAPTURE_FAILURE_POLICIES: readonly CaptureFailurePolicy[] = ['stop', 'continue'];

/** Who looks on at each instant of a run (recording/recorder.ts). */
export interface RunWatcher {
  begin(lab: Lab): void;
  look(): void;
}

/** What a caller may decide about a run. */
export interface RunOptions {
  /** Takes the place of the topology's seed: an integer, 0 to 2^32 - 1. */
  readonly seed?: number;
  /** The cluster networks that the topology may name; those that the lab ships when left out. */
  readonly fabrics?: readonly Fabric[];
  /**
   * Opens one capture. Called for all captures before the first frame, and only after everything
   * the user wrote has been checked. Without it nothing is captured to files.
   * @throws EgressLabError when it cannot be opened.
   */
  readonly openCapture?: (request: CaptureRequest) => CaptureDestination;
  /** The topology decides what is left out. */
  readonly capture?: CaptureChoices;
  /** What the capture file is called, without extension; by the topology and its seed when left out. */
  readonly captureName?: string;
  /** 'stop' when left out. In both cases the capture ends with a whole block, and the report names the problem. */
  readonly onCaptureFailure?: CaptureFailurePolicy;
  /** Called once, when the lab stands and before anything is opened: from now on there is something to put away. */
  readonly onBuilt?: () => void;
  /** Called once, at lab time zero, with the cluster's tables; not called without a cluster. */
  readonly onStart?: (before: ObjectTables) => void;
  /** Called for each line of the timeline as it happens. */
  readonly onTimeline?: (entry: TimelineEntry) => void;
  /**
   * Called between slices of lab time (at least every 100 ms of it and every 20,000 scheduler
   * events). Return null to go on at once, or a promise to go on later.
   */
  readonly breathe?: (now: Nanos) => Promise<void> | null;
  /**
   * Watches the run: told of the lab before its first frame, then after each instant. It may change nothing.
   */
  readonly recorder?: RunWatcher;
  /**
   * Aborting ends the run at the next slice: captures closed, report with outcome 'interrupted'. An
   * AbortSignal is one.
   */
  readonly signal?: { readonly aborted: boolean };
}

/**
 * Runs a topology's scenario to its end, to an abort, or to the problem that stops the lab (then the
 * report says so). @throws EgressLabError for what cannot even start; anything else thrown is a bug.
 */
export type RunScenario = (topology: Topology, options: RunOptions) => Promise<RunReport>;
