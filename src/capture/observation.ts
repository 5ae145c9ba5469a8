// Several observers on one place. A Port has one nullable field, so that looking at nothing and at
// one thing stay a comparison and a call; only where two look, a function that calls both stands in
// the field. Observers leave in any order, and what others put into the field is kept.

import type { DropObserver, Drops } from '../link/drops.ts';
import type { FrameObserver, Port } from '../link/port.ts';
import { type FrameAllocator, FrameArena } from '../wire/frame.ts';
import { finishFrame } from '../wire/offload.ts';

interface Observable<Observer> {
  observer: Observer | null;
}

class Observation<Observer extends object> {
  readonly #members = new WeakMap<Observer, readonly Observer[]>();
  readonly #combine: (members: readonly Observer[]) => Observer;

  constructor(combine: (members: readonly Observer[]) => Observer) {
    this.#combine = combine;
  }

  attach(place: Observable<Observer>, observer: Observer): () => void {
    this.#install(place, [...this.#membersOf(place), observer]);
    return () => {
      const rest = this.#membersOf(place).filter((member) => member !== observer);
      this.#install(place, rest);
    };
  }

  #membersOf(place: Observable<Observer>): readonly Observer[] {
    if (place.observer === null) return [];
    return this.#members.get(place.observer) ?? [place.observer];
  }

  #install(place: Observable<Observer>, members: readonly Observer[]): void {
    const [first = null] = members;
    if (members.length <= 1) {
      place.observer = first;
      return;
    }
    const combined = this.#combine(members);
    this.#members.set(combined, members);
    place.observer = combined;
  }
}

const ports = new Observation<FrameObserver>((members) => (port, frame, direction) => {
  for (const observe of members) observe(port, frame, direction);
});

const drops = new Observation<DropObserver>((members) => (device, where, frame, reason) => {
  for (const observe of members) observe(device, where, frame, reason);
});

/**
 * Shows `observer` each frame of a port as a wire would carry it, beside observers that look already. A frame
 * may be on loan: an observer that keeps it copies it. Returns how to stop.
 */
export function observePort(port: Port, observer: FrameObserver): () => void {
  // A wire's frames are over when they have been looked at: at gigabits a second they would be garbage.
  const arena = new FrameArena();
  const lender: FrameAllocator = { allocate: (length) => arena.lend(length) };
  return ports.attach(port, (at, frame, direction) => {
    if (frame.offload === null) {
      observer(at, frame, direction);
    } else {
      arena.reclaim();
      finishFrame(lender, frame, (finished) => observer(at, finished, direction));
    }
  });
}

/** Shows `observer` each drop of a device, beside observers that look already. Returns how to stop. */
export function observeDrops(of: Drops, observer: DropObserver): () => void {
  return drops.attach(of, observer);
}
