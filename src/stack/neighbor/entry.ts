// One neighbor and its reachability machine, as in net/core/neighbour.c (NUD, RFC 4861 7.3):
//
//            packet              answer             reachable_time
//   NONE ──────────▶ INCOMPLETE ───────▶ REACHABLE ───────────────▶ STALE
//                        │                ▲     ▲                     │ packet
//              no answer │         answer │     │ confirmed           ▼
//                        ▼                │     └────────────────── DELAY
//   (packet: again) FAILED ◀──────────── PROBE ◀──────────────────────┘ 5 s
//
// Packets never prolong REACHABLE; replies and confirmations (TCP progress) do. Timers have the
// slack of Linux's timer wheel: see timer-wheel.ts.

import type { DropReason } from '../../link/drop-reason.ts';
import type { Scheduler } from '../../sim/scheduler.ts';
import { millis, type Nanos, seconds } from '../../sim/time.ts';
import { EthernetHeader } from '../../wire/ethernet-header.ts';
import type { Frame, FrameArena } from '../../wire/frame.ts';
import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import { type MacAddress, ZERO_MAC } from '../../wire/mac-address.ts';
import type { Interface } from '../device/interface.ts';
import { StackDrop } from '../drop-reason.ts';
import {
  MINIMUM_RETRANSMISSION,
  maximumProbes,
  retransmission,
  type Solicitation,
  solicitation,
} from './probing.ts';
import { NeighborQueue } from './queue.ts';
import {
  CONNECTED_STATES,
  type NeighborCause,
  NeighborState,
  TIMER_STATES,
  VALID_STATES,
} from './state.ts';
import type { TimerWheel, WheelTimer } from './timer-wheel.ts';
import { UpdateFlag } from './update-flag.ts';

/** What an entry needs from the table that holds it. */
export interface NeighborHost {
  readonly scheduler: Scheduler;
  readonly timers: TimerWheel;
  readonly arena: FrameArena;
  /** Of the frames that carry packets to neighbors. */
  readonly etherType: number;
  /** How long the interface's neighbors stay REACHABLE at present. */
  reachableTime(iface: Interface): Nanos;
  /** True if an entry that has not been confirmed for reachableTime is forgotten, not re-probed. */
  readonly forgetsUnconfirmed: boolean;
  solicit(entry: NeighborEntry, kind: Solicitation): void;
  changed(entry: NeighborEntry, state: NeighborState, mac: MacAddress, cause: NeighborCause): void;
  forget(entry: NeighborEntry, cause: NeighborCause): void;
  drop(frame: Frame, iface: Interface, reason: DropReason): void;
  /** Resolution failed for a packet that waited (arp_error_report). */
  unreachable(frame: Frame, iface: Interface): void;
}

/** What is known of one neighbor, and what waits for it. */
export class NeighborEntry {
  // What every packet reads stands first: it shares a cache line.
  readonly iface: Interface;
  readonly address: Ipv4Address;
  /** Valid only in VALID states. */
  mac: MacAddress = ZERO_MAC;
  #state: NeighborState = NeighborState.None;
  readonly #header: EthernetHeader;
  readonly queue: NeighborQueue = new NeighborQueue();
  readonly #host: NeighborHost;
  /** Last proof of reachability. */
  confirmed: Nanos;
  /** Last change of state or MAC: locktime counts from here. */
  updated: Nanos;
  /** Last packet that found the entry unconnected; connected ones pass by unseen, as in Linux. */
  used: Nanos;
  /** Requests sent in this round. */
  #probes = 0;
  #timer: WheelTimer | null = null;

  constructor(host: NeighborHost, iface: Interface, address: Ipv4Address) {
    this.#host = host;
    this.#header = new EthernetHeader(host.etherType);
    this.iface = iface;
    this.address = address;
    const { now } = host.scheduler;
    this.updated = now;
    this.used = now;
    this.confirmed = longAgo(iface, now);
  }

  get state(): NeighborState {
    return this.#state;
  }

  get connected(): boolean {
    return (this.#state & CONNECTED_STATES) !== 0;
  }

  /** `mac` is known. */
  get valid(): boolean {
    return (this.#state & VALID_STATES) !== 0;
  }

  /** When the entry acts by itself (asks again, goes STALE); null: it waits for a packet. */
  get deadline(): Nanos | null {
    return this.#timer?.bucket.expiry ?? null;
  }

  /** A timer holds the entry: the collector leaves it alone. */
  get hasTimer(): boolean {
    return (this.#state & TIMER_STATES) !== 0;
  }

  /** Sends a packet, or lets it wait (neigh_resolve_output). */
  output(frame: Frame): void {
    this.engage(frame);
    if (this.valid) this.transmit(frame);
  }

  /** The neighbor is needed now (neigh_event_send); a packet, if given, waits unless the MAC is known. */
  engage(frame: Frame | null): void {
    const { neigh } = this.iface;
    this.used = this.#host.scheduler.now;
    if (this.valid) {
      if (this.#state !== NeighborState.Stale) return;
      this.#enter(NeighborState.Delay, 'packet');
      this.#arm(seconds(neigh.delay_first_probe_time), true);
    } else if (this.#state === NeighborState.Incomplete) {
      if (frame !== null) this.#enqueue(frame);
    } else if (neigh.mcast_solicit + neigh.app_solicit === 0) {
      this.#enter(NeighborState.Failed, 'packet');
      if (frame !== null) this.#host.drop(frame, this.iface, StackDrop.NeighborFailed);
    } else {
      this.#probes = neigh.ucast_solicit;
      this.#enter(NeighborState.Incomplete, 'packet');
      if (frame !== null) this.#enqueue(frame);
      this.#arm(retransmission(this.iface.neigh));
      this.#probe();
    }
  }

  /** Writes the Ethernet header and sends. The entry is valid. */
  transmit(frame: Frame): void {
    const { iface, mac } = this;
    const header = this.#header;
    if (header.destination !== mac || header.source !== iface.mac) header.set(mac, iface.mac);
    header.write(frame);
    iface.transmit(frame);
  }

  /**
   * What was heard or configured about the neighbor (neigh_update). `flags` are UpdateFlag bits;
   * `mac` means nothing for the states without one.
   */
  update(mac: MacAddress, state: NeighborState, flags: number, cause: NeighborCause): void {
    const administrative = (flags & UpdateFlag.Administrative) !== 0;
    const fixed = this.#state === NeighborState.Permanent || this.#state === NeighborState.NoArp;
    if (fixed && !administrative) return;
    if ((state & VALID_STATES) === 0) {
      this.#invalidate(state, cause);
      return;
    }
    const wasValid = this.valid;
    const moved = !wasValid || mac !== this.mac;
    const { now } = this.#host.scheduler;
    // Even a reply that is not believed counts as a proof of life. Linux, not logic.
    if ((state & CONNECTED_STATES) !== 0) this.confirmed = now;
    if ((flags & UpdateFlag.RestartLock) !== 0) this.updated = now;
    if (wasValid && moved && (flags & UpdateFlag.Override) === 0) return;
    // To hear the known MAC once more proves nothing new.
    const unchanged = wasValid && !moved && state === NeighborState.Stale && !administrative;
    const next = unchanged ? this.#state : state;
    if (next === this.#state && !moved) return;
    const previousMac = this.mac;
    this.mac = mac;
    if (moved && (next & CONNECTED_STATES) === 0) this.confirmed = longAgo(this.iface, now);
    if (next === this.#state) {
      this.updated = now;
      this.#host.changed(this, next, previousMac, cause);
      return;
    }
    this.#enter(next, cause, previousMac);
    if (next === NeighborState.Reachable) this.#awaitExpiry();
    if (!wasValid) for (const frame of this.queue.take()) this.#release(frame);
  }

  /** A higher layer saw an answer (dst_confirm). Changes no state now; the timers will look. */
  confirm(): void {
    this.confirmed = this.#host.scheduler.now;
  }

  /** The entry leaves the table: its timer stops and what waits is lost. */
  close(reason: DropReason): void {
    this.#disarm();
    for (const frame of this.queue.take()) this.#host.drop(frame, this.iface, reason);
  }

  /** The only place where the state changes: stops the timer, stamps the time, tells the host. */
  #enter(next: NeighborState, cause: NeighborCause, previousMac: MacAddress = this.mac): void {
    const previous = this.#state;
    this.#disarm();
    this.#state = next;
    this.updated = this.#host.scheduler.now;
    this.#host.changed(this, previous, previousMac, cause);
  }

  /** neigh_update with FAILED or NONE: `ip neigh del`. */
  #invalidate(state: NeighborState, cause: NeighborCause): void {
    if (state === this.#state) return;
    this.#enter(state, cause);
    this.#fail();
  }

  /**
   * neigh_invalidate: every packet that waits gets its error, in order. An error that needs this very
   * neighbor makes it ask again, and then the rest is lost without a word, the error too.
   */
  #fail(): void {
    for (const frame of this.queue.take()) {
      if (this.#state === NeighborState.Failed) this.#host.unreachable(frame, this.iface);
      else this.#host.drop(frame, this.iface, StackDrop.NeighborFailed);
    }
    for (const frame of this.queue.take()) {
      this.#host.drop(frame, this.iface, StackDrop.NeighborFailed);
    }
  }

  /** A packet that waited leaves, unless the neighbor was lost again meanwhile. */
  #release(frame: Frame): void {
    if (this.connected) this.transmit(frame);
    else this.output(frame);
  }

  #enqueue(frame: Frame): void {
    const limit = this.iface.neigh.unres_qlen_bytes;
    for (;;) {
      const evicted = this.queue.evict(frame, limit);
      if (evicted === null) break;
      this.#host.drop(evicted, this.iface, StackDrop.NeighborQueueFull);
    }
    this.queue.push(this.#host.arena.keep(frame));
  }

  #probe(): void {
    this.#host.solicit(this, solicitation(this.iface.neigh, this.#probes++));
  }

  #awaitExpiry(): void {
    const { now } = this.#host.scheduler;
    const expiry = this.confirmed + this.#host.reachableTime(this.iface);
    this.#arm(Math.max(expiry - now, MINIMUM_RETRANSMISSION), true);
  }

  #arm(delay: Nanos, background = false): void {
    const { timers, forgetsUnconfirmed } = this.#host;
    // Machines that forget are no Linux: theirs are exact.
    this.#timer = forgetsUnconfirmed
      ? timers.armExactly(delay, this, background)
      : timers.arm(delay, this, background);
  }

  #disarm(): void {
    if (this.#timer !== null) this.#host.timers.disarm(this.#timer);
    this.#timer = null;
  }

  /** neigh_timer_handler. Called by the wheel. */
  expire(): void {
    this.#timer = null;
    if (this.#state === NeighborState.Reachable) this.#expireReachable();
    else if (this.#state === NeighborState.Delay) this.#expireDelay();
    else this.#askAgain();
  }

  #expireReachable(): void {
    const { now } = this.#host.scheduler;
    const delay = seconds(this.iface.neigh.delay_first_probe_time);
    if (now < this.confirmed + this.#host.reachableTime(this.iface)) {
      this.#awaitExpiry();
    } else if (this.#host.forgetsUnconfirmed) {
      this.#host.forget(this, 'timeout');
    } else if (now <= this.used + delay) {
      this.#enter(NeighborState.Delay, 'timeout');
      this.#arm(delay, true);
    } else {
      this.#enter(NeighborState.Stale, 'timeout');
    }
  }

  #expireDelay(): void {
    const { now } = this.#host.scheduler;
    if (now <= this.confirmed + seconds(this.iface.neigh.delay_first_probe_time)) {
      this.#enter(NeighborState.Reachable, 'confirmed');
      this.#awaitExpiry();
      return;
    }
    this.#probes = 0;
    if (maximumProbes(this.iface.neigh, NeighborState.Probe) === 0) {
      this.#giveUp();
      return;
    }
    this.#enter(NeighborState.Probe, 'timeout');
    this.#askAgain();
  }

  #giveUp(): void {
    this.#enter(NeighborState.Failed, 'unanswered');
    this.#fail();
  }

  #askAgain(): void {
    if (this.#probes >= maximumProbes(this.iface.neigh, this.#state)) {
      this.#giveUp();
      return;
    }
    this.#arm(retransmission(this.iface.neigh));
    this.#probe();
  }
}

/** When an entry that was never confirmed counts as confirmed last (___neigh_create). */
function longAgo(iface: Interface, now: Nanos): Nanos {
  return now - 2 * millis(iface.neigh.base_reachable_time_ms);
}
