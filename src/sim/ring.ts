// A growable FIFO of (task, a, b, deadline, sequence) records. The records are made once and used
// again: one array access per record, and nothing for the garbage collector.
//
//     head            tail
//      v               v
//   [ .. R  R  R  R  R  .. ]      indices are masked; the capacity is a power of two

import { present } from '../base/assert.ts';
import type { Nanos } from './time.ts';

// Records of different producers share one ring, so their argument types are erased inside it.
/** A task whose arguments the ring does not know the types of. */
export type ErasedTask = (a: unknown, b: unknown) => void;

class Slot {
  task: ErasedTask = nothing;
  a: unknown = null;
  b: unknown = null;
  deadline: Nanos = 0;
  sequence = 0;
}

function nothing(): void {}

/** A queue of tasks, first in, first out; grows, never shrinks. */
export class TaskRing {
  #slots: Slot[];
  #mask: number;
  #head = 0;
  #size = 0;

  constructor(capacity = 16) {
    this.#slots = Array.from({ length: capacity }, () => new Slot());
    this.#mask = capacity - 1;
  }

  get size(): number {
    return this.#size;
  }

  get headDeadline(): Nanos {
    return this.#slot(this.#head).deadline;
  }

  get headSequence(): number {
    return this.#slot(this.#head).sequence;
  }

  /** Adds a record whose order is that of adding. */
  push(task: ErasedTask, a: unknown, b: unknown): Slot {
    if (this.#size > this.#mask) this.#grow();
    const slot = this.#slot((this.#head + this.#size) & this.#mask);
    slot.task = task;
    slot.a = a;
    slot.b = b;
    this.#size++;
    return slot;
  }

  /** The same with a place in the total order. */
  pushAt(deadline: Nanos, sequence: number, task: ErasedTask, a: unknown, b: unknown): void {
    const slot = this.push(task, a, b);
    slot.deadline = deadline;
    slot.sequence = sequence;
  }

  /** Takes the oldest record out and runs it. */
  runHead(): void {
    const slot = this.#slot(this.#head);
    const { task, a, b } = slot;
    // What has run is not kept alive.
    slot.a = null;
    slot.b = null;
    this.#head = (this.#head + 1) & this.#mask;
    this.#size--;
    task(a, b);
  }

  #slot(index: number): Slot {
    return present(this.#slots[index], 'an index within the ring has a slot');
  }

  #grow(): void {
    const ordered = [...this.#slots.slice(this.#head), ...this.#slots.slice(0, this.#head)];
    const added = Array.from({ length: ordered.length }, () => new Slot());
    this.#slots = [...ordered, ...added];
    this.#mask = this.#slots.length - 1;
    this.#head = 0;
  }
}
