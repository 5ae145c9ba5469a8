// What a command may touch of the process it runs in. Tests hand in strings and arrays; main.ts hands
// in the process. An output that takes no more (`| head`, a full disk) ends nothing: the run and its
// captures are finished all the same, and the exit code says what happened.

import { EgressLabError } from '../base/errors.ts';
import { errnoOf, explainErrno } from '../platform/errno.ts';
import { ReaderSink } from '../platform/reader-sink.ts';

/** The variables of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a command prints. */
export interface TextOutput {
  readonly isTerminal: boolean;
  /** Width in columns; 80 when unknown. */
  readonly columns: number;
  write(text: string): void;
}

/** Octets that a program reads along, and that never make a lab wait. */
export type OctetOutput = Pick<
  ReaderSink,
  'close' | 'drained' | 'finished' | 'isGone' | 'onGone' | 'unread' | 'write'
>;

/** Signals that end a run in an orderly way. */
export type StopSignal = 'SIGINT' | 'SIGTERM';

/** What a command may use of the process, so that tests can give it something else. */
export interface Io {
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  /** Standard output for octets. To be called once; then nothing is printed on `stdout`. */
  openOctets(): OctetOutput;
  /** @throws EgressLabError EGL_WORKING_DIRECTORY when it was deleted */
  readonly workingDirectory: string;
  readonly environment: Environment;
  /** Calls `listener` at the first signal, until the returned function is called. */
  onStopSignal(listener: (signal: StopSignal) => void): () => void;
  /** Once everything is written: why `stdout` took no more; null when it took all. */
  outputFailure(): Promise<Error | null>;
}

/** The real process. What `stdout` does not take is reported on `stderr` when it happens. */
export function processIo(): Io {
  const stdout = processOutput(process.stdout, (error) =>
    process.stderr.write(outputProblem(error)),
  );
  return {
    stdout,
    stderr: processOutput(process.stderr, () => {}),
    openOctets: () => ReaderSink.ofStandardOutput(),
    get workingDirectory(): string {
      return workingDirectory();
    },
    environment: process.env,
    onStopSignal,
    outputFailure: () => stdout.failure(),
  };
}

/** A reader that leaves, as `head` does, is no error of anybody. Plain: what renders in color needs an Io. */
function outputProblem(error: Error): string {
  if (errnoOf(error) === 'EPIPE') {
    return 'note: nobody reads the output any more; the rest of it is lost\n';
  }
  const problem = new EgressLabError(
    'EGL_OUTPUT',
    `cannot write the output: ${explainErrno(error)}`,
    { hint: 'What was printed is incomplete.', fault: 'environment', cause: error },
  );
  return `error ${problem.code}: ${problem.message}\nhint  ${problem.hint}\n`;
}

function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new EgressLabError('EGL_WORKING_DIRECTORY', 'the current directory was deleted', {
      hint: 'Change to one that exists.',
      cause,
    });
  }
}

interface ProcessOutput extends TextOutput {
  /** Waits until all is written. */
  failure(): Promise<Error | null>;
}

function processOutput(
  stream: NodeJS.WriteStream,
  onFailure: (error: Error) => void,
): ProcessOutput {
  let failed: Error | null = null;
  let used = false;
  stream.on('error', (error) => {
    if (failed !== null) return;
    failed = error;
    onFailure(error);
  });
  return {
    get isTerminal(): boolean {
      return stream.isTTY === true;
    },
    get columns(): number {
      return stream.columns ?? 80;
    },
    write(text: string): void {
      used = true;
      if (failed === null) stream.write(text);
    },
    async failure(): Promise<Error | null> {
      if (used && failed === null) {
        await new Promise<void>((resolve) => {
          stream.write('', () => resolve());
        });
        // The event of an error comes after the callback.
        await new Promise<void>((resolve) => {
          setImmediate(resolve);
        });
      }
      return failed;
    },
  };
}

/** After the first signal the process has its default handling back: a second Ctrl-C ends it at once. */
function onStopSignal(listener: (signal: StopSignal) => void): () => void {
  const handler = (signal: NodeJS.Signals): void => {
    remove();
    listener(signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM');
  };
  const remove = (): void => {
    process.off('SIGINT', handler);
    process.off('SIGTERM', handler);
  };
  process.on('SIGINT', handler);
  process.on('SIGTERM', handler);
  return remove;
}
