// Runs an exploration on several long-lived threads. Own threads and no pool of a library: each keeps the parsed
// topology and its warmed-up code for as long as the campaign lasts, and one that dies or hangs is replaced,
// its work tried once more and then told as a run that hangs.

import { Worker } from 'node:worker_threads';
import { EgressLabError } from '../../base/errors.ts';
import type { PlannedRun } from '../../explore/campaign.ts';
import type { Crew } from '../../explore/explorer.ts';
import type { ExploreFinding } from '../../explore/finding.ts';
import { genomeId } from '../../explore/genome.ts';
import type { ExploreResult } from '../../explore/run.ts';
import type { ShrinkRequest } from '../../explore/shrink.ts';
import type { WorkPlan } from '../../explore/work.ts';
import { RUN_LIMIT_MILLISECONDS } from './clock.ts';
import type { ThreadAnswer, ThreadTask } from './message.ts';

/** A thread that has not answered for so long is gone. */
const GRACE_MILLISECONDS = 15_000;
const TRIES = 2;

interface Job {
  readonly task: ThreadTask;
  readonly limit: number;
  readonly done: (answer: ThreadAnswer | null) => void;
  tries: number;
}

interface Thread {
  readonly worker: Worker;
  job: Job | null;
  timer: NodeJS.Timeout | null;
}

/** Threads and the work that waits for them. */
export class ThreadCrew implements Crew {
  readonly width: number;
  readonly batch = 4;
  readonly #plan: WorkPlan;
  readonly #threads: Thread[] = [];
  readonly #waiting: Job[] = [];
  #next = 0;
  #closed = false;

  constructor(plan: WorkPlan, threads: number) {
    this.#plan = plan;
    this.width = threads;
    for (let count = 0; count < threads; count++) this.#threads.push(this.#start());
  }

  async run(runs: readonly PlannedRun[]): Promise<readonly ExploreResult[]> {
    const limit = runs.length * RUN_LIMIT_MILLISECONDS + GRACE_MILLISECONDS;
    const answer = await this.#ask({ id: this.#next++, kind: 'run', runs }, limit);
    if (answer === null) return this.#oneByOne(runs);
    if (answer.kind === 'failed') throw bug(answer.problem);
    return answer.kind === 'run' ? answer.results : [];
  }

  async find(request: ShrinkRequest): Promise<ExploreFinding | null> {
    const limit = 10 * RUN_LIMIT_MILLISECONDS + GRACE_MILLISECONDS;
    const answer = await this.#ask({ id: this.#next++, kind: 'find', request }, limit);
    if (answer?.kind === 'failed') throw bug(answer.problem);
    return answer?.kind === 'find' ? answer.finding : null;
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { timer } of this.#threads) if (timer !== null) clearTimeout(timer);
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  /** A batch that killed its thread: which of its runs it was. */
  async #oneByOne(runs: readonly PlannedRun[]): Promise<readonly ExploreResult[]> {
    const [only] = runs;
    if (runs.length === 1 && only !== undefined) return [hung(only)];
    const results: ExploreResult[] = [];
    for (const run of runs) results.push(...(await this.run([run])));
    return results;
  }

  #ask(task: ThreadTask, limit: number): Promise<ThreadAnswer | null> {
    return new Promise((done) => {
      this.#waiting.push({ task, limit, done, tries: 0 });
      this.#feed();
    });
  }

  #feed(): void {
    for (const thread of this.#threads) {
      if (thread.job !== null) continue;
      const job = this.#waiting.shift();
      if (job === undefined) return;
      job.tries++;
      thread.job = job;
      thread.timer = setTimeout(() => void thread.worker.terminate(), job.limit);
      thread.timer.unref();
      thread.worker.postMessage(job.task);
    }
  }

  #start(): Thread {
    const worker = new Worker(new URL('./worker-thread.js', import.meta.url), {
      workerData: this.#plan,
    });
    const thread: Thread = { worker, job: null, timer: null };
    worker.on('message', (answer: ThreadAnswer) => {
      const { job } = thread;
      if (job === null || job.task.id !== answer.id) return;
      this.#free(thread);
      job.done(answer);
      this.#feed();
    });
    // Out of memory, say: 'exit' follows.
    worker.on('error', () => {});
    worker.on('exit', () => this.#replace(thread));
    return thread;
  }

  #replace(thread: Thread): void {
    if (this.#closed) return;
    const { job } = thread;
    this.#free(thread);
    this.#threads[this.#threads.indexOf(thread)] = this.#start();
    if (job !== null && job.tries < TRIES) this.#waiting.unshift(job);
    else job?.done(null);
    this.#feed();
  }

  #free(thread: Thread): void {
    if (thread.timer !== null) clearTimeout(thread.timer);
    thread.timer = null;
    thread.job = null;
  }
}

/** A run that took its thread along, twice. */
function hung({ genome }: PlannedRun): ExploreResult {
  const saw = 'the run took too long, or took its thread along';
  const broke = {
    property: 'no-hang',
    subject: { kind: 'lab', name: 'run' },
    since: 0,
    at: 0,
    saw,
  } as const;
  const id = genomeId(genome);
  const none = { states: [], instants: [], judged: [], digest: id };
  return { id, genome, outcome: 'hang', problem: saw, broke: [broke], ...none };
}

function bug(problem: string): EgressLabError {
  return new EgressLabError('EGL_BUG', `a thread of the exploration failed: ${problem}`);
}
