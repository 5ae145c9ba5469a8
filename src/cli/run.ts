// The command line from arguments to exit code. Returns the code and never ends the process, so
// that tests run it in process and pending output is written out.

import { EgressLabError } from '../base/errors.ts';
import { shellWord } from '../base/shell-word.ts';
import type { RunScenario } from '../scenario/run-options.ts';
import type { Session } from './commands/command.ts';
import { commands } from './commands/index.ts';
import { ExitCode, exitCodeOfError, exitCodeOfOutput } from './exit-code.ts';
import type { Io } from './io.ts';
import { parseArguments } from './parser.ts';
import { renderBug, renderProblem } from './render/problem.ts';
import { createStyle, wantsColor } from './render/style.ts';

/** Does what `argv` (without node and script) asks for, and sees that all of it was printed. Never throws. */
export async function run(
  argv: readonly string[],
  io: Io,
  runScenario: RunScenario,
): Promise<number> {
  const code = await attempt(argv, io, runScenario);
  return exitCodeOfOutput(code, await io.outputFailure());
}

async function attempt(argv: readonly string[], io: Io, runScenario: RunScenario): Promise<number> {
  const reproduce = ['egresslab', ...argv].map(shellWord).join(' ');
  const session: Session = { io, runScenario, reproduce };
  try {
    const parsed = parseArguments(argv, commands, io.stdout.columns);
    if (parsed.kind === 'action') return await parsed.action(session);
    io.stdout.write(parsed.text);
    return ExitCode.Success;
  } catch (error) {
    reportError(error, argv, session);
    return exitCodeOfError(error);
  }
}

/** To people on stderr; under --json also as a document on stdout, since that is what is read. */
function reportError(error: unknown, argv: readonly string[], session: Session): void {
  const { io } = session;
  const color = wantsColor(argv.includes('--no-color'), io.stderr.isTerminal, io.environment);
  const style = createStyle(color);
  const lines =
    error instanceof EgressLabError
      ? renderProblem(error, style)
      : renderBug(error, session.reproduce, style);
  io.stderr.write(`${lines.join('\n')}\n`);
  if (!argv.includes('--json')) return;
  const problem =
    error instanceof EgressLabError
      ? { code: error.code, message: error.message, hint: error.hint }
      : { code: 'EGL_BUG', message: String(error), hint: null };
  io.stdout.write(`${JSON.stringify({ schemaVersion: 1, problems: [problem] }, null, 2)}\n`);
}
