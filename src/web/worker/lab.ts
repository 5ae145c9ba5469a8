// The page's side of the worker. Stopping ends it, whatever it does; the next job begins a new one.

import { type Diagnostic, hasErrors } from '../../schema/diagnostic.ts';
import type { Assistance, AssistRequest, Job, Reply, Request, RunResult } from './messages.ts';

/** What a run comes to. */
export type JobOutcome =
  | { readonly kind: 'ran'; readonly result: RunResult }
  | { readonly kind: 'invalid'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'stopped' };

/** Null: the worker was ended before it could say. */
type Listener = (reply: Reply | null) => void;

/** A lab behind the page. */
export class WorkerLab {
  readonly #url: string;
  readonly #waiting = new Map<number, Listener>();
  #worker: Worker | null = null;
  #id = 0;

  /** `url` is that of the worker's script. */
  constructor(url: string) {
    this.#url = url;
  }

  /** What is wrong with a topology; null when the worker ended before it could say. */
  check(job: Job): Promise<readonly Diagnostic[] | null> {
    return new Promise((resolve) => {
      const id = this.#ask('check', job, (reply) => {
        this.#waiting.delete(id);
        resolve(reply?.kind === 'checked' ? reply.diagnostics : null);
      });
    });
  }

  /** Help at an offset of a text; null when the worker ended before it could say. */
  assist(text: string, offset: number): Promise<Assistance | null> {
    return new Promise((resolve) => {
      const id = this.#listen((reply) => {
        this.#waiting.delete(id);
        resolve(reply?.kind === 'assisted' ? reply.assistance : null);
      });
      const request: AssistRequest = { kind: 'assist', id, text, offset };
      this.#started().postMessage(request);
    });
  }

  /** Runs a topology; `onProgress` hears of lab time. */
  run(job: Job, onProgress: (at: number, of: number) => void): Promise<JobOutcome> {
    return new Promise((resolve) => {
      const id = this.#ask('run', job, (reply) => {
        if (reply?.kind === 'progress') {
          onProgress(reply.at, reply.of);
        } else if (reply?.kind !== 'checked' || hasErrors(reply.diagnostics)) {
          this.#waiting.delete(id);
          resolve(outcomeOf(reply));
        }
      });
    });
  }

  /** Ends whatever it does. */
  stop(): void {
    this.#worker?.terminate();
    this.#worker = null;
    for (const listener of [...this.#waiting.values()]) listener(null);
  }

  #ask(kind: Request['kind'], job: Job, listener: Listener): number {
    const id = this.#listen(listener);
    const request: Request = { kind, id, ...job };
    this.#started().postMessage(request);
    return id;
  }

  #listen(listener: Listener): number {
    const id = ++this.#id;
    this.#waiting.set(id, listener);
    return id;
  }

  #started(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(this.#url);
    worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#waiting.get(data.id)?.(data);
    worker.onerror = ({ message }) => {
      for (const [id, listener] of [...this.#waiting]) listener({ kind: 'failed', id, message });
    };
    this.#worker = worker;
    return worker;
  }
}

function outcomeOf(reply: Reply | null): JobOutcome {
  switch (reply?.kind) {
    case 'ran':
      return { kind: 'ran', result: reply.result };
    case 'checked':
      return { kind: 'invalid', diagnostics: reply.diagnostics };
    case 'failed':
      return { kind: 'failed', message: reply.message };
    default:
      return { kind: 'stopped' };
  }
}
