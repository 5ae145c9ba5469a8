// egresslab down: ends a lab, or all of them; --force also those that do not answer, and what labs that
// were killed have left.

import type { Argv } from 'yargs';
import { EgressLabError } from '../../../base/errors.ts';
import { endProcess } from '../../../platform/control/end-process.ts';
import type { LabEntry } from '../../../platform/control/lab-entry.ts';
import { dropLab, findLab, runningLabs, sweep } from '../../../platform/control/lab-registry.ts';
import { ExitCode } from '../../exit-code.ts';
import { printable } from '../../render/text.ts';
import { type Action, type Command, flagOption, type Session, word } from '../command.ts';
import { ask, LAB_OPTION, LIVE_EXIT_CODES } from './ask.ts';

interface DownArguments {
  readonly lab: string | null;
  readonly all: boolean;
  readonly force: boolean;
}

const OPTIONS = {
  ...LAB_OPTION,
  all: flagOption('All labs of this user'),
  force: flagOption('End the process of a lab that does not answer, and clean up after it'),
};

/** `egresslab down`: ends a running lab. */
export const downCommand: Command = {
  name: 'down',
  optionNames: Object.keys(OPTIONS),
  exitCodes: LIVE_EXIT_CODES,
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'down',
      'Stop a running lab, as Ctrl-C does',
      (command) =>
        command
          .options(OPTIONS)
          .example('$0 down --lab automatic', 'captures are closed')
          .example('$0 down --all --force', 'nothing is left, whatever happened before'),
      (typed) => {
        const args = { lab: word(typed.lab), all: typed.all, force: typed.force };
        choose((session) => execute(args, session));
      },
    );
  },
};

/** @throws EgressLabError EGL_NO_LAB and the like, EGL_LAB_UNREACHABLE */
async function execute({ all, force, lab }: DownArguments, session: Session): Promise<ExitCode> {
  const { environment } = session.io;
  if (all && lab !== null) {
    throw new EgressLabError('EGL_USAGE', '--all and --lab cannot be combined', {
      hint: 'Name one lab, or end all of them.',
    });
  }
  const labs = all ? runningLabs(environment) : [findLab(lab, environment)];
  let code: ExitCode = ExitCode.Success;
  for (const entry of labs) {
    try {
      await end(entry, force, session);
    } catch (error) {
      // The others are to end all the same.
      if (!all || !(error instanceof EgressLabError)) throw error;
      session.io.stderr.write(`error ${error.code}: ${error.message}\n  ${error.hint ?? ''}\n`);
      code = ExitCode.Environment;
    }
  }
  if (force) {
    sweep(environment);
    const { Leftovers } = await import('../../../platform/linux/leftovers.ts');
    for (const name of new Leftovers().removeThoseOfTheDead()) {
      session.io.stdout.write(`removed the network namespace ${printable(name)}\n`);
    }
  }
  if (all && labs.length === 0) session.io.stdout.write('no lab is running\n');
  return code;
}

async function end(entry: LabEntry, force: boolean, session: Session): Promise<void> {
  try {
    await ask(entry.name, { verb: 'down' }, session);
  } catch (error) {
    const isDeaf = error instanceof EgressLabError && error.code === 'EGL_LAB_UNREACHABLE';
    if (!force || !isDeaf) throw error;
    await endProcess(entry.pid, entry.processStart);
    dropLab(entry, session.io.environment);
    session.io.stdout.write(`${entry.name}: its process ${entry.pid} was killed\n`);
  }
}
