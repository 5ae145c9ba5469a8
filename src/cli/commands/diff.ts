// egresslab diff A B: what two reports differ in.

import type { Argv } from 'yargs';
import { EgressLabError } from '../../base/errors.ts';
import { readReportText } from '../../platform/read-topology.ts';
import type { RunReport } from '../../scenario/report.ts';
import { differing, reportFacts } from '../../scenario/report-facts.ts';
import { runReportSchema } from '../../scenario/report-schema.ts';
import { ExitCode } from '../exit-code.ts';
import { renderTable } from '../render/table.ts';
import { jsonDocument } from '../topology-problems.ts';
import { type Action, type Command, JSON_OPTION, type Session } from './command.ts';

const MISSING = '-';

/** `egresslab diff`. */
export const diffCommand: Command = {
  name: 'diff',
  optionNames: Object.keys(JSON_OPTION),
  exitCodes: [ExitCode.ExpectationFailed],
  operands: 'two reports, such as: egresslab diff before.json after.json',
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'diff <before> <after>',
      'What two reports of `egresslab run --json` differ in; exit code 1 if they do',
      (command) =>
        command
          .positional('before', { type: 'string', demandOption: true, describe: 'A report' })
          .positional('after', { type: 'string', demandOption: true, describe: 'Another one' })
          .options(JSON_OPTION)
          .example('$0 diff before.json after.json', 'outages, losses, holders, causes, drops'),
      (typed: Readonly<Record<string, unknown>>) => {
        const { after, before, json } = typed;
        choose(async (session) => execute(String(before), String(after), json === true, session));
      },
    );
  },
};

function execute(before: string, after: string, json: boolean, session: Session): ExitCode {
  const { stdout, workingDirectory } = session.io;
  const [a, b] = [before, after].map((file) => reportFacts(readReport(file, workingDirectory)));
  if (a === undefined || b === undefined) return ExitCode.Input;
  const differences = differing([a, b]).map((what) => ({
    what,
    before: a.get(what) ?? null,
    after: b.get(what) ?? null,
  }));
  if (json) {
    stdout.write(jsonDocument({ differences }));
  } else if (differences.length === 0) {
    stdout.write('the two runs tell the same\n');
  } else {
    const rows = differences.map((each) => [
      each.what,
      each.before ?? MISSING,
      each.after ?? MISSING,
    ]);
    const columns = [{ title: '' }, { title: before }, { title: after }];
    stdout.write(`${renderTable(columns, rows, stdout.columns).join('\n')}\n`);
  }
  return differences.length === 0 ? ExitCode.Success : ExitCode.ExpectationFailed;
}

/** @throws EgressLabError EGL_FILE_…, EGL_ARGUMENT for what is no report */
function readReport(file: string, workingDirectory: string): RunReport {
  const text = readReportText(file, workingDirectory);
  try {
    return runReportSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new EgressLabError('EGL_ARGUMENT', `${file} is not a run report of this version`, {
      hint: 'Make one with: egresslab run TOPOLOGY --json > report.json',
      cause,
    });
  }
}
