// What `egresslab up` runs beside the lab, and the options each brings. One line per service.

import type { Options } from 'yargs';
import type { LabService } from '../platform/lab-service.ts';
import type { Topology } from '../topology/model.ts';
import type { Session } from './commands/command.ts';
import { labServerService } from './lab-server-service.ts';

/** A service that `up` can start. */
export interface UpService {
  /** Its command line options, by long name. */
  readonly options: Readonly<Record<string, Options>>;
  /**
   * Called once the topology is known to be sound. `typed` holds the options as yargs gives them;
   * null when the service was not asked for. @throws EgressLabError for options that mean nothing.
   */
  create(
    typed: Readonly<Record<string, unknown>>,
    topology: Topology,
    session: Session,
  ): Promise<LabService | null>;
}

/** In the order of starting; they are stopped in the opposite one. */
export const upServices: readonly UpService[] = [labServerService];
