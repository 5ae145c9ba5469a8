// MAC_Binding of a gateway router: whom it takes for which MAC, learned from any ARP without a moment's
// lock: the last speaker wins. Packets to a neighbor without a binding ask once each and wait; no timer
// asks again (ovn controller/pinctrl.c, mac-cache.c; measured in test/ovn-truth, o8 and o8b).

import type { Drops } from '../../../link/drops.ts';
import type { Scheduler, Timer } from '../../../sim/scheduler.ts';
import { type Nanos, seconds } from '../../../sim/time.ts';
import type { Frame } from '../../../wire/frame.ts';
import type { Ipv4Address } from '../../../wire/ipv4-address.ts';
import type { MacAddress } from '../../../wire/mac-address.ts';
import { OvnDrop } from '../drop-reason.ts';

/** BUFFERED_PACKETS_TIMEOUT_MS of pinctrl. */
const PATIENCE: Nanos = seconds(10);
/** A binding in use is probed so often, in parts of the threshold. */
const PROBE_PART = 3 / 16;
/** A binding that nothing refreshes goes after so many thresholds. */
const LIFE_THRESHOLDS = 2;

/** How bindings age. `use`: by packets from the neighbor (OVN 24.03 and later); `creation`: none counts. */
export type Ageing = 'use' | 'creation';

/** How bindings are learned and kept. */
export interface MacBindingOptions {
  readonly scheduler: Scheduler;
  readonly drops: Drops;
  /** Where drops happen: 'GR_worker02'. */
  readonly router: string;
  /** mac_binding_age_threshold; 0: forever. */
  readonly threshold: Nanos;
  readonly ageing: Ageing;
  /** So many packets wait for one neighbor. */
  readonly queueLimit: number;
  /** Sends a broadcast request. */
  readonly ask: (address: Ipv4Address) => void;
  /** Sends a packet that has waited. */
  readonly send: (frame: Frame, mac: MacAddress) => void;
}

/** What somebody says with an ARP packet about himself. */
export interface Heard {
  readonly address: Ipv4Address;
  readonly mac: MacAddress;
  /** It is a reply, or a request for the router itself: reason enough for a new binding. */
  readonly isForRouter: boolean;
}

/** One row of MAC_Binding. */
export interface MacBinding {
  readonly address: Ipv4Address;
  readonly mac: MacAddress;
}

class Binding {
  readonly address: Ipv4Address;
  mac: MacAddress;
  /** The timestamp column: creation, or the neighbor's last sign of life. */
  refreshed: Nanos;
  /** A packet of ours went to it. */
  used: Nanos;
  timer: Timer | null = null;

  constructor(address: Ipv4Address, mac: MacAddress, now: Nanos) {
    this.address = address;
    this.mac = mac;
    this.refreshed = now;
    this.used = now;
  }
}

interface Queue {
  readonly frames: Frame[];
  readonly timer: Timer;
}

/** The MAC bindings of one router. */
export class MacBindings {
  readonly #options: MacBindingOptions;
  readonly #bindings = new Map<Ipv4Address, Binding>();
  readonly #waiting = new Map<Ipv4Address, Queue>();
  /** always_learn_from_arp_request: a request for anybody makes a new binding, too. */
  alwaysLearns = false;

  constructor(options: MacBindingOptions) {
    this.#options = options;
  }

  /** In the order in which they were learned. */
  get rows(): readonly MacBinding[] {
    return [...this.#bindings.values()].map(({ address, mac }) => ({ address, mac }));
  }

  /** The MAC to send to, which counts as use; null without a binding. */
  resolve(address: Ipv4Address): MacAddress | null {
    const binding = this.#bindings.get(address);
    if (binding === undefined) return null;
    binding.used = this.#options.scheduler.now;
    return binding.mac;
  }

  /** Asks for the address, once for this packet, and keeps it until somebody answers. */
  wait(address: Ipv4Address, frame: Frame): void {
    const { ask, drops, queueLimit, router, scheduler } = this.#options;
    const queue = this.#waiting.get(address) ?? {
      frames: [],
      timer: scheduler.after(PATIENCE, giveUp, this, address),
    };
    this.#waiting.set(address, queue);
    queue.frames.push(frame);
    if (queue.frames.length > queueLimit) {
      const oldest = queue.frames.shift() ?? null;
      drops.count(OvnDrop.BindingQueueFull, router, oldest);
    }
    ask(address);
  }

  /** Any ARP of a neighbor: an existing binding follows at once. */
  hear({ address, mac, isForRouter }: Heard): void {
    const { scheduler } = this.#options;
    const known = this.#bindings.get(address);
    if (known === undefined) {
      if (isForRouter || this.alwaysLearns) this.#learn(address, mac);
      return;
    }
    if (this.#options.ageing === 'use' || known.mac !== mac) known.refreshed = scheduler.now;
    known.mac = mac;
  }

  /** A packet came from this neighbor itself. */
  seen(address: Ipv4Address, mac: MacAddress): void {
    if (this.#options.ageing !== 'use') return;
    const binding = this.#bindings.get(address);
    if (binding?.mac === mac) binding.refreshed = this.#options.scheduler.now;
  }

  /** Called by its timer. */
  age(binding: Binding): void {
    const { ask, ageing, scheduler, threshold } = this.#options;
    const { now } = scheduler;
    const idle = now - binding.refreshed;
    const life = ageing === 'use' ? LIFE_THRESHOLDS * threshold : threshold;
    if (idle >= life) {
      this.#bindings.delete(binding.address);
      return;
    }
    // Flow statistics count idle time in whole seconds.
    const isInUse = Math.floor((now - binding.used) / 1e9) * 1e9 <= threshold;
    if (ageing === 'use' && idle >= threshold && isInUse) ask(binding.address);
    this.#watch(binding);
  }

  /** Takes a row away (`ovn-sbctl destroy mac_binding`). */
  forget(address: Ipv4Address): void {
    const binding = this.#bindings.get(address);
    if (binding === undefined) return;
    if (binding.timer !== null) this.#options.scheduler.cancel(binding.timer);
    this.#bindings.delete(address);
  }

  /** ovn-controller ends: packets that wait are lost. Rows stand in the southbound database and stay. */
  dropWaiting(): void {
    for (const address of [...this.#waiting.keys()]) this.giveUp(address);
  }

  /** Called by its timer: nobody has answered. */
  giveUp(address: Ipv4Address): void {
    const queue = this.#waiting.get(address);
    if (queue === undefined) return;
    const { drops, router, scheduler } = this.#options;
    scheduler.cancel(queue.timer);
    this.#waiting.delete(address);
    for (const frame of queue.frames) drops.count(OvnDrop.BindingTimeout, router, frame);
  }

  #learn(address: Ipv4Address, mac: MacAddress): void {
    const { scheduler, send } = this.#options;
    const binding = new Binding(address, mac, scheduler.now);
    this.#bindings.set(address, binding);
    this.#watch(binding);
    const queue = this.#waiting.get(address);
    if (queue === undefined) return;
    scheduler.cancel(queue.timer);
    this.#waiting.delete(address);
    for (const frame of queue.frames) send(frame, mac);
  }

  #watch(binding: Binding): void {
    const { ageing, scheduler, threshold } = this.#options;
    if (threshold === 0) return;
    const { now } = scheduler;
    const life = ageing === 'use' ? LIFE_THRESHOLDS * threshold : threshold;
    const end = binding.refreshed + life;
    const next = ageing === 'use' ? now + Math.round(threshold * PROBE_PART) : end;
    binding.timer = scheduler.at(Math.max(now, Math.min(next, end)), age, this, binding, {
      background: true,
    });
  }
}

function giveUp(bindings: MacBindings, address: Ipv4Address): void {
  bindings.giveUp(address);
}

function age(bindings: MacBindings, binding: Binding): void {
  bindings.age(binding);
}
