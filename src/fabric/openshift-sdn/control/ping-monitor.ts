// The node-side monitor of HEAD (since 4.8): every 5 s it dials each watched node with 5 s patience;
// while one is suspect it pauses 1 s and dials the suspects again with 1 s patience. Measured from the
// tick: doubts at 5.0 and 7.0 s, offline at 9.0 s. Ticks during a running poll are lost.

import type { Scheduler, Timer } from '../../../sim/scheduler.ts';
import { seconds } from '../../../sim/time.ts';
import type { Dialer } from '../../dialer.ts';
import type { Klog } from './klog.ts';
import type { NodeMonitor, VerdictListener } from './node-monitor.ts';
import { dialAll, judge, type Peer, POLL_INTERVAL_SECONDS } from './peer-health.ts';
import type { Profile } from './profile.ts';

const POLL_INTERVAL = seconds(POLL_INTERVAL_SECONDS);
const DIAL_TIMEOUT = seconds(5);
const RETRY_PAUSE = seconds(1);
const RETRY_TIMEOUT = seconds(1);

/** What the monitor is made of. */
export interface PingMonitorOptions {
  readonly scheduler: Scheduler;
  readonly dialer: Dialer;
  readonly profile: Profile;
  readonly klog: Klog;
  readonly onVerdict: VerdictListener;
}

interface Watched extends Peer {
  /** How many active egress IPs it hosts. */
  uses: number;
}

/** HEAD's health check of an sdn pod: it dials TCP port 9 of the egress nodes. */
export class PingMonitor implements NodeMonitor {
  readonly #options: PingMonitorOptions;
  readonly #peers = new Map<string, Watched>();
  #ticker: Timer | null = null;
  #polling = false;
  #stopped = false;

  constructor(options: PingMonitorOptions) {
    this.#options = options;
  }

  watch(nodeIp: string, sdnIp: string, offline: boolean): void {
    const known = this.#peers.get(nodeIp);
    if (known !== undefined) {
      known.uses++;
      return;
    }
    this.#options.klog.log('monitoring', `Monitoring node ${nodeIp}`);
    this.#peers.set(nodeIp, { nodeIp, sdnIp, offline, failures: 0, uses: 1 });
    if (this.#ticker === null) this.#arm();
  }

  unwatch(nodeIp: string): void {
    const known = this.#peers.get(nodeIp);
    if (known === undefined || --known.uses > 0) return;
    this.#options.klog.log('unmonitoring', `Unmonitoring node ${nodeIp}`);
    this.#peers.delete(nodeIp);
    if (this.#peers.size === 0) this.#disarm();
  }

  stop(): void {
    this.#stopped = true;
    this.#peers.clear();
    this.#disarm();
  }

  /** Called by the ticker. */
  tick(): void {
    this.#arm();
    if (this.#polling) return;
    this.#polling = true;
    this.#check([...this.#peers.values()], DIAL_TIMEOUT);
  }

  #arm(): void {
    const options = { background: true };
    this.#ticker = this.#options.scheduler.after(POLL_INTERVAL, tick, this, null, options);
  }

  #disarm(): void {
    if (this.#ticker !== null) this.#options.scheduler.cancel(this.#ticker);
    this.#ticker = null;
  }

  #check(peers: readonly Watched[], timeout: number): void {
    const { dialer, profile, scheduler } = this.#options;
    const sequential = profile.quirks.has('sequential-dials');
    const suspects: Watched[] = [];
    const answer = (peer: Peer, answered: boolean): void => {
      const watched = this.#peers.get(peer.nodeIp);
      if (watched !== peer || this.#stopped) return;
      if (this.#judge(watched, answered)) suspects.push(watched);
    };
    dialAll(dialer, peers, timeout, sequential, answer, () => {
      if (suspects.length === 0 || this.#stopped) {
        this.#polling = false;
        return;
      }
      scheduler.after(RETRY_PAUSE, () => this.#check(suspects, RETRY_TIMEOUT), null, null);
    });
  }

  /** True when the peer has to be dialed again. */
  #judge(peer: Watched, answered: boolean): boolean {
    const { klog, onVerdict, profile } = this.#options;
    const verdict = judge(peer, answered, profile.quirks.has('sticky-failure-count'));
    if (verdict === null) return false;
    if (verdict === 'doubtful') {
      klog.log('node-peer-doubtful', `Node ${peer.nodeIp} may be offline... retrying`);
      return true;
    }
    if (verdict === 'online') klog.log('node-peer-online', `Node ${peer.nodeIp} is back online`);
    else klog.log('node-peer-offline', `Node ${peer.nodeIp} is offline`);
    onVerdict(peer.nodeIp, verdict === 'offline');
    return false;
  }
}

function tick(monitor: PingMonitor): void {
  monitor.tick();
}
