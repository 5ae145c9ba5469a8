// Writes an allocation into the HostSubnets, one node after the other, only where the set of IPs
// differs, and tries again on a conflict as client-go's retry.RetryOnConflict does (five attempts,
// 10 ms and more apart). What is written over is the controller's own view, so a slow watch conflicts.

import type { ApiConnection } from '../../../kube/client/connection.ts';
import type { Informer } from '../../../kube/client/informer.ts';
import type { ApiResult } from '../../../kube/server/status.ts';
import type { Emitter } from '../../../sim/event-log.ts';
import type { Random } from '../../../sim/random.ts';
import type { Scheduler } from '../../../sim/scheduler.ts';
import { millis } from '../../../sim/time.ts';
import type { OpenshiftSdnEvents } from '../events.ts';
import { type HostSubnet, HostSubnets } from '../kinds/host-subnet.ts';
import type { Allocation } from './allocator.ts';
import type { Klog } from './klog.ts';

/** client-go util/retry DefaultRetry: steps, first pause, share of jitter. */
const MAX_ATTEMPTS = 5;
const FIRST_PAUSE = millis(10);
const JITTER = 0.1;

/** What the writer is made of. */
export interface AllocationWriterOptions {
  readonly scheduler: Scheduler;
  readonly connection: ApiConnection;
  readonly events: Emitter<OpenshiftSdnEvents>;
  readonly hostSubnets: Informer<HostSubnet>;
  readonly klog: Klog;
  readonly random: Random;
}

/** Writes the controller's decisions into HostSubnets, and tries again after a conflict. */
export class AllocationWriter {
  readonly #options: AllocationWriterOptions;
  #dead = false;

  constructor(options: AllocationWriterOptions) {
    this.#options = options;
  }

  /** Writes everything that differs, then calls `done`. */
  write(allocation: Allocation, done: () => void): void {
    this.#next([...allocation], 0, done);
  }

  /** The process died: nothing further is written. */
  stop(): void {
    this.#dead = true;
  }

  #next(
    entries: readonly (readonly [string, readonly string[]])[],
    at: number,
    done: () => void,
  ): void {
    const entry = entries[at];
    if (entry === undefined) {
      done();
      return;
    }
    this.#writeOne(entry[0], entry[1], 1, () => this.#next(entries, at + 1, done));
  }

  #writeOne(name: string, egressIPs: readonly string[], attempt: number, done: () => void): void {
    const known = this.#options.hostSubnets.get(name);
    if (known === null) {
      this.#fail(`hostsubnets.network.openshift.io "${name}" not found`);
      done();
      return;
    }
    if (sameSet(known.egressIPs ?? [], egressIPs)) {
      done();
      return;
    }
    const receive = (result: ApiResult<HostSubnet>): void => {
      if (this.#dead) return;
      if (!result.ok && result.status.reason === 'Conflict' && attempt < MAX_ATTEMPTS) {
        const pause = Math.round(FIRST_PAUSE * (1 + JITTER * this.#options.random.unit()));
        const again = (): void => this.#writeOne(name, egressIPs, attempt + 1, done);
        this.#options.scheduler.after(pause, again, null, null);
        return;
      }
      if (!result.ok) this.#fail(result.status.message);
      done();
    };
    this.#options.connection.request((store) => {
      const { egressIPs: _before, ...rest } = known;
      const wanted: HostSubnet = egressIPs.length === 0 ? rest : { ...rest, egressIPs };
      const result = store.update(HostSubnets, wanted);
      if (result.ok) this.#tell(name, known.egressIPs ?? [], egressIPs);
      return result;
    }, receive);
  }

  #tell(node: string, before: readonly string[], after: readonly string[]): void {
    const { events } = this.#options;
    for (const ip of before) {
      if (!after.includes(ip)) events.emit('controller', 'egress-ip-unassigned', { ip, node });
    }
    for (const ip of after) {
      if (!before.includes(ip)) events.emit('controller', 'egress-ip-assigned', { ip, node });
    }
  }

  #fail(why: string): void {
    this.#options.klog.log('update-failed', `Could not update HostSubnet EgressIPs: ${why}`);
  }
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const left = new Set(a);
  const right = new Set(b);
  return left.size === right.size && [...left].every((ip) => right.has(ip));
}
