// The node-side monitor of 4.2-4.7 (release-4.3 pkg/network/node/vxlan_monitor.go): it watches packet
// counters. A node to which egress traffic was sent and from which nothing at all came back is
// suspect; a dial, whose own answer would count, provokes one. No traffic, no verdict.

import type { Scheduler, Timer } from '../../../sim/scheduler.ts';
import { type Nanos, seconds } from '../../../sim/time.ts';
import { parseIpv4 } from '../../../wire/ipv4-address.ts';
import { DISCARD_PORT, type Dialer } from '../../dialer.ts';
import type { TunnelCounters } from './egress-node.ts';
import type { Klog } from './klog.ts';
import type { NodeMonitor, VerdictListener } from './node-monitor.ts';
import { MAX_RETRIES, POLL_INTERVAL_SECONDS } from './peer-health.ts';

const POLL_INTERVAL = seconds(POLL_INTERVAL_SECONDS);
const REPOLL_PAUSE = seconds(1);
const SUSPECT_PING_TIMEOUT = seconds(1);
const OFFLINE_PING_TIMEOUT = seconds(5);

/** What the monitor is made of. */
export interface VxlanMonitorOptions {
  readonly scheduler: Scheduler;
  readonly dialer: Dialer;
  readonly counters: (nodeIp: string) => TunnelCounters;
  readonly klog: Klog;
  readonly onVerdict: VerdictListener;
}

interface Watched {
  readonly nodeIp: string;
  readonly sdnIp: string;
  /** How many active egress IPs it hosts. */
  uses: number;
  /** Counters at the last good check. */
  received: number;
  sent: number;
  offline: boolean;
  misses: number;
}

/** 4.3's health check of an sdn pod: it compares counters of its VXLAN tunnels. */
export class VxlanMonitor implements NodeMonitor {
  readonly #options: VxlanMonitorOptions;
  readonly #peers = new Map<string, Watched>();
  #timer: Timer | null = null;
  /** Passes over suspects do not shift the five-second grid. */
  #nextPoll: Nanos = 0;

  constructor(options: VxlanMonitorOptions) {
    this.#options = options;
  }

  watch(nodeIp: string, sdnIp: string): void {
    const known = this.#peers.get(nodeIp);
    if (known !== undefined) {
      known.uses++;
      return;
    }
    this.#options.klog.log('monitoring', `Monitoring node ${nodeIp}`);
    const fresh = { uses: 1, received: 0, sent: 0, offline: false, misses: 0 };
    this.#peers.set(nodeIp, { nodeIp, sdnIp, ...fresh });
    if (this.#timer === null) this.#arm(POLL_INTERVAL, false);
  }

  unwatch(nodeIp: string): void {
    const known = this.#peers.get(nodeIp);
    if (known === undefined || --known.uses > 0) return;
    this.#options.klog.log('unmonitoring', `Unmonitoring node ${nodeIp}`);
    this.#peers.delete(nodeIp);
    if (this.#peers.size === 0) this.stop();
  }

  stop(): void {
    if (this.#timer !== null) this.#options.scheduler.cancel(this.#timer);
    this.#timer = null;
    this.#peers.clear();
  }

  /** One pass over the counters; `retryOnly` looks at suspects alone. True when another pass is wanted in 1 s. */
  check(retryOnly: boolean): boolean {
    let retry = false;
    for (const peer of this.#peers.values()) {
      if (retryOnly && peer.misses === 0) continue;
      const now = this.#options.counters(peer.nodeIp);
      if (peer.offline) this.#checkOffline(peer, now);
      else if (this.#checkOnline(peer, now)) retry = true;
    }
    return retry;
  }

  /** Called by the timer. */
  poll(retryOnly: boolean): void {
    const { now } = this.#options.scheduler;
    if (!retryOnly) this.#nextPoll = now + POLL_INTERVAL;
    const retry = this.check(retryOnly);
    if (this.#peers.size === 0) return;
    this.#arm(retry ? REPOLL_PAUSE : this.#nextPoll - now, retry);
  }

  #arm(delay: Nanos, retryOnly: boolean): void {
    const options = { background: true };
    this.#timer = this.#options.scheduler.after(delay, poll, this, retryOnly, options);
  }

  #checkOffline(peer: Watched, now: TunnelCounters): void {
    if (now.received <= peer.received) {
      this.#provoke(peer, OFFLINE_PING_TIMEOUT);
      return;
    }
    peer.offline = false;
    peer.received = now.received;
    peer.sent = now.sent;
    this.#options.klog.log('node-peer-online', `Node ${peer.nodeIp} is back online`);
    this.#options.onVerdict(peer.nodeIp, false);
  }

  /** True while the peer is suspect. */
  #checkOnline(peer: Watched, now: TunnelCounters): boolean {
    const { klog, onVerdict } = this.#options;
    if (now.sent <= peer.sent || now.received > peer.received) {
      peer.misses = 0;
      peer.received = now.received;
      peer.sent = now.sent;
      return false;
    }
    peer.misses++;
    if (peer.misses > MAX_RETRIES) {
      peer.misses = 0;
      peer.offline = true;
      klog.log('node-peer-offline', `Node ${peer.nodeIp} is offline`);
      onVerdict(peer.nodeIp, true);
      return false;
    }
    // The first suspicion is not worth a line.
    if (peer.misses > 1) {
      klog.log('node-peer-doubtful', `Node ${peer.nodeIp} may be offline... retrying`);
    }
    this.#provoke(peer, SUSPECT_PING_TIMEOUT);
    return true;
  }

  /** Its outcome does not matter: any answer raises the counter. */
  #provoke(peer: Watched, timeout: Nanos): void {
    const address = parseIpv4(peer.sdnIp);
    if (address !== null) this.#options.dialer.dial(address, DISCARD_PORT, timeout, ignore);
  }
}

function ignore(): void {
  // The answer has been counted by the data plane.
}

function poll(monitor: VxlanMonitor, retryOnly: boolean): void {
  monitor.poll(retryOnly);
}
