// A host's neighbors on all its interfaces: who has which MAC, what waits for one, who is forgotten.
// Follows net/core/neighbour.c; how to ask is the resolver's business (resolver.ts), what to believe ARP's. There is
// one table per host as in Linux, and its gc_thresh values count all interfaces together.
//
// Left out: neighbors of lo and of NOARP interfaces, which need none, and the NTF_* flags.

import { NumberMap } from '../../base/number-map.ts';
import { type DropReason, LinkDrop } from '../../link/drop-reason.ts';
import type { Scheduler } from '../../sim/scheduler.ts';
import type { Nanos } from '../../sim/time.ts';
import * as ethernet from '../../wire/ethernet.ts';
import type { Frame, FrameArena } from '../../wire/frame.ts';
import { formatIpv4, type Ipv4Address } from '../../wire/ipv4-address.ts';
import { formatMac, type MacAddress, ZERO_MAC } from '../../wire/mac-address.ts';
import type { Interface } from '../device/interface.ts';
import { StackDrop } from '../drop-reason.ts';
import type { Host } from '../host.ts';
import { type CollectedTable, NeighborCollector } from './collector.ts';
import { NeighborEntry, type NeighborHost } from './entry.ts';
import type { Solicitation } from './probing.ts';
import { ReachableTimes } from './reachable-times.ts';
import type { Resolver } from './resolver.ts';
import {
  CONNECTED_STATES,
  type NeighborCause,
  NeighborState,
  neighborStateName,
  VALID_STATES,
} from './state.ts';
import { TimerWheel } from './timer-wheel.ts';
import { UpdateFlag } from './update-flag.ts';

/** The neighbors of one host. */
export class NeighborTable implements NeighborHost, CollectedTable {
  // What every packet reads stands first: it shares a cache line.
  /** The entry used last: most hosts talk to one gateway. */
  #last: NeighborEntry | null = null;
  /** By interface index, then by address. */
  readonly #byInterface: (NumberMap<NeighborEntry> | undefined)[] = [];
  readonly scheduler: Scheduler;
  readonly timers: TimerWheel;
  readonly arena: FrameArena;
  readonly etherType: number;
  readonly #host: Host;
  readonly #resolver: Resolver;
  readonly #reachableTimes: ReachableTimes;
  /** All of them, oldest first: the order in which a forced collection looks. */
  readonly #entries = new Set<NeighborEntry>();
  /** Entries that count against gc_thresh2 and gc_thresh3: all but the configured ones. */
  #collectable = 0;
  readonly #collector: NeighborCollector;

  constructor(host: Host, resolver: Resolver) {
    this.#host = host;
    this.#resolver = resolver;
    this.etherType = resolver.etherType;
    this.scheduler = host.scheduler;
    this.timers = new TimerWheel(host.scheduler);
    this.arena = host.arena;
    this.#collector = new NeighborCollector(host, this);
    this.#reachableTimes = new ReachableTimes(host.random.fork('reachable-time'));
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Entries that count against gc_thresh2 and gc_thresh3: all but the configured ones. */
  get collectable(): number {
    return this.#collectable;
  }

  /** Oldest first. */
  [Symbol.iterator](): IterableIterator<NeighborEntry> {
    return this.#entries.values();
  }

  /**
   * Sends a packet to its next hop, now or when its MAC is known. The frame is writable and has 14
   * octets in front of the IPv4 header; they are written here.
   */
  output(iface: Interface, nextHop: Ipv4Address, frame: Frame): void {
    const last = this.#last;
    if (last !== null && last.address === nextHop && last.iface === iface && last.connected) {
      last.transmit(frame);
      return;
    }
    const entry = this.#byInterface[iface.index]?.get(nextHop) ?? null;
    this.#last = entry;
    if (entry !== null && (entry.state & CONNECTED_STATES) !== 0) entry.transmit(frame);
    else this.#outputUnconnected(iface, nextHop, frame, entry);
  }

  /** A higher layer saw the neighbor answer: TCP progress, MSG_CONFIRM (dst_confirm). */
  confirm(iface: Interface, address: Ipv4Address): void {
    if (!this.forgetsUnconfirmed) this.#byInterface[iface.index]?.get(address)?.confirm();
  }

  lookup(iface: Interface, address: Ipv4Address): NeighborEntry | null {
    return this.#byInterface[iface.index]?.get(address) ?? null;
  }

  /** Whether the MAC is known; if not it is asked for, with no packet waiting (neigh_event_send). */
  resolve(iface: Interface, address: Ipv4Address): boolean {
    const entry = this.obtain(iface, address, null);
    entry?.engage(null);
    return entry?.valid ?? false;
  }

  /** The entry, made if need be; null if the table is full (counted). */
  obtain(iface: Interface, address: Ipv4Address, frame: Frame | null): NeighborEntry | null {
    return this.lookup(iface, address) ?? this.#create(iface, address, frame, true);
  }

  /**
   * `ip neigh replace <address> lladdr <mac> dev <iface> nud <state>`. False if the table is full.
   * Permanent entries have no limit.
   */
  replace(
    iface: Interface,
    address: Ipv4Address,
    mac: MacAddress,
    state: NeighborState = NeighborState.Permanent,
  ): boolean {
    const limited = state !== NeighborState.Permanent;
    const entry = this.lookup(iface, address) ?? this.#create(iface, address, null, limited);
    if (entry === null) return false;
    entry.update(mac, state, UpdateFlag.Administrative | UpdateFlag.Override, 'configured');
    return true;
  }

  /** `ip neigh del`: what waits fails at once. False if there is no such entry. */
  delete(iface: Interface, address: Ipv4Address): boolean {
    const entry = this.lookup(iface, address);
    if (entry === null) return false;
    entry.update(ZERO_MAC, NeighborState.Failed, UpdateFlag.Administrative, 'configured');
    this.forget(entry, 'configured');
    return true;
  }

  /**
   * The link went down or got another MAC (neigh_ifdown, neigh_changeaddr), or lost its carrier
   * (neigh_carrier_down: configured entries stay). What waits is lost without an error.
   */
  flush(iface: Interface, keepPermanent = false): void {
    for (const entry of this.entries(iface)) {
      if (keepPermanent && entry.state === NeighborState.Permanent) continue;
      this.forget(entry, 'link-changed');
    }
  }

  /** The entries of one interface or of all, by interface and address. */
  entries(iface: Interface | null = null): NeighborEntry[] {
    const found = [...this.#entries].filter((entry) => iface === null || entry.iface === iface);
    return found.sort((a, b) => a.iface.index - b.iface.index || a.address - b.address);
  }

  reachableTime(iface: Interface): Nanos {
    const { lifetime } = this.#resolver;
    if (lifetime !== null) return lifetime;
    return this.#reachableTimes.of(iface, this.scheduler.now);
  }

  get forgetsUnconfirmed(): boolean {
    return this.#resolver.lifetime !== null;
  }

  solicit(entry: NeighborEntry, kind: Solicitation): void {
    this.#resolver.solicit(entry, kind);
  }

  drop(frame: Frame, iface: Interface, reason: DropReason): void {
    this.#host.drops.count(reason, iface.name, frame);
  }

  unreachable(frame: Frame, iface: Interface): void {
    this.drop(frame, iface, StackDrop.NeighborFailed);
    this.#resolver.unreachable(frame, iface);
  }

  changed(
    entry: NeighborEntry,
    previous: NeighborState,
    previousMac: MacAddress,
    cause: NeighborCause,
  ): void {
    const wasCounted = previous !== NeighborState.Permanent;
    const isCounted = entry.state !== NeighborState.Permanent;
    if (wasCounted !== isCounted) this.#collectable += isCounted ? 1 : -1;
    this.#report(entry, entry.state, previous, previousMac, cause);
  }

  forget(entry: NeighborEntry, cause: NeighborCause): void {
    if (!this.#entries.delete(entry)) return;
    if (this.#last === entry) this.#last = null;
    this.#byInterface[entry.iface.index]?.delete(entry.address);
    if (entry.state !== NeighborState.Permanent) this.#collectable--;
    entry.close(LinkDrop.LinkDown);
    this.#report(entry, null, entry.state, entry.mac, cause);
  }

  #outputUnconnected(
    iface: Interface,
    nextHop: Ipv4Address,
    frame: Frame,
    known: NeighborEntry | null,
  ): void {
    if (known !== null) {
      known.output(frame);
      return;
    }
    const mac = this.#resolver.implicitMac(iface, nextHop);
    if (mac !== null) {
      ethernet.emit(frame, mac, iface.mac, this.etherType);
      iface.transmit(frame);
      return;
    }
    const entry = this.#create(iface, nextHop, frame, true);
    if (entry !== null) entry.output(frame);
  }

  #create(
    iface: Interface,
    address: Ipv4Address,
    frame: Frame | null,
    limited: boolean,
  ): NeighborEntry | null {
    if (limited && !this.#collector.makesRoom()) {
      this.#host.drops.count(StackDrop.NeighborTableFull, iface.name, frame);
      return null;
    }
    const entry = new NeighborEntry(this, iface, address);
    let byAddress = this.#byInterface[iface.index];
    if (byAddress === undefined) {
      byAddress = new NumberMap();
      this.#byInterface[iface.index] = byAddress;
    }
    byAddress.set(address, entry);
    this.#entries.add(entry);
    this.#collectable++;
    this.#collector.arm();
    return entry;
  }

  /** One event per change; a MAC that moves shows as `mac` differing from `previousMac`. */
  #report(
    entry: NeighborEntry,
    state: NeighborState | null,
    previous: NeighborState,
    previousMac: MacAddress,
    cause: NeighborCause,
  ): void {
    const { events, name, powered } = this.#host;
    if (!powered) return;
    const hasMac = state !== null && (state & VALID_STATES) !== 0;
    const hadMac = (previous & VALID_STATES) !== 0;
    events.emit(name, 'neighbor-changed', {
      interface: entry.iface.name,
      address: formatIpv4(entry.address),
      mac: hasMac ? formatMac(entry.mac) : null,
      state: state === null ? 'GONE' : neighborStateName(state),
      previousMac: hadMac ? formatMac(previousMac) : null,
      previousState: neighborStateName(previous),
      cause,
    });
  }
}
