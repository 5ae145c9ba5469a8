// A growable FIFO of (task, a, b, deadline, sequence) records without an object per record.
//
//     head            tail
//      v               v
//   [ .. t a b d s  t a b d s .. ]      indices are masked; the capacity is a power of two

import { assert } from '../base/assert.ts';
import type { Nanos } from './time.ts';

// Records of different producers share one ring, so their argument types are erased inside it.
export type ErasedTask = (a: unknown, b: unknown) => void;

export class TaskRing {
  #tasks: (ErasedTask | null)[];
  #a: unknown[];
  #b: unknown[];
  #deadlines: Float64Array;
  #sequences: Float64Array;
  #mask: number;
  #head = 0;
  #size = 0;

  constructor(capacity = 16) {
    this.#tasks = new Array<ErasedTask | null>(capacity).fill(null);
    this.#a = new Array<unknown>(capacity).fill(null);
    this.#b = new Array<unknown>(capacity).fill(null);
    this.#deadlines = new Float64Array(capacity);
    this.#sequences = new Float64Array(capacity);
    this.#mask = capacity - 1;
  }

  get size(): number {
    return this.#size;
  }

  get headDeadline(): Nanos {
    return this.#deadlines[this.#head] as number;
  }

  get headSequence(): number {
    return this.#sequences[this.#head] as number;
  }

  push(task: ErasedTask, a: unknown, b: unknown, deadline: Nanos, sequence: number): void {
    if (this.#size > this.#mask) this.#grow();
    const at = (this.#head + this.#size) & this.#mask;
    this.#tasks[at] = task;
    this.#a[at] = a;
    this.#b[at] = b;
    this.#deadlines[at] = deadline;
    this.#sequences[at] = sequence;
    this.#size++;
  }

  /** Takes the oldest record out and runs it. */
  runHead(): void {
    const at = this.#head;
    const task = this.#tasks[at];
    assert(this.#size > 0 && task !== null && task !== undefined, 'the ring has a head');
    const a = this.#a[at];
    const b = this.#b[at];
    this.#tasks[at] = null;
    this.#a[at] = null;
    this.#b[at] = null;
    this.#head = (at + 1) & this.#mask;
    this.#size--;
    task(a, b);
  }

  #grow(): void {
    const capacity = (this.#mask + 1) * 2;
    const larger = new TaskRing(capacity);
    while (this.#size > 0) {
      const at = this.#head;
      larger.push(
        this.#tasks[at] as ErasedTask,
        this.#a[at],
        this.#b[at],
        this.headDeadline,
        this.headSequence,
      );
      this.#head = (at + 1) & this.#mask;
      this.#size--;
    }
    this.#tasks = larger.#tasks;
    this.#a = larger.#a;
    this.#b = larger.#b;
    this.#deadlines = larger.#deadlines;
    this.#sequences = larger.#sequences;
    this.#mask = larger.#mask;
    this.#head = 0;
    this.#size = larger.#size;
  }
}
