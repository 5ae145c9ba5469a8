// egresslab oc: kubectl's commands at a running lab, for those without kubectl. Everything behind `oc`
// is passed on as it was typed, so that the lab's own parser, the one of scenario steps, reads it.

import type { Argv } from 'yargs';
import { EgressLabError } from '../../../base/errors.ts';
import type { Action, Command } from '../command.ts';
import { ask, LAB_OPTION } from './ask.ts';

const USAGE = 'oc <command..>';

export const ocCommand: Command = {
  name: 'oc',
  optionNames: ['lab'],
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
    return (session) => ask(lab, { verb: 'oc', args }, session);
  },
};

/** `--lab NAME` may stand anywhere; oc itself has no such flag. @throws EgressLabError EGL_USAGE */
function takeLab(words: readonly string[]): { args: string[]; lab: string | null } {
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
