// A process made of strings.

import type { Io, StopSignal } from '../../src/cli/io.ts';

export interface FakeIo extends Io {
  /** Everything written so far. */
  readonly out: () => string;
  readonly err: () => string;
  /** All octets that went to standard output. */
  readonly octets: () => Buffer;
  /** Acts as if the process got the signal; false when nobody listens (then it would have died). */
  readonly signal: (signal: StopSignal) => boolean;
}

export interface FakeIoSettings {
  readonly workingDirectory?: string;
  readonly isTerminal?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

export function fakeIo(settings: FakeIoSettings = {}): FakeIo {
  let out = '';
  const chunks: Buffer[] = [];
  let err = '';
  const listeners = new Set<(signal: StopSignal) => void>();
  const isTerminal = settings.isTerminal ?? false;
  return {
    stdout: {
      isTerminal,
      columns: 80,
      write: (text) => {
        out += text;
      },
    },
    stderr: {
      isTerminal,
      columns: 80,
      write: (text) => {
        err += text;
      },
    },
    openOctets: () => ({
      unread: 0,
      isGone: false,
      onGone: () => {},
      write: (chunk) => {
        chunks.push(Buffer.from(chunk));
      },
      close: () => {},
      drained: () => Promise.resolve(),
      finished: () => Promise.resolve(),
    }),
    octets: () => Buffer.concat(chunks),
    workingDirectory: settings.workingDirectory ?? process.cwd(),
    environment: settings.environment ?? {},
    onStopSignal: (given) => {
      listeners.add(given);
      return () => listeners.delete(given);
    },
    outputFailure: () => Promise.resolve(null),
    out: () => out,
    err: () => err,
    signal: (signal) => {
      const heard = [...listeners];
      listeners.clear();
      for (const listener of heard) listener(signal);
      return heard.length > 0;
    },
  };
}
