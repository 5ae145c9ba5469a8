// The ladder: every frame that a machine sent, with who got it and who dropped it and why. One row is
// one transmission, however many hear it; a packet is followed through rewrites, br0 and VXLAN by its
// id and by `parent`, the row that brought it to the machine which sent it on.
//
//   42  web/eth0        ─▶ worker01/web          10.11.0.2 → 192.168.50.10 TCP SYN
//   43  worker01/br0:tun0 ─▶ worker01/tun0       the same, parent 42
//   44  worker01/enp1s0 ─▶ db/eth0               192.168.50.120 → …, parent 43: the snat rule is its note
//
// Rows are numbered: at one instant many frames move, and the number is their order. Nothing is
// attached to a lab before a ladder is made, and nothing after `dispose`.

import { keptFrame } from '../capture/kept-frame.ts';
import { observeDrops, observePort } from '../capture/observation.ts';
import type { Lab } from '../lab/lab.ts';
import type { DropPlace } from '../link/drop-place.ts';
import type { Direction, Port } from '../link/port.ts';
import type { Nanos } from '../sim/time.ts';
import { Interface } from '../stack/device/interface.ts';
import { describe } from '../wire/describe.ts';
import * as ethernet from '../wire/ethernet.ts';
import type { Frame } from '../wire/frame.ts';
import { isGroupMac } from '../wire/mac-address.ts';

/** One end of a transmission. */
export interface LadderEnd {
  /** A host, node or pod; 'kernel' for a device of this machine. */
  readonly machine: string;
  /** 'worker02/enp1s0', 'worker02/br0:tun0'. */
  readonly port: string;
}

/** Somebody who got a frame. */
export interface LadderArrival extends LadderEnd {
  readonly at: Nanos;
  /** False: the frame was flooded here and is addressed to another MAC. */
  readonly taken: boolean;
}

/** Where a frame went no further. */
export interface LadderDrop {
  /** The machine, segment or cable. */
  readonly device: string;
  /** The interface or stage: 'enp1s0', a rule of a filter, a table of flows. */
  readonly where: DropPlace;
  /** A DropReason (link/drop-reason.ts). */
  readonly reason: string;
  readonly at: Nanos;
}

/** One frame as it was sent. */
export interface LadderRow {
  /** The order of everything, also within one instant. */
  readonly sequence: number;
  readonly at: Nanos;
  /** The same for all frames of one packet: through routers, NAT, br0 and VXLAN. */
  readonly packet: number;
  /** The sequence number of the row by which the packet came to the sender; null for the first. */
  readonly parent: number | null;
  /** Null for a packet that was dropped before it was sent, or sent before anybody looked. */
  readonly from: LadderEnd | null;
  readonly to: readonly LadderArrival[];
  readonly drops: readonly LadderDrop[];
  /** Octets. */
  readonly length: number;
  /** One line, as captures in text form have it. */
  readonly text: string;
  /** Why it exists or was rewritten; null when there is nothing to say. */
  readonly note: string | null;
}

/** A row in the making. */
interface Transmission {
  readonly sequence: number;
  readonly at: Nanos;
  readonly parent: number | null;
  readonly from: LadderEnd | null;
  readonly frame: Frame;
  readonly to: LadderArrival[];
  readonly drops: LadderDrop[];
}

/** A port that is looked at. */
interface Place extends LadderEnd {
  /** Of a host's interface; null for a port of a bridge. */
  readonly iface: Interface | null;
  /** The other end of a port without a cable, which hands over within its machine. */
  readonly within: LadderEnd | null;
  /** Packet → the row by which it came to this machine; shared by the ports of one machine. */
  readonly arrived: Map<number, number>;
}

/** Ladders keep so many rows unless told otherwise: about 40 MB. */
const DEFAULT_LIMIT = 100_000;

/** Looks at all machines of a lab from its construction on, until disposed of. */
export class Ladder {
  readonly #lab: Lab;
  readonly #limit: number;
  readonly #detach: (() => void)[] = [];
  /** By sequence number, oldest first. */
  readonly #rows = new Map<number, Transmission>();
  /** A flood is one frame for all who get it. */
  readonly #byFrame = new WeakMap<Frame, Transmission>();
  /** Of cables that copy (padding, bit errors, loans): the latest transmission of the packet. */
  readonly #byPacket = new Map<number, Transmission>();
  readonly #touched = new Set<number>();
  readonly #budget: number;
  #sequence = 0;
  /** Rows that may still begin before `takeTouched`. */
  #left: number;
  #missed = 0;
  /** Some were missed before `takeTouched` was called last: what arrives unknown is one of them. */
  #hadMissed = false;

  /**
   * Keeps the last `limit` rows. At most `budget` begin between two calls of `takeTouched`; further frames
   * are counted and cost next to nothing, which is what a lab at full speed can bear.
   */
  constructor(lab: Lab, limit: number = DEFAULT_LIMIT, budget: number = Number.POSITIVE_INFINITY) {
    this.#lab = lab;
    this.#limit = limit;
    this.#budget = budget;
    this.#left = budget;
    for (const [port, place] of placesOf(lab)) {
      this.#detach.push(
        observePort(port, (_port, frame, direction) => this.#see(place, frame, direction)),
      );
    }
    for (const drops of lab.drops()) {
      this.#detach.push(
        observeDrops(drops, (device, where, frame, reason) => {
          if (frame !== null) this.#drop(frame, { device, where, reason, at: lab.now });
        }),
      );
    }
  }

  /** Frames that got no row because the budget was spent. */
  get missed(): number {
    return this.#missed;
  }

  /** How many rows there have been; those before the oldest one kept are gone. */
  get total(): number {
    return this.#sequence;
  }

  /** The rows kept, oldest first. */
  rows(): LadderRow[] {
    return [...this.#rows.values()].map(rowOf);
  }

  /** A row by its number; null when it is not kept. */
  row(sequence: number): LadderRow | null {
    const found = this.#rows.get(sequence);
    return found === undefined ? null : rowOf(found);
  }

  /** The frame of a row; null when it is not kept. */
  frame(sequence: number): Frame | null {
    return this.#rows.get(sequence)?.frame ?? null;
  }

  /** The way of one packet through the lab, oldest first. */
  path(packet: number): LadderRow[] {
    return [...this.#rows.values()].filter(({ frame }) => frame.packetId === packet).map(rowOf);
  }

  /** The numbers of rows that are new or have changed since this was asked last, in order. */
  takeTouched(): number[] {
    const touched = [...this.#touched].sort((a, b) => a - b);
    this.#touched.clear();
    this.#hadMissed = this.#left === 0;
    this.#left = this.#budget;
    return touched;
  }

  /** Looks no more; the rows stay. */
  dispose(): void {
    for (const detach of this.#detach.splice(0)) detach();
  }

  #see(place: Place, frame: Frame, direction: Direction): void {
    const { machine, port, within } = place;
    if (direction === 'out' || within !== null) {
      if (this.#left === 0) {
        this.#missed++;
        return;
      }
    } else if (this.#left === 0 || this.#hadMissed) {
      const known = this.#find(frame);
      if (known !== undefined) this.#arrive(known, place, place, isTaken(place.iface, frame));
      return;
    }
    if (within !== null) {
      const [from, to] = direction === 'out' ? [{ machine, port }, within] : [within, place];
      this.#arrive(this.#begin(from, place, frame), place, to);
    } else if (direction === 'out') {
      this.#begin({ machine, port }, place, frame);
    } else {
      const known = this.#find(frame) ?? this.#begin(null, place, frame);
      this.#arrive(known, place, place, isTaken(place.iface, frame));
    }
  }

  #begin(from: LadderEnd | null, place: Place | null, frame: Frame): Transmission {
    this.#left--;
    const sequence = ++this.#sequence;
    const parent = place?.arrived.get(frame.packetId) ?? null;
    const { now: at } = this.#lab;
    const made: Transmission = {
      sequence,
      at,
      parent,
      from,
      frame: keptFrame(frame),
      to: [],
      drops: [],
    };
    this.#rows.set(sequence, made);
    this.#byFrame.set(frame, made);
    this.#byPacket.set(frame.packetId, made);
    this.#touched.add(sequence);
    if (this.#rows.size > this.#limit) this.#forgetOldest();
    return made;
  }

  #arrive(row: Transmission, { arrived }: Place, to: LadderEnd, taken = true): void {
    const { machine, port } = to;
    row.to.push({ machine, port, at: this.#lab.now, taken });
    this.#touch(row);
    if (taken) arrived.set(row.frame.packetId, row.sequence);
    if (arrived.size > this.#limit) deleteFirst(arrived);
  }

  #drop(frame: Frame, drop: LadderDrop): void {
    const known = this.#find(frame);
    if (known === undefined && (this.#left === 0 || this.#hadMissed)) return;
    const row = known ?? this.#begin(null, null, frame);
    row.drops.push(drop);
    this.#touch(row);
  }

  #find(frame: Frame): Transmission | undefined {
    return this.#byFrame.get(frame) ?? this.#byPacket.get(frame.packetId);
  }

  /** One that is no longer kept changes no more. */
  #touch({ sequence }: Transmission): void {
    if (this.#rows.has(sequence)) this.#touched.add(sequence);
  }

  #forgetOldest(): void {
    for (const [sequence, row] of this.#rows) {
      this.#rows.delete(sequence);
      this.#touched.add(sequence);
      const { packetId } = row.frame;
      if (this.#byPacket.get(packetId) === row) this.#byPacket.delete(packetId);
      return;
    }
  }
}

function rowOf({ at, drops, frame, from, parent, sequence, to }: Transmission): LadderRow {
  return {
    sequence,
    at,
    packet: frame.packetId,
    parent,
    from,
    to: [...to],
    drops: [...drops],
    length: frame.length,
    text: describe(frame),
    note: frame.note?.text ?? null,
  };
}

/** Every port at which a machine sends or gets frames: all but those of the segments' switches. */
function placesOf(lab: Lab): Map<Port, Place> {
  const places = new Map<Port, Place>();
  const arrivedAt = new Map<string, Map<number, number>>();
  const add = (machine: string, port: Port): void => {
    const arrived = arrivedAt.get(machine) ?? new Map<number, number>();
    arrivedAt.set(machine, arrived);
    const iface = port.owner instanceof Interface ? port.owner : null;
    const inside = { machine, port: port.name.replace('/br0:', '/') };
    const within = iface === null && port.cable === null ? inside : null;
    places.set(port, { machine, port: port.name, iface, within, arrived });
  };
  for (const [machine, ports] of lab.machinePorts()) for (const port of ports) add(machine, port);
  return places;
}

/** Whether an interface takes a frame; a bridge takes all. */
function isTaken(iface: Interface | null, frame: Frame): boolean {
  if (iface === null || iface.noArp || iface.promiscuous) return true;
  if (frame.length < ethernet.HEADER_LENGTH) return true;
  const destination = ethernet.destination(frame);
  return destination === iface.mac || isGroupMac(destination);
}

function deleteFirst(map: Map<number, number>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
