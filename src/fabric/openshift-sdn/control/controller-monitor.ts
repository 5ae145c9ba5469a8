// The controller's health monitor (pkg/network/master/egressip.go): dials every node with egressCIDRs,
// in random order and one after the other, and starts over 5 s after the last start, or at once while
// a node is suspect. The intended short retry timeout is lost to a shadowed variable (a quirk), so
// a dead node takes 5 + 5 + 5 s. HEAD asks the Node's Ready condition first.

import type { Random } from '../../../sim/random.ts';
import type { Scheduler, Timer } from '../../../sim/scheduler.ts';
import { type Nanos, seconds } from '../../../sim/time.ts';
import type { Dialer } from '../../dialer.ts';
import type { Klog } from './klog.ts';
import type { VerdictListener } from './node-monitor.ts';
import { dialAll, judge, type Peer, POLL_INTERVAL_SECONDS } from './peer-health.ts';
import type { Profile } from './profile.ts';

const POLL_INTERVAL = seconds(POLL_INTERVAL_SECONDS);
const DIAL_TIMEOUT = seconds(5);
const INTENDED_RETRY_TIMEOUT = seconds(1);

/** What the Node object says; 'missing' when there is none. */
export type Readiness = 'ready' | 'not-ready' | 'missing';

/** A node that the monitor should watch. */
export interface MonitoredNode {
  readonly name: string;
  readonly nodeIp: string;
  readonly sdnIp: string;
}

/** What the monitor is made of. */
export interface ControllerMonitorOptions {
  readonly scheduler: Scheduler;
  readonly dialer: Dialer;
  readonly profile: Profile;
  readonly klog: Klog;
  readonly random: Random;
  readonly readiness: (nodeName: string) => Readiness;
  readonly onVerdict: VerdictListener;
}

interface Monitored extends Peer {
  readonly name: string;
}

/** The controller's health check of egress nodes. */
export class ControllerMonitor {
  readonly #options: ControllerMonitorOptions;
  #peers = new Map<string, Monitored>();
  #timer: Timer | null = null;
  #checking = false;
  /** Counts starts and stops: what an earlier life began has no say any more. */
  #life = 0;

  constructor(options: ControllerMonitorOptions) {
    this.#options = options;
  }

  /** Watches exactly these from now on; what is known of a node IP stays. */
  setNodes(nodes: readonly MonitoredNode[]): void {
    const peers = new Map<string, Monitored>();
    for (const { name, nodeIp, sdnIp } of nodes) {
      const known = this.#peers.get(nodeIp);
      const same = known !== undefined && known.sdnIp === sdnIp && known.name === name;
      const { offline = false, failures = 0 } = known ?? {};
      peers.set(nodeIp, same ? known : { name, nodeIp, sdnIp, offline, failures });
    }
    this.#peers = peers;
    if (peers.size === 0) this.stop();
    else if (this.#timer === null && !this.#checking) this.#check(false);
  }

  /** Nobody is watched any more. */
  stop(): void {
    this.#life++;
    this.#peers = new Map();
    this.#checking = false;
    if (this.#timer !== null) this.#options.scheduler.cancel(this.#timer);
    this.#timer = null;
  }

  /** Called by the timer. */
  poll(): void {
    this.#timer = null;
    this.#check(false);
  }

  #check(retrying: boolean): void {
    const { dialer, profile, random, scheduler } = this.#options;
    const life = this.#life;
    const started = scheduler.now;
    const order = random.shuffle([...this.#peers.values()]);
    this.#checking = true;
    const dialed = profile.controllerChecksReady ? this.#readyOnes(order) : order;
    const shortened = retrying && !profile.quirks.has('shadowed-retry-flag');
    let retry = false;
    dialAll(
      dialer,
      dialed,
      shortened ? INTENDED_RETRY_TIMEOUT : DIAL_TIMEOUT,
      profile.quirks.has('sequential-dials'),
      (peer, answered) => {
        if (life === this.#life && this.#judge(peer, answered)) retry = true;
      },
      () => {
        if (life === this.#life) this.#finish(started, retry);
      },
    );
  }

  #finish(started: Nanos, retry: boolean): void {
    if (retry) {
      // At once, but not inside the answer of the last dial.
      this.#options.scheduler.post(again, this, this.#life);
      return;
    }
    this.#checking = false;
    const { now } = this.#options.scheduler;
    const delay = Math.max(0, started + POLL_INTERVAL - now);
    this.#timer = this.#options.scheduler.after(delay, poll, this, null, { background: true });
  }

  /** Called when a suspect has to be dialed again. */
  again(life: number): void {
    if (life === this.#life) this.#check(true);
  }

  /** Those worth a dial: NotReady nodes are offline without one, and a missing Node ends the round. */
  #readyOnes(order: readonly Monitored[]): readonly Monitored[] {
    const { klog, onVerdict, readiness } = this.#options;
    const ready: Monitored[] = [];
    for (const peer of order) {
      const state = readiness(peer.name);
      if (state === 'missing') {
        klog.log('controller-node-missing', 'Node may have been deleted or not exist anymore');
        break;
      }
      if (state === 'ready') {
        ready.push(peer);
        continue;
      }
      klog.log(
        'controller-node-not-ready',
        `Node ${peer.name} is not Ready, marking it offline...`,
      );
      peer.offline = true;
      onVerdict(peer.nodeIp, true);
    }
    return ready;
  }

  /** True when the node has to be dialed again. */
  #judge(peer: Peer, answered: boolean): boolean {
    const { klog, onVerdict, profile } = this.#options;
    if (this.#peers.get(peer.nodeIp) !== peer) return false;
    const verdict = judge(peer, answered, profile.quirks.has('sticky-failure-count'));
    if (verdict === null) return false;
    if (verdict === 'doubtful') {
      klog.log('controller-node-doubtful', `Node ${peer.nodeIp} may be offline... retrying`);
      return true;
    }
    if (verdict === 'online')
      klog.log('controller-node-online', `Node ${peer.nodeIp} is back online`);
    else klog.log('controller-node-offline', `Node ${peer.nodeIp} is offline`);
    onVerdict(peer.nodeIp, verdict === 'offline');
    return false;
  }
}

function poll(monitor: ControllerMonitor): void {
  monitor.poll();
}

function again(monitor: ControllerMonitor, life: number): void {
  monitor.again(life);
}
