// Where commands are carried out: the lab's API, and where their words go.

import type { Scheduler } from '../../sim/scheduler.ts';
import type { ListStyle } from '../kinds/columns.ts';
import type { PodLogs } from '../server/pod-logs.ts';
import type { ObjectStore } from '../server/store.ts';

/** What a command finds. */
export interface OcEnvironment {
  readonly store: ObjectStore;
  readonly scheduler: Scheduler;
  readonly logs: PodLogs;
  readonly listStyle: ListStyle;
  /** The current project: where namespaced objects are looked for without `-n`. */
  readonly namespace: string;
  /** Where a pod that is not in the current project is looked for too: `oc logs sdn-8zhv7` works as the article types it. */
  readonly systemNamespace: string;
}

/** Where a command's words go. Texts carry their newlines. */
export interface OcOutput {
  out(text: string): void;
  err(text: string): void;
  /** Exactly once, last. */
  exit(code: number): void;
}

/** A command under way. */
export interface OcRun {
  /** Ends a watch, a wait or a followed log early, as Ctrl-C does: exit code 130. No-op when it has ended. */
  stop(): void;
}

/** A run that has ended already. */
export const ENDED: OcRun = { stop: () => undefined };
