// Where decisions are told: the log of the process and Events about objects.

import type { Severity } from '../../klog.ts';
import type { EgressIpEvent } from './allocator/messages.ts';

/** A process's voice. */
export interface Voice {
  /** Writes a klog line; `at` is file and line of the original, `verbosity` what `--v` must be at least. */
  log(severity: Severity, at: string, text: string, verbosity?: number): void;
  /** Records a Warning about an EgressIP. */
  event(object: string, event: EgressIpEvent): void;
}
