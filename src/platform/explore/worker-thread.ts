// A long-lived thread of an exploration: reads the topology once, then runs what it is told to.

import { parentPort, workerData } from 'node:worker_threads';
import { Work, type WorkPlan } from '../../explore/work.ts';
import { lateAfter, RUN_LIMIT_MILLISECONDS } from './clock.ts';
import type { ThreadAnswer, ThreadTask } from './message.ts';

const work = new Work(workerData as WorkPlan);

parentPort?.on('message', (task: ThreadTask) => parentPort?.postMessage(answer(task)));

function answer(task: ThreadTask): ThreadAnswer {
  const { id } = task;
  try {
    if (task.kind === 'run') {
      const results = task.runs.map((run) => work.run(run, lateAfter(RUN_LIMIT_MILLISECONDS)));
      return { id, kind: 'run', results };
    }
    // One limit for each run of it would make a hang endless.
    const finding = work.find(task.request, lateAfter(10 * RUN_LIMIT_MILLISECONDS));
    return { id, kind: 'find', finding };
  } catch (error) {
    return {
      id,
      kind: 'failed',
      problem: error instanceof Error ? (error.stack ?? '') : String(error),
    };
  }
}
