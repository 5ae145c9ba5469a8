// `--watch` on a table of a running lab: asked for again and again, printed when it has changed.

import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode } from '../../exit-code.ts';
import { type FlagOption, flagOption, type Session } from '../command.ts';

/** `--watch`, as yargs takes it. */
export const WATCH_OPTION: { readonly watch: FlagOption } = {
  watch: flagOption('Print it again whenever it has changed, until Ctrl-C', 'w'),
};

/** Prints a text if what it is about has changed. */
export type Show = (text: string, about: string) => void;

const INTERVAL_MILLISECONDS = 500;
/** Cursor home, and the screen below it is cleared (ECMA-48 CUP, ED). */
const CLEAR = '\x1b[H\x1b[2J';

/**
 * Asks until Ctrl-C, which is how it ends well. `print` gets what is new; each time but the first there is an empty line
 * before it, or on a terminal a clear screen. @throws EgressLabError what `look` throws
 */
export async function watch(
  { io }: Session,
  look: (show: Show) => Promise<number>,
): Promise<number> {
  const abort = new AbortController();
  const stopListening = io.onStopSignal(() => abort.abort());
  let before: string | null = null;
  const show: Show = (text, about) => {
    if (about === before) return;
    const between = io.stdout.isTerminal ? CLEAR : before === null ? '' : '\n';
    io.stdout.write(`${between}${text}`);
    before = about;
  };
  try {
    while (!abort.signal.aborted) {
      const code = await look(show);
      if (code !== ExitCode.Success) return abort.signal.aborted ? ExitCode.Success : code;
      await sleep(INTERVAL_MILLISECONDS, undefined, { signal: abort.signal }).catch(() => {});
    }
    return ExitCode.Success;
  } finally {
    stopListening();
  }
}
