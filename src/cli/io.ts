// What a command may touch of the process it runs in. Tests hand in strings and arrays; main.ts hands
// in the process. Writing to an output whose reader has gone (`| head`) is silently nothing: the run
// and its captures are finished all the same.

/** The variables of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a command prints. */
export interface TextOutput {
  readonly isTerminal: boolean;
  /** Width in columns; 80 when unknown. */
  readonly columns: number;
  write(text: string): void;
}

/** Signals that end a run in an orderly way. */
export type StopSignal = 'SIGINT' | 'SIGTERM';

export interface Io {
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  readonly workingDirectory: string;
  readonly environment: Environment;
  /** Calls `listener` at the first signal, until the returned function is called. */
  onStopSignal(listener: (signal: StopSignal) => void): () => void;
}

/** The real process. `stdout` and `stderr` swallow EPIPE; other write errors go to `stderr`. */
export function processIo(): Io {
  return {
    stdout: processOutput(process.stdout),
    stderr: processOutput(process.stderr),
    workingDirectory: process.cwd(),
    environment: process.env,
    onStopSignal,
  };
}

function processOutput(stream: NodeJS.WriteStream): TextOutput {
  let open = true;
  stream.on('error', () => {
    open = false;
  });
  return {
    get isTerminal(): boolean {
      return stream.isTTY === true;
    },
    get columns(): number {
      return stream.columns ?? 80;
    },
    write(text: string): void {
      if (open) stream.write(text);
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
