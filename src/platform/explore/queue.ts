// A campaign on many machines: BullMQ on Redis or Valkey. The planner adds batches and collects results;
// workers, as many as one likes, run them. Loaded on demand: who does not use a queue needs neither package.
//
// What was measured and decides the numbers: a batch that is not renewed within its lock is run again, so the
// event loop that renews locks never runs labs; a worker that is killed is noticed within lock plus check; a
// batch may be interrupted any number of times; results are equal whoever brings them, so the first one counts.

import type { Queue as BullQueue, Worker as BullWorker, Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { EgressLabError } from '../../base/errors.ts';
import { VERSION } from '../../base/version.ts';
import type { PlannedRun } from '../../explore/campaign.ts';
import type { Crew } from '../../explore/explorer.ts';
import type { ExploreFinding } from '../../explore/finding.ts';
import { digestOf } from '../../explore/genome.ts';
import type { ExploreResult } from '../../explore/run.ts';
import type { ShrinkRequest } from '../../explore/shrink.ts';
import type { WorkPlan } from '../../explore/work.ts';

/** The name of the queue in Redis. */
const QUEUE = 'egresslab-explore';
const LOCK_MILLISECONDS = 15_000;
const STALLED_CHECK_MILLISECONDS = 5_000;
/** A batch may lose its worker as often as it likes. */
const INTERRUPTIONS = 100_000;
/** Between two looks of the planner at what is done. */
const LOOK_MILLISECONDS = 150;
/** Work of another version waits for a worker of its own. */
const OTHER_VERSION_DELAY = 5_000;
/** How long a plan stays when nobody asks for it. */
const PLAN_SECONDS = 7 * 24 * 3600;
const CONNECT_MILLISECONDS = 10_000;

/** A batch as it stands in the queue. */
type BatchData =
  | { readonly campaign: string; readonly version: string; readonly runs: readonly PlannedRun[] }
  | { readonly campaign: string; readonly version: string; readonly request: ShrinkRequest };

interface BatchResult {
  readonly results?: readonly ExploreResult[];
  readonly finding?: ExploreFinding | null;
}

interface Packages {
  readonly bullmq: typeof import('bullmq');
  readonly ioredis: Pick<typeof import('ioredis'), 'Redis'>;
}

/** Adds batches and collects what comes of them. */
export class QueueCrew implements Crew {
  readonly width: number;
  readonly batch = 20;
  readonly #campaign: string;
  readonly #queue: BullQueue<BatchData, BatchResult>;
  readonly #redis: Redis;
  readonly #pending = new Map<string, (result: BatchResult | null) => void>();
  #looking: NodeJS.Timeout | null = null;
  #again = 0;

  private constructor(
    campaign: string,
    width: number,
    queue: BullQueue<BatchData, BatchResult>,
    redis: Redis,
  ) {
    this.#campaign = campaign;
    this.width = width;
    this.#queue = queue;
    this.#redis = redis;
  }

  /** @throws EgressLabError EGL_EXPLORE_QUEUE */
  static async open(url: string, plan: WorkPlan): Promise<QueueCrew> {
    const { bullmq, ioredis } = await packages();
    const redis = await connect(ioredis, url);
    await holdMemoryPolicy(redis, url);
    const campaign = digestOf(JSON.stringify(plan));
    await redis.set(planKey(campaign), JSON.stringify(plan), 'EX', PLAN_SECONDS);
    const queue = new bullmq.Queue<BatchData, BatchResult>(QUEUE, { connection: redis });
    const width = Math.max(1, Math.floor(plan.header.lag / 20));
    return new QueueCrew(campaign, width, queue, redis);
  }

  async run(runs: readonly PlannedRun[]): Promise<readonly ExploreResult[]> {
    const name = `b${runs[0]?.index ?? 0}`;
    const result = await this.#add(name, { campaign: this.#campaign, version: VERSION, runs });
    return result.results ?? [];
  }

  async find(request: ShrinkRequest): Promise<ExploreFinding | null> {
    const name = `f${digestOf(JSON.stringify(request))}`;
    const result = await this.#add(name, { campaign: this.#campaign, version: VERSION, request });
    return result.finding ?? null;
  }

  /** Leaves what is queued to the workers: the next planner finds its results. */
  async close(): Promise<void> {
    if (this.#looking !== null) clearTimeout(this.#looking);
    await this.#queue.close();
    this.#redis.disconnect();
  }

  /** The same batch has the same name: added twice, it is run once. */
  async #add(name: string, data: BatchData): Promise<BatchResult> {
    for (;;) {
      const jobId = `${this.#campaign}-${name}${this.#again === 0 ? '' : `-${this.#again}`}`;
      await this.#queue.add('batch', data, { jobId, removeOnFail: false });
      const result = await new Promise<BatchResult | null>((done) => {
        this.#pending.set(jobId, done);
        this.#look();
      });
      if (result !== null) return result;
      // It failed for good, which no batch may: it is planned again.
      this.#again++;
    }
  }

  #look(): void {
    this.#looking ??= setTimeout(() => {
      this.#looking = null;
      this.#collect()
        // Redis is away: it is asked again.
        .catch(() => {})
        .finally(() => {
          if (this.#pending.size > 0) this.#look();
        });
    }, LOOK_MILLISECONDS);
  }

  async #collect(): Promise<void> {
    for (const [jobId, done] of [...this.#pending]) {
      const job = await this.#queue.getJob(jobId);
      if (job === undefined) {
        // Redis forgot its last second.
        this.#pending.delete(jobId);
        done(null);
        continue;
      }
      const failed = await job.isFailed();
      if (!failed && !(await job.isCompleted())) continue;
      // The state is newer than what was read with the job.
      const { returnvalue } = (await this.#queue.getJob(jobId)) ?? job;
      this.#pending.delete(jobId);
      await job.remove().catch(() => {});
      done(failed ? null : returnvalue);
    }
  }
}

/** A process that runs batches of whatever campaign. */
export class QueueWorker {
  readonly #worker: BullWorker<BatchData, BatchResult>;
  readonly #redis: Redis;
  readonly #crews = new Map<string, ClosableCrew>();
  readonly #makeCrew: (plan: WorkPlan) => ClosableCrew;
  readonly #tell: (line: string) => void;
  readonly #versions = new Set<string>();

  private constructor(
    { bullmq }: Packages,
    redis: Redis,
    url: string,
    options: QueueWorkerOptions,
  ) {
    this.#redis = redis;
    this.#makeCrew = options.makeCrew;
    this.#tell = options.tell;
    this.#worker = new bullmq.Worker<BatchData, BatchResult>(
      QUEUE,
      (job, token) => this.#process(job, token, bullmq.DelayedError),
      {
        connection: { url, maxRetriesPerRequest: null },
        concurrency: options.threads,
        lockDuration: LOCK_MILLISECONDS,
        stalledInterval: STALLED_CHECK_MILLISECONDS,
        maxStalledCount: INTERRUPTIONS,
      },
    );
    // Redis comes and goes; the client connects again by itself.
    this.#worker.on('error', (error) => this.#tell(`queue: ${error.message}`));
  }

  /** @throws EgressLabError EGL_EXPLORE_QUEUE */
  static async open(url: string, options: QueueWorkerOptions): Promise<QueueWorker> {
    const loaded = await packages();
    const redis = await connect(loaded.ioredis, url);
    await holdMemoryPolicy(redis, url);
    return new QueueWorker(loaded, redis, url, options);
  }

  /** Finishes what it works on, then stops. */
  async close(): Promise<void> {
    await this.#worker.close();
    for (const crew of this.#crews.values()) await crew.close();
    this.#redis.disconnect();
  }

  async #process(
    job: Job<BatchData, BatchResult>,
    token: string | undefined,
    DelayedError: new () => Error,
  ): Promise<BatchResult> {
    const { data } = job;
    if (data.version !== VERSION) {
      if (!this.#versions.has(data.version)) {
        this.#versions.add(data.version);
        this.#tell(
          `a campaign of egresslab ${data.version} waits for workers of that version; this is ${VERSION}`,
        );
      }
      await job.moveToDelayed(Date.now() + OTHER_VERSION_DELAY, token);
      throw new DelayedError();
    }
    const crew = await this.#crewOf(data.campaign);
    if ('runs' in data) return { results: await crew.run(data.runs) };
    return { finding: await crew.find(data.request) };
  }

  /** One crew at a time: another campaign takes the place of the one before. */
  async #crewOf(campaign: string): Promise<ClosableCrew> {
    const known = this.#crews.get(campaign);
    if (known !== undefined) return known;
    const text = await this.#redis.get(planKey(campaign));
    if (text === null) throw new Error(`campaign ${campaign} has no plan any more`);
    const made = this.#crews.get(campaign) ?? this.#makeCrew(JSON.parse(text) as WorkPlan);
    this.#crews.set(campaign, made);
    return made;
  }
}

/** A crew that has threads to end. */
export interface ClosableCrew extends Crew {
  close(): Promise<void>;
}

/** What a worker process is made with. */
export interface QueueWorkerOptions {
  readonly threads: number;
  readonly makeCrew: (plan: WorkPlan) => ClosableCrew;
  /** For the log of the process. */
  readonly tell: (line: string) => void;
}

function planKey(campaign: string): string {
  return `egresslab:plan:${campaign}`;
}

async function packages(): Promise<Packages> {
  try {
    const [bullmq, ioredis] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bullmq, ioredis };
  } catch (cause) {
    throw problem(
      'a queue needs the packages bullmq and ioredis, which are not installed',
      'npm install bullmq ioredis',
      cause,
    );
  }
}

async function connect({ Redis: Client }: Packages['ioredis'], url: string): Promise<Redis> {
  if (!/^rediss?:\/\//.test(url)) {
    throw problem(
      `${url} is no address of a Redis`,
      'Such as --queue redis://host:6379, or rediss:// with TLS.',
    );
  }
  const redis = new Client(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_MILLISECONDS,
  });
  let last = '';
  redis.on('error', (error: Error) => {
    last = error.message;
  });
  const timer = setTimeout(() => redis.disconnect(), CONNECT_MILLISECONDS);
  try {
    await redis.connect();
    await redis.ping();
    return redis;
  } catch (cause) {
    redis.disconnect();
    const why = last === '' && cause instanceof Error ? cause.message : last;
    throw problem(
      `cannot reach the Redis at ${withoutPassword(url)}: ${why}`,
      'Start it, or check host, port, password and TLS.',
      cause,
    );
  } finally {
    clearTimeout(timer);
  }
}

/** A Redis that makes room by forgetting would forget batches. */
async function holdMemoryPolicy(redis: Redis, url: string): Promise<void> {
  const info = await redis.info('memory');
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'noeviction';
  if (policy === 'noeviction') return;
  redis.disconnect();
  throw problem(
    `the Redis at ${withoutPassword(url)} may forget what is queued: its maxmemory-policy is ${policy}`,
    'Set maxmemory-policy noeviction.',
  );
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}

function problem(message: string, hint: string, cause?: unknown): EgressLabError {
  return new EgressLabError('EGL_EXPLORE_QUEUE', message, { hint, fault: 'environment', cause });
}
