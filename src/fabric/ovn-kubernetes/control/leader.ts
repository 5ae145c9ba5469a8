// Leader election by a Lease (client-go tools/leaderelection, with the times of OpenShift's single-replica
// tolerant setting): a replica takes the lease when nobody has renewed it for its duration, and gives up
// when it cannot renew it itself.

import type { ApiConnection } from '../../../kube/client/connection.ts';
import type { NewObject } from '../../../kube/kinds/object.ts';
import { parseTimestamp, type WallClock } from '../../../kube/wall-clock.ts';
import type { Scheduler, Timer } from '../../../sim/scheduler.ts';
import { type Nanos, seconds } from '../../../sim/time.ts';
import { type Lease, Leases } from '../kinds/lease.ts';
import { LEASE_NAME, OVN_NAMESPACE } from './names.ts';

const LEASE_SECONDS = 137;
const RENEW_DEADLINE: Nanos = seconds(107);
const RETRY_PERIOD: Nanos = seconds(26);

/** Who asks for the lease, and who hears of it. */
export interface LeaderOptions {
  readonly connection: ApiConnection;
  readonly scheduler: Scheduler;
  readonly clock: WallClock;
  /** Who asks: the node of the replica. */
  readonly identity: string;
  readonly onLeading: () => void;
  /** The lease is lost: the process ends itself. */
  readonly onLost: () => void;
}

/** One candidate for the lease. */
export class Leader {
  readonly #options: LeaderOptions;
  #timer: Timer | null = null;
  #stopped = false;
  #leading = false;
  #renewed: Nanos = 0;

  constructor(options: LeaderOptions) {
    this.#options = options;
  }

  start(): void {
    this.#try();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) this.#options.scheduler.cancel(this.#timer);
  }

  /** Called by the timer. */
  tick(): void {
    if (this.#stopped) return;
    const { scheduler, onLost } = this.#options;
    if (this.#leading && scheduler.now - this.#renewed >= RENEW_DEADLINE) {
      this.stop();
      onLost();
      return;
    }
    this.#try();
  }

  #try(): void {
    const { clock, connection, identity, scheduler } = this.#options;
    this.#timer = scheduler.after(RETRY_PERIOD, tick, this, null, { background: true });
    connection.request(
      (store) => {
        const now = clock.timestamp();
        const known = store.get(Leases, LEASE_NAME, OVN_NAMESPACE);
        if (known === null) return store.create(Leases, leaseOf(identity, now, now, 0));
        const { acquireTime = now, holderIdentity, leaseTransitions = 0 } = known.spec;
        if (holderIdentity !== identity && !isExpired(known, clock)) {
          return { ok: true, object: known, changed: false };
        }
        const isSame = holderIdentity === identity;
        const { spec } = leaseOf(
          identity,
          isSame ? acquireTime : now,
          now,
          leaseTransitions + (isSame ? 0 : 1),
        );
        return store.update(Leases, { ...known, spec });
      },
      (result) => {
        if (this.#stopped || !result.ok || result.object.spec.holderIdentity !== identity) return;
        this.#renewed = scheduler.now;
        if (this.#leading) return;
        this.#leading = true;
        this.#options.onLeading();
      },
    );
  }
}

/** The lease with which a replica leads. */
function leaseOf(
  holder: string,
  acquired: string,
  renewed: string,
  transitions: number,
): NewObject<Lease> {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: LEASE_NAME, namespace: OVN_NAMESPACE },
    spec: {
      holderIdentity: holder,
      leaseDurationSeconds: LEASE_SECONDS,
      acquireTime: acquired,
      renewTime: renewed,
      leaseTransitions: transitions,
    },
  };
}

function isExpired({ spec }: Lease, clock: WallClock): boolean {
  const renewed = parseTimestamp(spec.renewTime ?? '');
  return renewed === null || clock.seconds() - renewed >= (spec.leaseDurationSeconds ?? 0);
}

function tick(leader: Leader): void {
  leader.tick();
}
