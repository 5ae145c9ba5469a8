// The lock of the allocator: one task after another, each until it says that it is done.

/** Work that may take lab time; `done` is called once. */
export type LockedTask = (done: () => void) => void;

/** Tasks that wait for one another. */
export class Tasks {
  readonly #waiting: LockedTask[] = [];
  #busy = false;
  #draining = false;
  #stopped = false;

  /** Nothing runs and nothing waits. */
  get isIdle(): boolean {
    return !this.#busy && !this.#draining && this.#waiting.length === 0 && !this.#stopped;
  }

  add(task: LockedTask): void {
    if (this.#stopped) return;
    this.#waiting.push(task);
    this.#next();
  }

  /** What waits is forgotten; what runs ends nowhere. */
  stop(): void {
    this.#stopped = true;
    this.#waiting.length = 0;
  }

  #next(): void {
    // A loop instead of recursion: thousands of tasks may be done at once.
    if (this.#draining) return;
    this.#draining = true;
    while (!this.#busy && !this.#stopped) {
      const task = this.#waiting.shift();
      if (task === undefined) break;
      this.#busy = true;
      task(() => {
        this.#busy = false;
        this.#next();
      });
    }
    this.#draining = false;
  }
}

/** Runs a step for each item, one after another, then calls `done`. */
export function inTurn<T>(
  items: readonly T[],
  step: (item: T, done: () => void) => void,
  done: () => void,
): void {
  let at = 0;
  let running = false;
  let ready = true;
  const advance = (): void => {
    if (running) return;
    running = true;
    while (ready) {
      const item = items[at++];
      if (item === undefined) {
        ready = false;
        done();
        break;
      }
      ready = false;
      step(item, () => {
        ready = true;
        advance();
      });
    }
    running = false;
  };
  advance();
}
