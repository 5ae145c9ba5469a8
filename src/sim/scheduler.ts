// The only source of `now` and of order. Everything that happens is a task with a deadline and a
// sequence number; (deadline, sequence) is the one total order, so two runs cannot differ.
//
//   post   this instant, after what is already due      a ring, 3 ns
//   lane   later, by a producer whose deadlines rise    a ring per lane, one heap entry per lane
//   after  later, cancellable                           the heap
//
// A task runs with `now` equal to its own deadline, no matter what drives it.

import { assert } from '../base/assert.ts';
import { EgressLabError } from '../base/errors.ts';
import { EventHeap } from './event-heap.ts';
import { type ErasedTask, TaskRing } from './ring.ts';
import { formatSeconds, type Nanos, NEVER } from './time.ts';

/**
 * What happens; called with the two arguments it was scheduled with, so that no closure is needed.
 */
export type Task<A, B> = (a: A, b: B) => void;

/** Reaching this many tasks in one instant means that the lab feeds itself. */
const DEFAULT_TASKS_PER_INSTANT = 5_000_000;

/** How a timer counts. */
export interface TimerOptions {
  /** Table sweeps and periodic probes: they do not keep `advanceUntilIdle` going. */
  readonly background?: boolean;
}

/** A pending task. Give it to `Scheduler.cancel`, or look at `deadline`. */
export class Timer {
  deadline: Nanos;
  sequence: number;
  index = -1;
  readonly background: boolean;
  readonly task: ErasedTask;
  readonly a: unknown;
  readonly b: unknown;
  /** The lane for whose head this stands in the heap; null for a timer of its own. */
  readonly lane: Lane | null;

  constructor(
    deadline: Nanos,
    sequence: number,
    task: ErasedTask,
    a: unknown,
    b: unknown,
    background: boolean,
    lane: Lane | null,
  ) {
    this.deadline = deadline;
    this.sequence = sequence;
    this.task = task;
    this.a = a;
    this.b = b;
    this.background = background;
    this.lane = lane;
  }

  /** True until it has run or was cancelled. */
  get pending(): boolean {
    return this.index >= 0;
  }
}

/**
 * A queue of tasks whose deadlines never fall, such as the frames in flight on one cable. Only its
 * head stands in the heap, so a thousand frames in flight cost as little as one.
 */
export class Lane {
  readonly #scheduler: Scheduler;
  readonly #ring = new TaskRing();
  readonly #entry: Timer = new Timer(0, 0, nothing, null, null, false, this);
  #last: Nanos = 0;

  /** Use `Scheduler.lane()`. */
  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  get size(): number {
    return this.#ring.size;
  }

  /** Runs `task(a, b)` at `deadline`, which must not lie before that of the task pushed last. */
  push<A, B>(deadline: Nanos, task: Task<A, B>, a: A, b: B): void {
    assert(deadline >= this.#last, 'the deadlines of a lane never fall');
    this.#last = deadline;
    const sequence = this.#scheduler.nextSequence();
    this.#ring.pushAt(deadline, sequence, task as ErasedTask, a, b);
    if (this.#entry.pending) return;
    this.#entry.deadline = deadline;
    this.#entry.sequence = sequence;
    this.#scheduler.schedule(this.#entry);
  }

  /**
   * Called by the scheduler when the head is due: runs it and gives the entry the order of the next
   * head. False if there is none. Until then the entry keeps its place, which is the first.
   */
  runHead(): boolean {
    this.#ring.runHead();
    if (this.#ring.size === 0) return false;
    this.#entry.deadline = this.#ring.headDeadline;
    this.#entry.sequence = this.#ring.headSequence;
    return true;
  }
}

function nothing(): void {}

/** Virtual time, and the one total order of everything that happens in a lab. */
export class Scheduler {
  readonly #heap = new EventHeap<Timer>();
  readonly #ring = new TaskRing(256);
  readonly #sharedLanes = new Map<Nanos, Lane>();
  readonly #tasksPerInstant: number;
  #now: Nanos = 0;
  #sequence = 0;
  #background = 0;
  /** Null when nobody looks, which costs one comparison an instant. */
  #instantOver: (() => void) | null = null;

  constructor(options: { readonly tasksPerInstant?: number } = {}) {
    this.#tasksPerInstant = options.tasksPerInstant ?? DEFAULT_TASKS_PER_INSTANT;
  }

  /**
   * Calls `listener` whenever everything of one instant has happened, before time moves on; it may look and
   * change nothing. There is one listener; null takes it away.
   */
  onInstantOver(listener: (() => void) | null): void {
    this.#instantOver = listener;
  }

  /** Nanoseconds since the lab started. */
  get now(): Nanos {
    return this.#now;
  }

  /** Runs `task(a, b)` in this very instant, after everything that is already due in it. */
  post<A, B>(task: Task<A, B>, a: A, b: B): void {
    this.#ring.push(task as ErasedTask, a, b);
  }

  /** Runs `task(a, b)` after `delay` nanoseconds; a delay of zero still lets the present task end first. */
  after<A, B>(delay: Nanos, task: Task<A, B>, a: A, b: B, options?: TimerOptions): Timer {
    return this.at(this.#now + Math.max(0, delay), task, a, b, options);
  }

  /** The same with an absolute deadline, not in the past. */
  at<A, B>(deadline: Nanos, task: Task<A, B>, a: A, b: B, options?: TimerOptions): Timer {
    assert(deadline >= this.#now && Number.isFinite(deadline), 'a deadline is not in the past');
    const background = options?.background ?? false;
    const sequence = this.nextSequence();
    const timer = new Timer(deadline, sequence, task as ErasedTask, a, b, background, null);
    this.schedule(timer);
    return timer;
  }

  /** Takes a pending task out; one that has run or was cancelled is left alone. */
  cancel(timer: Timer): void {
    if (!timer.pending) return;
    this.#heap.remove(timer);
    if (timer.background) this.#background--;
  }

  /** A lane of its own, for a producer whose deadlines rise by themselves. */
  lane(): Lane {
    return new Lane(this);
  }

  /** The lane shared by all who always wait exactly `delay`: their deadlines rise because time does. */
  sharedLane(delay: Nanos): Lane {
    let lane = this.#sharedLanes.get(delay);
    if (lane === undefined) {
      lane = new Lane(this);
      this.#sharedLanes.set(delay, lane);
    }
    return lane;
  }

  /** When something happens next: `now` if tasks are posted, NEVER if nothing is pending. */
  nextDeadline(): Nanos {
    if (this.#ring.size > 0) return this.#now;
    return this.#heap.peek()?.deadline ?? NEVER;
  }

  /** True when only background timers, or nothing at all, are pending. */
  get idle(): boolean {
    return this.#ring.size === 0 && this.#heap.size === this.#background;
  }

  /** Runs everything due up to and including `time`, then stands at `time`. @throws EGL_EVENT_STORM */
  advanceTo(time: Nanos): void {
    assert(time >= this.#now, 'time does not run backwards');
    this.#drain(0);
    for (;;) {
      const first = this.#heap.peek();
      if (first === null || first.deadline > time) break;
      this.#now = first.deadline;
      this.#runInstant();
      if (this.#instantOver !== null) this.#instantOver();
    }
    this.#now = time;
  }

  /** For Timer and Lane; sequence numbers are given in the order of asking. */
  nextSequence(): number {
    return ++this.#sequence;
  }

  /** For Timer and Lane: puts an entry with deadline and sequence into the heap. */
  schedule(timer: Timer): void {
    this.#heap.push(timer);
    if (timer.background) this.#background++;
  }

  /** Heap entries due now in sequence order, then what was posted meanwhile, until neither is left. */
  #runInstant(): void {
    let ran = 0;
    for (;;) {
      const timer = this.#heap.peek();
      if (timer === null || timer.deadline !== this.#now) {
        if (this.#ring.size === 0) return;
        ran = this.#drain(ran);
        continue;
      }
      const { lane } = timer;
      if (lane === null) {
        this.#heap.remove(timer);
        if (timer.background) this.#background--;
        timer.task(timer.a, timer.b);
      } else if (lane.runHead()) {
        this.#heap.sink(timer);
      } else {
        this.#heap.remove(timer);
      }
      this.#guard(++ran);
    }
  }

  #drain(ran: number): number {
    while (this.#ring.size > 0) {
      this.#ring.runHead();
      this.#guard(++ran);
    }
    return ran;
  }

  #guard(ran: number): void {
    if (ran <= this.#tasksPerInstant) return;
    throw new EgressLabError(
      'EGL_EVENT_STORM',
      `more than ${this.#tasksPerInstant} tasks at the single instant ${formatSeconds(this.#now)} s`,
      {
        hint: 'Something answers itself without delay: give the links a latency, or break the loop.',
      },
    );
  }
}
