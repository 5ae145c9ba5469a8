// Counts drops by reason for one device, and shows each to an observer if there is one.

import type { Frame } from '../wire/frame.ts';
import type { DropPlace } from './drop-place.ts';
import type { DropReason } from './drop-reason.ts';

/** Hears of a drop: `device` is the machine, segment or cable. */
export type DropObserver = (
  device: string,
  where: DropPlace,
  frame: Frame | null,
  reason: DropReason,
) => void;

/** What one device has dropped. */
export class Drops {
  readonly device: string;
  readonly #counts = new Map<DropReason, number>();
  /** Null when there is no observer, which costs one comparison. */
  observer: DropObserver | null = null;

  constructor(device: string) {
    this.device = device;
  }

  /** Records one drop. `frame` is null where the packet never became a frame. */
  count(reason: DropReason, where: DropPlace, frame: Frame | null): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
    if (this.observer !== null) this.observer(this.device, where, frame, reason);
  }

  /** How often `reason` was met. */
  of(reason: DropReason): number {
    return this.#counts.get(reason) ?? 0;
  }

  /** Drops for any reason. */
  get total(): number {
    let total = 0;
    for (const count of this.#counts.values()) total += count;
    return total;
  }

  /** Reasons met so far with their counts, by name. */
  entries(): [DropReason, number][] {
    return [...this.#counts.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
