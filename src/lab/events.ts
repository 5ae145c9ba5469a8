// Everything that can stand in the log of a lab: what the lab itself says, and the maps of all rooms.

import type { ClusterEvents } from '../cluster/events.ts';
import type { FabricEvents } from '../fabric/events.ts';
import type { KubeEvents } from '../kube/events.ts';
import type { LinkEvents } from '../link/events.ts';
import type { NatEvents } from '../nat/events.ts';
import type { EventOf, NoFields } from '../sim/event-log.ts';
import type { Nanos } from '../sim/time.ts';
import type { StackEvents } from '../stack/events.ts';
import type { ScenarioEvents } from '../topology/events.ts';
import type { CableDirection } from '../topology/steps/step.ts';

/** What is broken and mended, by the name of a machine, a cable or a segment. */
export interface FaultEvents {
  /** A cable, or one direction of it, was darkened. */
  readonly 'link-down': { readonly direction: CableDirection };
  /** And came back. */
  readonly 'link-up': { readonly direction: CableDirection };
  /** A cable does other things to frames from now on. */
  readonly impaired: { readonly direction: CableDirection };
  /** And does what the topology says again. */
  readonly repaired: { readonly direction: CableDirection };
  /** Machines of different groups do not hear each other. */
  readonly partitioned: {
    /** The machines of each group, with spaces between them. */
    readonly groups: readonly string[];
  };
  /** All partitions of a segment are over. */
  readonly healed: NoFields;
  /** Power off. */
  readonly 'powered-off': NoFields;
  /** Power on; what the machine had learned is gone. */
  readonly 'powered-on': NoFields;
  /** All cables are out. */
  readonly unplugged: NoFields;
  /** All cables are in. */
  readonly 'plugged-in': NoFields;
}

/** What devices of the kernel report (see attachment.ts), by `kernel` or the name of a machine. */
export interface AttachmentEvents {
  /** The lab is joined to a device of the kernel. */
  readonly attached: {
    readonly device: string;
    /** How, for people; may be empty. */
    readonly details: string;
  };
  /** The kernel's device was set up. */
  readonly 'attachment-up': { readonly device: string };
  /** The kernel's device was set down. */
  readonly 'attachment-down': { readonly device: string };
  /** The kernel's device has another name. */
  readonly 'attachment-renamed': { readonly device: string; readonly name: string };
  /** The kernel's device is gone. */
  readonly 'attachment-gone': { readonly device: string; readonly why: string };
}

/** What the driver of a lab in real time reports, as `realtime`. */
export interface DriverEvents {
  /** The lab is behind real time. */
  readonly 'realtime-lag': { readonly lag: Nanos };
}

/** Each kind of event that a lab can log, with its fields. */
export interface LabEvents
  extends LinkEvents,
    StackEvents,
    NatEvents,
    KubeEvents,
    FabricEvents,
    ClusterEvents,
    ScenarioEvents,
    FaultEvents,
    AttachmentEvents,
    DriverEvents {}

/** One thing that happened in a lab; `kind` says which fields it has. */
export type LabEvent = EventOf<LabEvents>;
