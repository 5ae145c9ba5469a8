// What the containers of the lab's pods wrote, for `oc logs`: the last lines of each, bounded, and
// their followers.

import type { Scheduler } from '../../sim/scheduler.ts';
import type { Nanos } from '../../sim/time.ts';
import { keyOf } from '../kinds/object.ts';

/** One line without its newline. */
export interface LogLine {
  readonly at: Nanos;
  readonly text: string;
}

/** Which lines to show. */
export interface LogWindow {
  /** The last so many; null is all. */
  readonly tail?: number | null;
  /** Not older than this lab time; null is all. */
  readonly since?: Nanos | null;
}

const DEFAULT_LIMIT = 10_000;

/** The log of one pod's only container. */
export class PodLog {
  readonly #scheduler: Scheduler;
  readonly #limit: number;
  readonly #followers = new Set<(line: LogLine) => void>();
  #lines: LogLine[] = [];
  #forgotten = 0;

  constructor(scheduler: Scheduler, limit: number = DEFAULT_LIMIT) {
    this.#scheduler = scheduler;
    this.#limit = limit;
  }

  /** How many of the oldest lines were given up for newer ones. */
  get forgotten(): number {
    return this.#forgotten;
  }

  append(text: string): void {
    const line: LogLine = { at: this.#scheduler.now, text };
    this.#lines.push(line);
    // Trimmed in halves, so that the cost per line stays constant.
    if (this.#lines.length >= 2 * this.#limit) {
      this.#lines = this.#lines.slice(this.#limit);
      this.#forgotten += this.#limit;
    }
    for (const follower of this.#followers) follower(line);
  }

  /** The container started anew: its log begins empty. */
  clear(): void {
    this.#lines = [];
    this.#forgotten = 0;
  }

  /** Oldest first. */
  lines(window: LogWindow = {}): readonly LogLine[] {
    const { tail = null, since = null } = window;
    const young = since === null ? this.#lines : this.#lines.filter((line) => line.at >= since);
    return tail === null ? [...young] : young.slice(Math.max(0, young.length - tail));
  }

  /** Calls `listener` for every later line, until the returned function is called. */
  follow(listener: (line: LogLine) => void): () => void {
    this.#followers.add(listener);
    return () => this.#followers.delete(listener);
  }
}

/** The logs of all pods that write one. */
export class PodLogs {
  readonly #scheduler: Scheduler;
  readonly #logs = new Map<string, PodLog>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** The log of a pod, or null when it never had one. */
  find(pod: string, namespace: string): PodLog | null {
    return this.#logs.get(keyOf(pod, namespace)) ?? null;
  }

  /** All of them, in the order in which they were begun; keys as `keyOf` makes them. */
  entries(): IterableIterator<[string, PodLog]> {
    return this.#logs.entries();
  }

  /** The log of a pod, begun now if it is new. */
  open(pod: string, namespace: string): PodLog {
    const key = keyOf(pod, namespace);
    let log = this.#logs.get(key);
    if (log === undefined) {
      log = new PodLog(this.#scheduler);
      this.#logs.set(key, log);
    }
    return log;
  }
}
