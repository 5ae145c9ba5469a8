// egresslab worker: runs what explorations have queued, on this machine, until it is stopped.

import { availableParallelism } from 'node:os';
import type { Argv } from 'yargs';
import { EgressLabError } from '../../../base/errors.ts';
import { ExitCode } from '../../exit-code.ts';
import { type Action, type Command, type Session, word, wordOption } from '../command.ts';

const OPTIONS = {
  queue: wordOption('queue', 'The Redis of the campaigns: redis://host:6379'),
  threads: wordOption('threads', 'Threads that run labs; all cores when left out'),
};

/** `egresslab worker`. */
export const workerCommand: Command = {
  name: 'worker',
  optionNames: Object.keys(OPTIONS),
  operands: '--queue',
  exitCodes: [ExitCode.Environment],
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'worker',
      'Run what `egresslab explore --queue` plans, until Ctrl-C',
      (command) =>
        command
          .options(OPTIONS)
          .example('$0 worker --queue redis://queue:6379', 'as many as you like'),
      (typed) => {
        const queue = word(typed.queue);
        const threads = Number(word(typed.threads) ?? availableParallelism());
        choose((session) => execute(queue, threads, session));
      },
    );
  },
};

async function execute(queue: string | null, threads: number, { io }: Session): Promise<ExitCode> {
  if (queue === null || !Number.isInteger(threads) || threads < 1) {
    throw new EgressLabError('EGL_USAGE', 'a worker needs a queue, and a number of threads', {
      hint: 'Such as: egresslab worker --queue redis://localhost:6379 --threads 4.',
    });
  }
  const [{ QueueWorker }, { ThreadCrew }] = await Promise.all([
    import('../../../platform/explore/queue.ts'),
    import('../../../platform/explore/thread-crew.ts'),
  ]);
  const worker = await QueueWorker.open(queue, {
    threads,
    makeCrew: (plan) => new ThreadCrew(plan, threads),
    tell: (line) => io.stderr.write(`${line}\n`),
  });
  io.stdout.write(`worker with ${threads} threads waits for runs\n`);
  await new Promise<void>((done) => {
    io.onStopSignal(() => done());
  });
  io.stderr.write('Stopping: finishing the runs under way. Press Ctrl-C again to quit at once.\n');
  await worker.close();
  return ExitCode.Success;
}
