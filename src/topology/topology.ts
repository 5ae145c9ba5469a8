// A whole topology, once it is valid: what `parseTopology` returns and `lab` builds from. It stands
// apart from its parts (`model.ts`), because steps are made of parts and the whole has steps.

import type { Epoch } from '../sim/epoch.ts';
import type { Nanos } from '../sim/time.ts';
import type { AttachmentSpec } from './attachments/attachment.ts';
import type { ExploreSpec } from './explore.ts';
import type {
  CaptureSpec,
  ClusterSpec,
  FlowSpec,
  MachineSpec,
  SegmentLinkSpec,
  SegmentSpec,
} from './model.ts';
import type { Step } from './steps/index.ts';

/** A whole lab with its scenario. */
export interface Topology {
  readonly name: string;
  readonly description: string;
  /** The file as the user named it, or a label for a topology built in code. */
  readonly file: string;
  /** 8 hex digits over the source text: tells two versions of a topology apart. */
  readonly digest: string;
  readonly seed: number;
  /** Date and time of time zero in captures and logs. */
  readonly epoch: Epoch;
  readonly segments: readonly SegmentSpec[];
  readonly links: readonly SegmentLinkSpec[];
  readonly hosts: readonly MachineSpec[];
  readonly cluster: ClusterSpec | null;
  /** Where the lab is joined to the kernel; such a lab runs in real time only. */
  readonly attachments: readonly AttachmentSpec[];
  readonly capture: CaptureSpec;
  readonly scenario: ScenarioSpec;
  /** Null when the file does not say what may vary. */
  readonly explore: ExploreSpec | null;
}

/** What happens in the lab, and for how long. */
export interface ScenarioSpec {
  readonly duration: Nanos;
  readonly flows: readonly FlowSpec[];
  /** In order of time; those of one instant in the order of the file. */
  readonly steps: readonly Step[];
}
