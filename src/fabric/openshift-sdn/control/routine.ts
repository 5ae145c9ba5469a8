// What an sdn pod says while nothing is wrong: how it starts (pkg/network/node/node.go, Start) and the VNIDs that
// it looks through every hour. Lines that name a build or a file of the container are left out. A cluster is a
// day old at time zero: how its pods once started is no longer in their logs.

import type { Scheduler, Timer } from '../../../sim/scheduler.ts';
import { type Nanos, seconds } from '../../../sim/time.ts';
import type { Klog } from './klog.ts';
import type { ProfileName } from './profile.ts';
import type { LocalPod } from './site.ts';

/** wait.Forever(SyncVNIDRules, time.Hour). */
const SYNC_INTERVAL: Nanos = seconds(3600);
/** The first two ports of br0 are vxlan0 and tun0. */
const FIRST_POD_PORT = 3;
const SYNCED = 'SyncVNIDRules: 0 unused VNIDs';
const PLUGIN = '"redhat/openshift-ovs-networkpolicy"';

/** Who starts, and what it finds. */
export interface RoutineOptions {
  readonly scheduler: Scheduler;
  readonly klog: Klog;
  readonly profile: ProfileName;
  readonly node: string;
  readonly nodeIp: string;
  /** The pod switch stood already: the process alone was started again. */
  readonly wasSetUp: boolean;
  readonly pods: readonly LocalPod[];
}

/** The part of an sdn pod that talks of everyday things. */
export class Routine {
  readonly #options: RoutineOptions;
  #timer: Timer | null = null;

  /** Starts, and says so unless it has been running since long before time zero. */
  constructor(options: RoutineOptions) {
    this.#options = options;
    const { scheduler } = options;
    if (scheduler.now > 0) this.#introduce();
    this.#arm();
  }

  #introduce(): void {
    const { klog, node, nodeIp, pods, profile, wasSetUp } = this.#options;
    klog.log(
      'node-initializing',
      profile === 'head'
        ? `Initializing SDN node "${node}" (${nodeIp}) of type ${PLUGIN}`
        : `Initializing SDN node of type ${PLUGIN} with configured hostname "${node}" (IP "")`,
    );
    klog.log('plugin-starting', 'Starting openshift-sdn network plugin');
    if (wasSetUp) klog.log('already-set-up', '[SDN setup] SDN is already set up');
    else klog.log('set-up-required', '[SDN setup] full SDN setup required (Link not found)');
    klog.log('pod-manager-starting', 'Starting openshift-sdn pod manager');
    klog.log('mtu-check', 'Checking default interface MTU');
    klog.log('vnids-synced', SYNCED);
    klog.log('proxy-awaited', 'openshift-sdn network plugin waiting for proxy startup to complete');
    klog.log('plugin-registering', 'openshift-sdn network plugin registering startup');
    klog.log('plugin-ready', 'openshift-sdn network plugin ready');
    // Pods that lost their network are made anew once there is one.
    if (wasSetUp) return;
    for (const [index, { address, name, namespace }] of pods.entries()) {
      const port = FIRST_POD_PORT + index;
      klog.log('pod-added', `CNI_ADD ${namespace}/${name} got IP ${address}, ofport ${port}`);
    }
  }

  /** Called by the timer: flows of VNIDs that no pod uses are taken out; here there never are any. */
  sync(): void {
    this.#options.klog.log('vnids-synced', SYNCED);
    this.#arm();
  }

  #arm(): void {
    const options = { background: true };
    this.#timer = this.#options.scheduler.after(SYNC_INTERVAL, sync, this, null, options);
  }

  /** The process died. */
  stop(): void {
    if (this.#timer !== null) this.#options.scheduler.cancel(this.#timer);
    this.#timer = null;
  }
}

function sync(routine: Routine): void {
  routine.sync();
}
