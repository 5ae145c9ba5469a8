// What can go wrong, and how it is put right again: power, cables, partitions, impairments. Each is
// reversible, and what is down for two reasons stays down until both are gone.

import type { Channel, ChannelSettings } from '../link/channel.ts';
import type { Link } from '../link/link.ts';
import type { Port } from '../link/port.ts';
import type { Emitter } from '../sim/event-log.ts';
import type { LinkProperties } from '../topology/model.ts';
import type { CableDirection } from '../topology/steps/step.ts';
import type { FaultEvents } from './events.ts';
import type { FaultTarget } from './fault-target.ts';
import type { Machine } from './machine.ts';
import type { Segment } from './segment.ts';

/** Breaks things and mends them. */
export class Faults {
  readonly #events: Emitter<FaultEvents>;
  /** Why a cable has no carrier. */
  readonly #carrierLost = new Map<Link, Set<string>>();
  readonly #unplugged = new Set<Machine>();
  readonly #partitions = new Map<Segment, readonly (readonly string[])[]>();

  constructor(events: Emitter<FaultEvents>) {
    this.#events = events;
  }

  /** Pulls the mains plug of a machine: silence, and no carrier on its cables. Idempotent. */
  powerOff(machine: Machine): void {
    if (!machine.stack.powered) return;
    machine.stack.powerOff();
    for (const { link } of machine.cables.values()) this.#loseCarrier(link, 'power');
    this.#events.emit(machine.name, 'powered-off', {});
  }

  /** Boots a machine that was powered off; its configuration stands, what it had learned is gone. */
  powerOn(machine: Machine): void {
    if (machine.stack.powered) return;
    for (const { link } of machine.cables.values()) this.#regainCarrier(link, 'power');
    machine.stack.powerOn();
    this.#events.emit(machine.name, 'powered-on', {});
  }

  /** Pulls every cable of a machine that goes on running. */
  unplug(machine: Machine): void {
    if (this.#unplugged.has(machine)) return;
    this.#unplugged.add(machine);
    for (const { link } of machine.cables.values()) this.#loseCarrier(link, 'unplugged');
    this.#events.emit(machine.name, 'unplugged', {});
  }

  /** Plugs every cable of a machine back in. */
  plugIn(machine: Machine): void {
    if (!this.#unplugged.delete(machine)) return;
    for (const { link } of machine.cables.values()) this.#regainCarrier(link, 'unplugged');
    this.#events.emit(machine.name, 'plugged-in', {});
  }

  /** Takes or gives back the carrier; for one direction alone frames are lost while the carrier stays. */
  setLink(target: FaultTarget, up: boolean, direction: CableDirection): void {
    if (direction === 'both') {
      if (up) {
        this.#regainCarrier(target.link, 'link');
        target.link.ab.setUp(true);
        target.link.ba.setUp(true);
      } else {
        this.#loseCarrier(target.link, 'link');
      }
    } else {
      channelOf(target.link, direction).setUp(up);
    }
    this.#events.emit(target.name, up ? 'link-up' : 'link-down', { direction });
  }

  /** Changes what a cable does to frames; `clear` first puts back what the topology says. */
  impair(
    target: FaultTarget,
    direction: CableDirection,
    clear: boolean,
    change: Partial<LinkProperties>,
  ): void {
    if (clear) target.reset();
    const { ab, ba } = target.link;
    const channels = direction === 'both' ? [ab, ba] : [channelOf(target.link, direction)];
    for (const channel of channels) {
      const settings: ChannelSettings = { ...channel.settings, ...change };
      channel.configure(settings);
    }
    this.#events.emit(
      target.name,
      clear && Object.keys(change).length === 0 ? 'repaired' : 'impaired',
      {
        direction,
      },
    );
  }

  /** Frames between machines of different groups are lost. A machine in no group hears all others. */
  partition(segment: Segment, groups: readonly (readonly string[])[]): void {
    const groupOf = new Map<Port, number>();
    for (const [port, name] of segment.behind) {
      const index = groups.findIndex((group) => group.includes(name));
      if (index >= 0) groupOf.set(port, index);
    }
    segment.bridge.partition(groupOf);
    this.#partitions.set(segment, groups);
    this.#events.emit(segment.spec.name, 'partitioned', {
      groups: groups.map((group) => group.join(' ')),
    });
  }

  heal(segment: Segment): void {
    segment.bridge.partition(null);
    this.#partitions.delete(segment);
    this.#events.emit(segment.spec.name, 'healed', {});
  }

  /** The groups of a partitioned segment; null for one that is whole. */
  partitionOf(segment: Segment): readonly (readonly string[])[] | null {
    return this.#partitions.get(segment) ?? null;
  }

  /** Whether a partition of the segment keeps two machines apart. */
  separates(segment: Segment, a: string, b: string): boolean {
    const groups = this.#partitions.get(segment);
    if (groups === undefined) return false;
    const groupA = groups.findIndex((group) => group.includes(a));
    const groupB = groups.findIndex((group) => group.includes(b));
    return groupA >= 0 && groupB >= 0 && groupA !== groupB;
  }

  #loseCarrier(link: Link, reason: string): void {
    const reasons = this.#carrierLost.get(link) ?? new Set();
    reasons.add(reason);
    this.#carrierLost.set(link, reasons);
    link.setCarrier(false);
  }

  #regainCarrier(link: Link, reason: string): void {
    const reasons = this.#carrierLost.get(link);
    if (reasons === undefined || !reasons.delete(reason) || reasons.size > 0) return;
    link.setCarrier(true);
  }
}

/** `out` leads away from the machine, or from the `a` end. */
function channelOf(link: Link, direction: 'out' | 'in'): Channel {
  return direction === 'out' ? link.ab : link.ba;
}
