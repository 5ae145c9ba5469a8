// egresslab compare REAL LAB: whether a lab does what a real network was captured doing.

import type { Argv } from 'yargs';
import { EgressLabError } from '../../base/errors.ts';
import { parseDuration } from '../../base/quantity.ts';
import {
  type CaptureComparison,
  type CaptureDifference,
  type ComparedRows,
  compareCaptures,
} from '../../explain/comparison/comparison.ts';
import { PacketRows } from '../../explain/comparison/packet-rows.ts';
import { Explainer } from '../../explain/explainer.ts';
import { explainCaptures } from '../../platform/explain-captures.ts';
import { ExitCode } from '../exit-code.ts';
import { plural, printable } from '../render/text.ts';
import { jsonDocument } from '../topology-problems.ts';
import { type Action, type Command, JSON_OPTION, operand, type Session } from './command.ts';

const OPTIONS = {
  ...JSON_OPTION,
  map: {
    describe: 'Which name of the real capture is which of the lab: 10.0.0.5=192.168.50.120',
    type: 'string',
    array: true,
    nargs: 1,
    requiresArg: true,
  },
  tolerance: {
    describe: 'How far apart in time packets may be that are the same',
    type: 'string',
    default: '60ms',
    requiresArg: true,
  },
} as const;

const TOLD = 12;

interface CompareArguments {
  readonly real: string;
  readonly lab: string;
  readonly json: boolean;
  readonly map: ReadonlyMap<string, string>;
  /** Seconds. */
  readonly tolerance: number;
}

/** `egresslab compare`. */
export const compareCommand: Command = {
  name: 'compare',
  optionNames: Object.keys(OPTIONS),
  exitCodes: [ExitCode.ExpectationFailed, ExitCode.Environment],
  operands: 'two captures, such as: egresslab compare incident.pcapng captures/lab.pcapng',
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'compare <real> <lab>',
      'Whether a lab does what a real network was captured doing; exit code 1 if not',
      (command) =>
        command
          .positional('real', { type: 'string', demandOption: true, describe: 'A capture' })
          .positional('lab', { type: 'string', demandOption: true, describe: 'One of a lab' })
          .options(OPTIONS)
          .example('$0 compare incident.pcapng lab.pcapng', 'the first difference, and how many')
          .example('$0 compare a.pcap b.pcapng --map 10.0.0.5=192.168.50.120', 'who is who'),
      (typed: Readonly<Record<string, unknown>>) => {
        const args: CompareArguments = {
          real: operand(String(typed.real)),
          lab: operand(String(typed.lab)),
          json: typed.json === true,
          map: mapOf(typed.map),
          tolerance: toleranceOf(String(typed.tolerance)),
        };
        choose((session) => execute(args, session));
      },
    );
  },
};

async function execute(args: CompareArguments, { io }: Session): Promise<ExitCode> {
  const { lab, map, real, tolerance } = args;
  const rows = [
    await rowsOf(real, io.workingDirectory),
    await rowsOf(lab, io.workingDirectory),
  ] as const;
  const found = compareCaptures(...rows, map, tolerance);
  const text = args.json
    ? jsonDocument({ ...found })
    : `${render(found, args).map(printable).join('\n')}\n`;
  io.stdout.write(text);
  return found.differences.length === 0 ? ExitCode.Success : ExitCode.ExpectationFailed;
}

async function rowsOf(path: string, workingDirectory: string): Promise<ComparedRows> {
  const rows = new PacketRows();
  const explainer = new Explainer(null, null, rows);
  await explainCaptures([path], explainer, { workingDirectory });
  return rows;
}

function render(found: CaptureComparison, { lab, real, tolerance }: CompareArguments): string[] {
  const { counts, differences, furthest, paired, roles } = found;
  const lines = [
    `${real}: ${plural(found.real.packets, 'packet')}${beyond(found.real.omitted)}`,
    `${lab}: ${plural(found.lab.packets, 'packet')}${beyond(found.lab.omitted)}`,
    `${plural(paired, 'packet')} in the same order, at most ${(furthest * 1e3).toFixed(1)} ms apart`,
  ];
  const known = Object.entries(roles);
  if (known.length > 0) lines.push('', 'who is who (real = lab; --map tells otherwise)');
  for (const [name, role] of known) lines.push(`  ${name} = ${role}`);
  const [first] = differences;
  if (first === undefined) return [...lines, '', 'no difference'];
  const limit = `${(tolerance * 1e3).toFixed(0)} ms`;
  lines.push(
    '',
    `first difference, at ${first.at.toFixed(3)} s`,
    `  ${lineOf(first)}`,
    '',
    `${counts.order} in order, ${counts.form} in form, ${counts.time} in time (more than ${limit})`,
    ...differences.slice(1, TOLD).map((each) => `  ${each.at.toFixed(3)}  ${lineOf(each)}`),
  );
  if (differences.length > TOLD)
    lines.push(`  ... ${differences.length - TOLD} more: --json has them`);
  return lines;
}

function beyond(omitted: number): string {
  return omitted === 0 ? '' : `, and ${omitted} more that are not compared`;
}

function lineOf({ lab, real, text }: CaptureDifference): string {
  const frames = [
    ...(real === null ? [] : [`frame ${real}`]),
    ...(lab === null ? [] : [`lab frame ${lab}`]),
  ];
  return `${text} (${frames.join(', ')})`;
}

/** @throws EgressLabError EGL_USAGE for what is not REAL=LAB */
function mapOf(typed: unknown): Map<string, string> {
  const given = Array.isArray(typed) ? typed.map(String) : [];
  return new Map(
    given.map((text) => {
      const [name = '', role = '', ...more] = text.toLowerCase().split('=');
      if (name === '' || role === '' || more.length > 0) {
        throw new EgressLabError('EGL_USAGE', `--map ${text} is not REAL=LAB`, {
          hint: 'Two addresses, or two MAC addresses: `--map 10.0.0.5=192.168.50.120`.',
        });
      }
      return [name, role] as const;
    }),
  );
}

/** @throws EgressLabError EGL_USAGE for what is no duration */
function toleranceOf(text: string): number {
  const nanos = parseDuration(text);
  if (nanos !== null) return nanos / 1e9;
  throw new EgressLabError('EGL_USAGE', `--tolerance ${text} is no duration`, {
    hint: 'Such as 60ms or 1s.',
  });
}
