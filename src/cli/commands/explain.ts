// egresslab explain: what captures of a real network tell of addresses, beliefs and outages.

import type { Argv } from 'yargs';
import { EgressLabError } from '../../base/errors.ts';
import { nameOfLinkType } from '../../capture/reading/link-type.ts';
import { analysisOf } from '../../explain/analysis.ts';
import { type ExplainedCapture, Explainer } from '../../explain/explainer.ts';
import type { Explanation } from '../../explain/model.ts';
import type { CheckedProperty } from '../../explain/page-record.ts';
import { brokenBy, CAPTURE_PROPERTIES, type CaptureProperty } from '../../explain/properties.ts';
import { explainCaptures, type ToldOffsets } from '../../platform/explain-captures.ts';
import { ExitCode } from '../exit-code.ts';
import { offsetsOf, propertiesOf, readNames, sinceOf } from '../explain/arguments.ts';
import { LiveFindings } from '../explain/live-findings.ts';
import { ExplainOutputs, type WantedOutputs } from '../explain/outputs.ts';
import { renderExplanation } from '../render/explanation.ts';
import { createStyle, wantsColor } from '../render/style.ts';
import { STANDARD_INPUT } from '../standard-input.ts';
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
  html: wordOption('html', 'Write a page with lanes, findings and frames, for any browser'),
  write: wordOption('write', 'Write the capture again, with findings as comments on its frames'),
  follow: {
    describe: 'Go on reading as the files grow, until Ctrl-C; tell conflicts as they happen',
    type: 'boolean',
    default: false,
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
/** How often findings are looked for while nothing is read. */
const LOOK_PERIOD_MS = 500;

interface ExplainArguments extends WantedOutputs {
  readonly follow: boolean;
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
          html: word(typed.html),
          write: word(typed.write),
          follow: typed.follow === true,
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
  const { workingDirectory } = io;
  const explainer = new Explainer(args.since === null ? null : sinceOf(args.since));
  if (args.names !== null) {
    for (const [address, name] of readNames(args.names, workingDirectory)) {
      explainer.names.set(address, name);
    }
  }
  const outputs = new ExplainOutputs(args, args.files, workingDirectory);
  try {
    refuseUnread(await read(args, explainer, session));
    const found = explainer.conclude();
    const checked = args.expect.map((name) => ({ name, broken: brokenBy(name, found) }));
    await outputs.write(found, checked);
    return report(found, checked, args, session);
  } finally {
    outputs.discard();
  }
}

/** Reads to the end of all files, or until somebody has seen enough; what happens meanwhile is told. */
async function read(
  { files, follow, json, offsets }: ExplainArguments,
  explainer: Explainer,
  { io }: Session,
): Promise<ExplainedCapture[]> {
  const { workingDirectory } = io;
  let stopped = false;
  const signals = new StopSignals(io, () => {
    stopped = true;
  });
  const isLive = !json && (follow || files.includes(STANDARD_INPUT));
  const live = isLive ? new LiveFindings(explainer, (text) => io.stdout.write(text)) : null;
  const timer = setInterval(() => {
    if (live === null) return;
    explainer.flush();
    live.look(() => performance.now());
  }, LOOK_PERIOD_MS);
  signals.listen();
  try {
    const isStopped = (): boolean => stopped;
    return await explainCaptures(files, explainer, {
      workingDirectory,
      offsets,
      follow,
      isStopped,
      onPiece: () => live?.look(() => performance.now()),
    });
  } finally {
    clearInterval(timer);
    signals.ignore();
  }
}

function report(
  found: Explanation,
  checked: readonly CheckedProperty[],
  { address, json, noColor }: ExplainArguments,
  { io }: Session,
): ExitCode {
  const broken = checked.flatMap((each) => each.broken.map((text) => `${each.name}: ${text}`));
  if (json) {
    io.stdout.write(jsonDocument({ ...found, analysis: analysisOf(found), broken }));
  } else {
    const style = createStyle(wantsColor(noColor, io.stdout.isTerminal, io.environment));
    const width = io.stdout.isTerminal ? Math.max(60, io.stdout.columns) : PLAIN_WIDTH;
    const lines = renderExplanation(found, address, width, style);
    if (checked.length > 0) lines.push('');
    for (const { broken: why, name } of checked) {
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
