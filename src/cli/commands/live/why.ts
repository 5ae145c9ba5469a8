// egresslab why POD: why a pod of a running lab leaves as an address by a node, link by link.

import type { Argv } from 'yargs';
import { printable } from '../../render/text.ts';
import { jsonDocument } from '../../topology-problems.ts';
import { type Action, type Command, JSON_OPTION, type Session, word } from '../command.ts';
import { ask, LAB_OPTION, LIVE_EXIT_CODES } from './ask.ts';

/** `egresslab why`. */
export const whyCommand: Command = {
  name: 'why',
  optionNames: ['lab', 'json'],
  exitCodes: LIVE_EXIT_CODES,
  operand: 'machine',
  operands: 'a pod, such as: egresslab why web',
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'why <pod>',
      'Why a pod leaves as an address by a node: object, status, flow or policy, SNAT',
      (command) =>
        command
          .positional('pod', { describe: 'A pod of the cluster', type: 'string' })
          .options(LAB_OPTION)
          .options(JSON_OPTION)
          .example('$0 why web', 'from the object that selects it to the row that translates it'),
      (typed: Readonly<Record<string, unknown>>) => {
        const { json, lab, pod } = typed;
        choose((session) => execute(String(pod), word(lab), json === true, session));
      },
    );
  },
};

async function execute(
  pod: string,
  lab: string | null,
  json: boolean,
  session: Session,
): Promise<number> {
  const { whyAnswerSchema, whyLines } = await import('../../../view/why.ts');
  const { stdout } = session.io;
  const code = await ask(lab, { verb: 'why', pod }, session, (data) => {
    const answer = whyAnswerSchema.parse(data);
    if (json) stdout.write(jsonDocument({ why: answer }));
    else
      stdout.write(
        whyLines(answer)
          .map((line) => `${printable(line)}\n`)
          .join(''),
      );
  });
  return code;
}
