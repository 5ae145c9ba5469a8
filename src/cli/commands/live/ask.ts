// What all commands at a running lab share: which lab, the talk with it, how its words are passed on.

import { EgressLabError, isErrorCode } from '../../../base/errors.ts';
import { findLab } from '../../../platform/control/lab-registry.ts';
import type { ControlMessage, ControlRequest } from '../../../platform/control/protocol.ts';
import { ExitCode } from '../../exit-code.ts';
import type { TextOutput } from '../../io.ts';
import { printableLines } from '../../render/text.ts';
import { type Session, type TextOption, wordOption } from '../command.ts';

/** `--lab`, as yargs takes it. */
export const LAB_OPTION: { readonly lab: TextOption } = {
  lab: wordOption('lab', 'Which lab, when several are running'),
};

/** What commands at a running lab can end with besides the common ones. */
export const LIVE_EXIT_CODES: readonly ExitCode[] = [ExitCode.Environment, ExitCode.Interrupted];

/**
 * Sends a command to the lab that is meant and prints what it says; `onData` lays out an answer. The
 * exit code is the lab's, or 130 after Ctrl-C. @throws EgressLabError
 */
export async function ask(
  lab: string | null,
  request: ControlRequest,
  { io }: Session,
  onData: (data: unknown) => void = () => {},
): Promise<number> {
  const entry = findLab(lab, io.environment);
  const { askLab } = await import('../../../platform/control/control-client.ts');
  const abort = new AbortController();
  const stopListening = io.onStopSignal(() => abort.abort());
  let code: number = ExitCode.Success;
  let problem: EgressLabError | null = null;
  const onMessage = (message: ControlMessage): void => {
    if ('out' in message) io.stdout.write(shown(message.out, io.stdout));
    else if ('err' in message) io.stderr.write(shown(message.err, io.stderr));
    else if ('alive' in message) return;
    else if ('exit' in message) code = message.exit;
    else if ('problem' in message) problem = problemOf(message.problem);
    else if ('data' in message) onData(message.data);
  };
  try {
    await askLab(entry, request, onMessage, abort.signal);
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  } finally {
    stopListening();
  }
  if (problem !== null) throw problem;
  return abort.signal.aborted ? ExitCode.Interrupted : code;
}

/** `--lab NAME` may stand anywhere; the words belong to another command. @throws EgressLabError EGL_USAGE */
export function takeLab(words: readonly string[]): { args: string[]; lab: string | null } {
  const args: string[] = [];
  let lab: string | null = null;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word !== '--lab' && !word.startsWith('--lab=')) {
      args.push(word);
      continue;
    }
    lab = word === '--lab' ? (words[++at] ?? '') : word.slice('--lab='.length);
    if (lab === '') {
      throw new EgressLabError('EGL_USAGE', '--lab needs a value', {
        hint: '`egresslab status` names the labs that run.',
      });
    }
  }
  return { args, lab };
}

/** A name or an annotation cannot move the cursor of a terminal; programs get every character. */
function shown(text: string, { isTerminal }: TextOutput): string {
  return isTerminal ? text.split('\t').map(printableLines).join('\t') : text;
}

interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** A problem that a lab told. */
export function problemOf({ code, message, hint }: Problem): EgressLabError {
  const known = isErrorCode(code) ? code : 'EGL_COMMAND';
  return new EgressLabError(known, message, hint === null ? {} : { hint });
}
