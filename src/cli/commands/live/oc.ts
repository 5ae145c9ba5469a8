// egresslab oc: kubectl's commands at a running lab, for those without kubectl. Everything behind `oc`
// is passed on as it was typed, so that the lab's own parser, the one of scenario steps, reads it.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { EgressLabError } from '../../../base/errors.ts';
import type { Action, Command } from '../command.ts';
import { ask, LAB_OPTION, LIVE_EXIT_CODES, takeLab } from './ask.ts';

const USAGE = 'oc <command..>';

/** `egresslab oc`: one `oc` command in a running lab. */
export const ocCommand: Command = {
  name: 'oc',
  optionNames: ['lab'],
  exitCodes: LIVE_EXIT_CODES,
  endsAsInLab: true,
  operands: 'a command, such as: egresslab oc get hostsubnets',
  register(parser: Argv): Argv {
    return parser.command(USAGE, 'Run an oc or kubectl command in a running lab', (command) =>
      command
        .positional('command', { describe: 'get, patch, delete, logs, ...', type: 'string' })
        .options(LAB_OPTION)
        .example('$0 oc get hostsubnets -w', 'the egress IPs, and how they move')
        .example('$0 oc logs -f sdn-8zhv7', 'what an sdn pod logs')
        .example(
          `$0 oc patch hostsubnet worker01 --type=merge -p '{"egressCIDRs": ["192.168.50.0/24"]}'`,
          'the node accepts egress IPs',
        ),
    );
  },
  actionOf(words: readonly string[]): Action | null {
    const { args, lab } = takeLab(words);
    const [first] = args;
    // Help is egresslab's own matter.
    if (first === undefined || first === '--help' || first === '-h') return null;
    return async (session) => {
      const { manifestFilesOf } = await import('../../../kube/oc/parse.ts');
      const files = readFiles(manifestFilesOf(args), session.io.workingDirectory);
      return await ask(lab, { verb: 'oc', args, files }, session);
    };
  },
};

/** The files that a command names; '-' is standard input. @throws EgressLabError EGL_USAGE */
function readFiles(names: readonly string[], directory: string): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      try {
        return [name, readFileSync(name === '-' ? 0 : resolve(directory, name), 'utf8')];
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new EgressLabError('EGL_USAGE', `"${name}" cannot be read: ${why}`, {
          hint: 'Name a file of objects, or - for standard input.',
        });
      }
    }),
  );
}
