// Commands that are typed on the page of a running lab. They are the commands of the terminal, read by the same
// parser and answered by the same lab; what is not about this lab, or writes files, is for the terminal only.

import { EgressLabError } from '../base/errors.ts';
import { splitWords } from '../kube/oc/words.ts';
import type { PageCommand } from '../platform/live-page/live-page.ts';
import type { Command } from './commands/command.ts';
import { exitCodeOfError } from './exit-code.ts';
import type { Io } from './io.ts';
import { parseArguments } from './parser.ts';
import { renderBug, renderProblem } from './render/problem.ts';
import { createStyle } from './render/style.ts';

/** They start or end labs, or write files. */
const TERMINAL_ONLY: ReadonlySet<string> = new Set(['capture', 'down', 'up']);
const PLAIN = createStyle(false);
const COLUMNS = 100;

/** Carries out one command at the lab of that name. Never rejects. */
export async function runPageCommand(
  { err, line, out, signal }: PageCommand,
  lab: string,
  commands: readonly Command[],
  io: Io,
): Promise<number> {
  try {
    const words = wordsOf(line);
    const [name = '', ...rest] = words;
    const known = commands.find((command) => command.name === name);
    // Only commands at a running lab can be told which.
    if (known === undefined || TERMINAL_ONLY.has(name) || !known.optionNames.includes('lab')) {
      throw new EgressLabError('EGL_USAGE', `"${name}" cannot be typed on the page`, {
        hint: `Try one of: ${offered(commands)}`,
      });
    }
    if (name === 'oc' && rest.some((word) => /^(-f|--filename)/.test(word))) {
      throw new EgressLabError('EGL_USAGE', 'files are read in a terminal only', {
        hint: `egresslab ${line}`,
      });
    }
    const parsed = parseArguments([name, '--lab', lab, ...rest], commands, COLUMNS);
    if (parsed.kind === 'text') {
      out(parsed.text);
      return 0;
    }
    const pageIo: Io = {
      stdout: { isTerminal: true, columns: COLUMNS, write: out },
      stderr: { isTerminal: true, columns: COLUMNS, write: err },
      openOctets: io.openOctets,
      workingDirectory: io.workingDirectory,
      environment: io.environment,
      onStopSignal: (listener) => {
        const heard = (): void => listener('SIGINT');
        signal.addEventListener('abort', heard);
        return () => signal.removeEventListener('abort', heard);
      },
      outputFailure: () => Promise.resolve(null),
    };
    const runScenario = (): Promise<never> => Promise.reject(new Error('no scenario here'));
    return await parsed.action({ io: pageIo, runScenario, reproduce: line });
  } catch (error) {
    const lines =
      error instanceof EgressLabError
        ? renderProblem(error, PLAIN)
        : renderBug(error, `egresslab ${line}`, PLAIN);
    err(`${lines.join('\n')}\n`);
    return exitCodeOfError(error);
  }
}

/** 'kubectl get pods' is 'oc get pods'. @throws EgressLabError EGL_OC_QUOTING */
function wordsOf(line: string): string[] {
  const words = splitWords(line);
  const own = words[0] === 'egresslab' ? words.slice(1) : words;
  return own[0] === 'kubectl' ? ['oc', ...own.slice(1)] : own;
}

function offered(commands: readonly Command[]): string {
  return commands
    .filter(({ name, optionNames }) => optionNames.includes('lab') && !TERMINAL_ONLY.has(name))
    .map(({ name }) => name)
    .join(', ');
}
