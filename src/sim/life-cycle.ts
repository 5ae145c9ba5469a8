// A daemon as whoever breaks things sees it: it runs or it does not, it may be killed and started at any
// time, and everything it knew dies with it. Agents and controllers of a cluster network are such
// daemons, and so is whatever runs on a plain host.

/** Something that can be started and killed. */
export interface Daemon {
  readonly isRunning: boolean;
  /** Starts with nothing remembered. Starting what runs is a no-op. */
  start(): void;
  /** Dies on the spot: nothing is undone, nothing more is said. Stopping what stands is a no-op. */
  stop(): void;
}

/** How one life begins and what is let go of when it ends. */
export interface LifeCycleOptions<Life> {
  /** Everything that one life owns. */
  readonly begin: () => Life;
  /** Closes what it has open; called once, when the life is over already. */
  readonly end: (life: Life) => void;
}

/** The lives of one daemon, one after another. A callback that outlives its life finds another one, or null. */
export class LifeCycle<Life extends object> implements Daemon {
  readonly #options: LifeCycleOptions<Life>;
  #current: Life | null = null;

  constructor(options: LifeCycleOptions<Life>) {
    this.#options = options;
  }

  /** The present life; null while the daemon does not run. */
  get current(): Life | null {
    return this.#current;
  }

  get isRunning(): boolean {
    return this.#current !== null;
  }

  start(): void {
    this.#current ??= this.#options.begin();
  }

  stop(): void {
    const life = this.#current;
    if (life === null) return;
    this.#current = null;
    this.#options.end(life);
  }
}
