// Where decisions are told: the log of the process and Events about objects.

import type { EgressIpEvent } from './allocator/messages.ts';

/** Info, warning or error. */
export type Severity = 'I' | 'W' | 'E';

/** A process's voice. */
export interface Voice {
  /** Writes a klog line; `at` is file and line of the original, `verbosity` what `--v` must be at least. */
  log(severity: Severity, at: string, text: string, verbosity?: number): void;
  /** Records a Warning about an EgressIP. */
  event(object: string, event: EgressIpEvent): void;
}
