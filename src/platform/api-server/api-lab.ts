// What the API server needs of a running lab. Everything it does to objects it does within `perform`:
// in the lab's present instant, between two tasks, so that there is one order of all that happens.

import type { KubeEvents } from '../../kube/events.ts';
import type { ColumnContext } from '../../kube/kinds/columns.ts';
import type { Verb } from '../../kube/kinds/kind.ts';
import type { KindRegistry } from '../../kube/kinds/registry.ts';
import type { PodLogs } from '../../kube/server/pod-logs.ts';
import type { ObjectStore } from '../../kube/server/store.ts';
import type { Lab } from '../../lab/lab.ts';
import type { LabCluster } from '../../lab/lab-cluster.ts';
import type { Emitter } from '../../sim/event-log.ts';
import type { Nanos } from '../../sim/time.ts';

/** See RealtimeDriver.perform. */
export type Perform = <T>(action: () => T) => T;

/** The lab behind an API server. */
export class ApiLab {
  readonly lab: Lab;
  readonly store: ObjectStore;
  readonly logs: PodLogs;
  readonly columns: ColumnContext;
  readonly perform: Perform;
  readonly #now: () => Nanos;
  readonly #events: Emitter<KubeEvents>;

  constructor(lab: Lab, { controlPlane, ocEnvironment }: LabCluster, perform: Perform) {
    this.lab = lab;
    this.#events = lab.events;
    this.store = controlPlane.store;
    this.logs = controlPlane.logs;
    this.columns = { clock: controlPlane.clock, listStyle: ocEnvironment.listStyle };
    this.perform = perform;
    this.#now = () => ocEnvironment.scheduler.now;
  }

  /** Logs what a client wrote. Call it within `perform`. */
  note(by: string, verb: Verb, object: string, body: string): void {
    this.#events.emit(by, 'api-write', { verb, object, body });
  }

  /** The kinds that are served. */
  get kinds(): KindRegistry {
    return this.store.kinds;
  }

  /** Nanoseconds of lab time. */
  get now(): Nanos {
    return this.#now();
  }
}
