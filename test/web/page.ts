// What the page of test/browser.test.ts does: it starts the worker and waits for its one answer.

import type { Job, Result } from './job.ts';

/** `script` is the text of the worker. Rejects with what the browser says when the worker fails. */
export function runInWorker(script: string, job: Job): Promise<Result> {
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const worker = new Worker(url);
  return new Promise<Result>((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<Result>) => resolve(event.data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(job);
  }).finally(() => {
    worker.terminate();
    URL.revokeObjectURL(url);
  });
}
