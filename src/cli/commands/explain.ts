// egresslab explain: what captures of a real network tell of addresses, beliefs and outages.

import { parse } from 'yaml';
import type { Argv } from 'yargs';
import { EgressLabError } from '../../base/errors.ts';
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
import { type CaptureSource, openCapture } from '../../platform/capture-file.ts';
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
  const sources = new Map<ExplainedCapture, CaptureSource>();
  let stopped = false;
  const signals = new StopSignals(io, () => {
    stopped = true;
  });
  try {
    for (const path of args.files) {
      const file = explainer.add(path);
      sources.set(file, openCapture(path, io.workingDirectory, file));
    }
    signals.listen();
    for (let file = explainer.drain(); file !== null; file = explainer.drain()) {
      const more = !stopped && (await sources.get(file)?.next()) === true;
      if (!more) file.ended = true;
    }
  } finally {
    signals.ignore();
    for (const source of sources.values()) source.close();
  }
  refuseUnread([...sources.keys()]);
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
