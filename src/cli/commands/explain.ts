// egresslab explain: what captures of a real network tell of addresses, beliefs and outages.

import { parse } from 'yaml';
import type { Argv } from 'yargs';
import { EgressLabError } from '../../base/errors.ts';
import { parseDuration } from '../../base/quantity.ts';
import { suggest } from '../../base/suggest.ts';
import { nameOfLinkType } from '../../capture/reading/link-type.ts';
import { analysisOf } from '../../explain/analysis.ts';
import { type ExplainedCapture, Explainer } from '../../explain/explainer.ts';
import type { Explanation } from '../../explain/model.ts';
import {
  brokenBy,
  CAPTURE_PROPERTIES,
  type CaptureProperty,
  isCaptureProperty,
} from '../../explain/properties.ts';
import { explainCaptures, type ToldOffsets } from '../../platform/explain-captures.ts';
import { readTopology } from '../../platform/read-topology.ts';
import { ExitCode } from '../exit-code.ts';
import { renderExplanation } from '../render/explanation.ts';
import { createStyle, wantsColor } from '../render/style.ts';
import { StopSignals } from '../stop-signals.ts';
import { jsonDocument } from '../topology-problems.ts';
import {
  type Action,
  type Command,
  JSON_OPTION,
  operand,
  type Session,
  word,
  wordOption,
} from './command.ts';

const OPTIONS = {
  ...JSON_OPTION,
  names: wordOption('names', 'A YAML file with names for addresses: `192.168.50.120: vip`'),
  address: wordOption('address', 'Tell only of this address'),
  since: wordOption(
    'since',
    'Leave out what came before: 14:02, 14:02:30 (UTC) or 2026-11-30T14:02Z',
  ),
  offset: {
    describe: 'How far the clock of a file is ahead of that of the first: b.pcap=137ms',
    type: 'string',
    array: true,
    nargs: 1,
    requiresArg: true,
  },
  expect: {
    describe: `Exit with 1 unless this holds: ${CAPTURE_PROPERTIES.join(', ')}; may be repeated`,
    type: 'string',
    array: true,
    nargs: 1,
    requiresArg: true,
  },
} as const;

/** The width assumed where no terminal says otherwise. */
const PLAIN_WIDTH = 100;
const DAY = 86_400;

interface ExplainArguments {
  readonly files: readonly string[];
  readonly json: boolean;
  readonly noColor: boolean;
  readonly names: string | null;
  readonly address: string | null;
  readonly since: string | null;
  readonly offsets: ToldOffsets;
  readonly expect: readonly CaptureProperty[];
}

/** `egresslab explain`: reads captures. */
export const explainCommand: Command = {
  name: 'explain',
  optionNames: Object.keys(OPTIONS),
  exitCodes: [ExitCode.ExpectationFailed, ExitCode.Environment],
  operands: 'a capture file, or - for standard input',
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'explain <file..>',
      'Tell who had which address, who believed it and which flows were out, from captures',
      (command) =>
        command
          .positional('file', { describe: 'pcap or pcapng, also .gz and .zst', type: 'string' })
          .options(OPTIONS)
          .example('$0 explain incident.pcapng', 'conflicts, handovers, outages')
          .example('$0 explain a.pcap b.pcap --expect never-two-answer', 'for a pipeline')
          .example('tcpdump -U -w - arp | $0 explain -', 'until Ctrl-C'),
      (typed: Readonly<Record<string, unknown>>) => {
        const given = Array.isArray(typed.file) ? typed.file.map(String).map(operand) : [];
        const args: ExplainArguments = {
          files: given,
          json: typed.json === true,
          noColor: typed.noColor === true,
          names: word(typed.names),
          address: word(typed.address),
          since: word(typed.since),
          offsets: offsetsOf(typed.offset, given),
          expect: propertiesOf(typed.expect),
        };
        choose((session) => execute(args, session));
      },
    );
  },
};

async function execute(args: ExplainArguments, session: Session): Promise<ExitCode> {
  const { io } = session;
  const explainer = new Explainer(args.since === null ? null : sinceOf(args.since));
  if (args.names !== null) readNames(args.names, io.workingDirectory, explainer);
  let stopped = false;
  const signals = new StopSignals(io, () => {
    stopped = true;
  });
  signals.listen();
  let files: readonly ExplainedCapture[];
  try {
    const { offsets } = args;
    const { workingDirectory } = io;
    const isStopped = (): boolean => stopped;
    files = await explainCaptures(args.files, explainer, { workingDirectory, offsets, isStopped });
  } finally {
    signals.ignore();
  }
  refuseUnread(files);
  const found = explainer.conclude();
  return report(found, args, session);
}

function report(found: Explanation, args: ExplainArguments, { io }: Session): ExitCode {
  const broken = args.expect.flatMap((name) =>
    brokenBy(name, found).map((text) => `${name}: ${text}`),
  );
  if (args.json) {
    io.stdout.write(jsonDocument({ ...found, analysis: analysisOf(found), broken }));
  } else {
    const style = createStyle(wantsColor(args.noColor, io.stdout.isTerminal, io.environment));
    const width = io.stdout.isTerminal ? Math.max(60, io.stdout.columns) : PLAIN_WIDTH;
    const lines = renderExplanation(found, args.address, width, style);
    if (args.expect.length > 0) lines.push('');
    for (const name of args.expect) {
      const why = brokenBy(name, found);
      lines.push(why.length === 0 ? `ok      ${name}` : style.red(`broken  ${name}: ${why[0]}`));
    }
    io.stdout.write(`${lines.join('\n')}\n`);
  }
  return broken.length === 0 ? ExitCode.Success : ExitCode.ExpectationFailed;
}

/** @throws EgressLabError EGL_CAPTURE_LINK_TYPE when no frame of any file can be read */
function refuseUnread(files: readonly ExplainedCapture[]): void {
  const [file] = files;
  const isUnread = files.every(({ frames, skipped }) => frames > 0 && skipped === frames);
  if (file === undefined || !isUnread) return;
  const [type = 0] = file.interfaces.map(({ linkType }) => linkType);
  throw new EgressLabError(
    'EGL_CAPTURE_LINK_TYPE',
    `${file.path} has frames of link type ${nameOfLinkType(type)}, which cannot be explained`,
    { hint: 'Capture on an Ethernet interface, or with `tcpdump -i any`.' },
  );
}

/** @throws EgressLabError EGL_USAGE for a property that does not exist */
function propertiesOf(typed: unknown): CaptureProperty[] {
  const given = Array.isArray(typed) ? typed.map(String) : [];
  return given.map((name) => {
    if (isCaptureProperty(name)) return name;
    const near = suggest(name, [...CAPTURE_PROPERTIES]);
    throw new EgressLabError('EGL_USAGE', `--expect ${name} is no property`, {
      hint: near === null ? `They are: ${CAPTURE_PROPERTIES.join(', ')}.` : `Did you mean ${near}?`,
    });
  });
}

/** @throws EgressLabError EGL_USAGE for what is not FILE=TIME, and for a file that is not given */
function offsetsOf(typed: unknown, files: readonly string[]): Map<string, number> {
  const given = Array.isArray(typed) ? typed.map(String) : [];
  return new Map(
    given.map((text) => {
      const at = text.lastIndexOf('=');
      const path = text.slice(0, Math.max(0, at));
      const [, sign, amount = ''] = /^([+-]?)(.*)$/.exec(text.slice(at + 1)) ?? [];
      const nanos = parseDuration(amount);
      if (nanos === null || !files.includes(path)) {
        const what = nanos === null ? 'has no time' : `names no file of this command`;
        throw new EgressLabError('EGL_USAGE', `--offset ${text} ${what}`, {
          hint: 'Such as `--offset b.pcap=137ms`, or `b.pcap=-2s` for a clock that is behind.',
        });
      }
      return [path, sign === '-' ? -nanos : nanos] as const;
    }),
  );
}

/** @throws EgressLabError EGL_USAGE for what is no time */
function sinceOf(text: string): (first: number) => number {
  const [, hour, minute, second = '0'] = /^(\d\d?):(\d\d)(?::(\d\d))?$/.exec(text) ?? [];
  if (hour !== undefined) {
    const clock = Number(hour) * 3_600 + Number(minute) * 60 + Number(second);
    return (first) => Math.floor(first / DAY) * DAY + clock;
  }
  const at = Date.parse(text);
  if (Number.isNaN(at)) {
    throw new EgressLabError('EGL_USAGE', `--since ${text} is no time`, {
      hint: 'Such as 14:02, 14:02:30 (UTC, the day of the first frame) or 2026-11-30T14:02Z.',
    });
  }
  return () => at / 1_000;
}

/** @throws EgressLabError EGL_USAGE for what is no map of addresses to names */
function readNames(path: string, workingDirectory: string, explainer: Explainer): void {
  let names: unknown;
  try {
    names = parse(readTopology(path, workingDirectory), { maxAliasCount: 0 });
  } catch (cause) {
    if (cause instanceof EgressLabError) throw cause;
    names = null;
  }
  if (typeof names !== 'object' || names === null || Array.isArray(names)) {
    throw new EgressLabError('EGL_USAGE', `${path} has no names for addresses`, {
      hint: 'One a line, such as `192.168.50.120: vip`.',
    });
  }
  for (const [address, name] of Object.entries(names)) explainer.names.set(address, String(name));
}
