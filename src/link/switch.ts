// One broadcast domain: learn on every frame, look up, forward or flood. Like a Linux bridge with
// STP and multicast snooping off. A flood shares one sealed frame among all ports.

import { EgressLabError } from '../base/errors.ts';
import type { Emitter } from '../sim/event-log.ts';
import type { Scheduler, Timer } from '../sim/scheduler.ts';
import { formatSeconds, millis, type Nanos, seconds } from '../sim/time.ts';
import * as ethernet from '../wire/ethernet.ts';
import type { Frame } from '../wire/frame.ts';
import { formatMac, type MacAddress } from '../wire/mac-address.ts';
import { LinkDrop } from './drop-reason.ts';
import { Drops } from './drops.ts';
import type { LinkEvents } from './events.ts';
import { ForwardingTable } from './forwarding-table.ts';
import { type FrameReceiver, Port } from './port.ts';

/** BR_DEFAULT_AGEING_TIME, net/bridge. */
const DEFAULT_FDB_AGEING: Nanos = seconds(300);
/**
 * A bridge hears of a carrier through deferred work (linkwatch), so a port forwards a moment after its
 * link came up: what the host says at once is lost (fixture 02, arp-notify-link).
 */
const PORT_ENABLE_DELAY: Nanos = millis(10);
/** No sane lab has this many switches in a row: the frame is going round. */
const FORWARDING_LOOP_HOPS = 1_000;

/** What a switch is made with. */
export interface SwitchOptions {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly events: Emitter<LinkEvents>;
  readonly fdbAgeing?: Nanos;
  readonly fdbLimit?: number;
  /** False: unicast to an unlearned MAC is dropped (`bridge link set … flood off`). */
  readonly floodsUnknown?: boolean;
}

/** A learning switch, IEEE 802.1D without spanning tree. */
export class Switch implements FrameReceiver {
  readonly name: string;
  readonly ports: Port[] = [];
  readonly table: ForwardingTable;
  readonly drops: Drops;
  readonly #scheduler: Scheduler;
  readonly #events: Emitter<LinkEvents>;
  readonly #floodsUnknown: boolean;
  /** Null unless the segment is partitioned. */
  #groups: ReadonlyMap<Port, number> | null = null;
  /** Ports with a carrier that do not forward yet. */
  readonly #enabling = new Map<Port, Timer>();

  constructor(options: SwitchOptions) {
    this.name = options.name;
    this.#scheduler = options.scheduler;
    this.#events = options.events;
    this.#floodsUnknown = options.floodsUnknown ?? true;
    this.drops = new Drops(options.name);
    this.table = new ForwardingTable(options.fdbAgeing ?? DEFAULT_FDB_AGEING, options.fdbLimit);
  }

  /** A new port, to be plugged with a Link; shown as '<switch>/<name>'. */
  addPort(name: string): Port {
    const port = new Port(`${this.name}/${name}`, this);
    this.ports.push(port);
    return port;
  }

  receive(frame: Frame, ingress: Port): void {
    if (frame.length < ethernet.HEADER_LENGTH) {
      this.drops.count(LinkDrop.Runt, ingress.name, frame);
      return;
    }
    if (++frame.hops > FORWARDING_LOOP_HOPS) this.#failOnLoop(ingress);
    if (this.#enabling.size > 0 && this.#enabling.has(ingress)) {
      this.drops.count(LinkDrop.PortNotForwarding, ingress.name, frame);
      return;
    }
    const now = this.#scheduler.now;
    if (ethernet.isFromGroup(frame)) {
      this.drops.count(LinkDrop.BadSourceMac, ingress.name, frame);
      return;
    }
    const source = ethernet.source(frame);
    if (this.table.learn(source, ingress, now) === 'moved') this.#reportMove(source, ingress);
    const isGroup = ethernet.isToGroup(frame);
    const egress = isGroup ? null : this.table.lookup(ethernet.destination(frame), now);
    if (egress === null && !isGroup && !this.#floodsUnknown) {
      this.drops.count(LinkDrop.UnknownUnicast, ingress.name, frame);
    } else if (egress === null) {
      // A bridge lists its newest port first (new_nbp), and floods in that order: fixture 08.
      for (let i = this.ports.length - 1; i >= 0; i--) {
        const port = this.ports[i];
        if (port === undefined) break;
        if (port !== ingress && this.forwards(port) && !this.#separates(ingress, port, frame)) {
          port.transmit(frame);
        }
      }
    } else if (egress === ingress) {
      this.drops.count(LinkDrop.SamePort, ingress.name, frame);
    } else if (!this.#separates(ingress, egress, frame)) {
      egress.transmit(frame);
    }
  }

  /** Frames between ports of different groups are lost from now on; null heals. A port in no group hears all. */
  partition(groups: ReadonlyMap<Port, number> | null): void {
    this.#groups = groups;
  }

  /** A port that goes down loses its entries at once: what was known behind it is flooded again. */
  carrierChanged(port: Port, up: boolean): void {
    const timer = this.#enabling.get(port);
    if (timer !== undefined) this.#scheduler.cancel(timer);
    this.#enabling.delete(port);
    if (!up) this.table.flush(port);
    else this.#enabling.set(port, this.#scheduler.after(PORT_ENABLE_DELAY, enable, this, port));
  }

  /** Called by the scheduler: the port forwards from now on. */
  enable(port: Port): void {
    this.#enabling.delete(port);
  }

  /** The port has a carrier, and has had it for long enough. */
  forwards(port: Port): boolean {
    return port.carrier && (this.#enabling.size === 0 || !this.#enabling.has(port));
  }

  #separates(ingress: Port, egress: Port, frame: Frame): boolean {
    if (this.#groups === null) return false;
    const from = this.#groups.get(ingress);
    const to = this.#groups.get(egress);
    if (from === undefined || to === undefined || from === to) return false;
    this.drops.count(LinkDrop.Partitioned, egress.name, frame);
    return true;
  }

  #reportMove(mac: MacAddress, port: Port): void {
    this.#events.emit(this.name, 'fdb-moved', { mac: formatMac(mac), port: port.name });
  }

  #failOnLoop(ingress: Port): never {
    throw new EgressLabError(
      'EGL_BROADCAST_STORM',
      `one frame crossed ${FORWARDING_LOOP_HOPS} switches and came back to ${ingress.name} at ${formatSeconds(this.#scheduler.now)} s`,
      {
        hint: 'The segments form a loop and the switches run no spanning tree: remove one of the links.',
      },
    );
  }
}

function enable(bridge: Switch, port: Port): void {
  bridge.enable(port);
}
