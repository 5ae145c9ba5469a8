// egresslab extcap: makes running labs appear in Wireshark's list of interfaces, and answers when Wireshark
// asks for them (extcap(4)). It says nothing but what is asked for: Wireshark shows every other word as an error.

import type { Argv } from 'yargs';
import { z } from 'zod';
import { EgressLabError } from '../../base/errors.ts';
import type { CapturePort } from '../../platform/control/capture-answer.ts';
import type { LabEntry } from '../../platform/control/lab-entry.ts';
import { runningLabs } from '../../platform/control/lab-registry.ts';
import { extcapFolder, installLauncher, removeLauncher } from '../../platform/extcap-folder.ts';
import { CaptureTarget } from '../capture-target.ts';
import { ExitCode } from '../exit-code.ts';
import {
  CONFIGURATION,
  type ExtcapInterface,
  interfaceSentences,
  interfacesOf,
  LINK_TYPES,
} from '../extcap/sentences.ts';
import type { Io } from '../io.ts';
import {
  type Action,
  type Command,
  flagOption,
  type Session,
  word,
  wordOption,
} from './command.ts';
import { followCapture, placeOf } from './live/follow-capture.ts';

/** A lab that is busy is left out rather than keeping Wireshark waiting. */
const PATIENCE_MILLISECONDS = 2000;

const OPTIONS = {
  install: flagOption('Put egresslab into your folder of Wireshark'),
  uninstall: flagOption('Take it out again'),
  folder: wordOption('folder', 'Instead of the folder in which your Wireshark looks'),
};

/** `egresslab extcap`. */
export const extcapCommand: Command = {
  name: 'extcap',
  optionNames: Object.keys(OPTIONS),
  exitCodes: [ExitCode.Environment],
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'extcap',
      "Show running labs and their ports in Wireshark's list of interfaces",
      (command) =>
        command
          .options(OPTIONS)
          .example('$0 extcap --install', 'once; then restart Wireshark')
          .example('tshark -D', 'shows the labs that run, too'),
      (typed) => {
        const { install, uninstall } = typed;
        const folder = word(typed.folder);
        choose((session) => arrange({ install, uninstall, folder }, session));
      },
    );
  },
  actionOf(words: readonly string[]): Action | null {
    const asked = words.some((each) => each.startsWith('--extcap') || each === '--capture');
    return asked ? ({ io }) => answer(questionOf(words), io) : null;
  },
};

async function arrange(
  wish: { readonly install: boolean; readonly uninstall: boolean; readonly folder: string | null },
  { io }: Session,
): Promise<ExitCode> {
  const { install, uninstall } = wish;
  if (install === uninstall) {
    throw new EgressLabError('EGL_USAGE', 'extcap needs --install or --uninstall, one of them', {
      hint: 'Such as: egresslab extcap --install',
    });
  }
  const folder = wish.folder ?? (await extcapFolder());
  if (install) {
    const answers = { linkTypes: LINK_TYPES, configuration: CONFIGURATION };
    io.stdout.write(`Wireshark will find ${installLauncher(folder, answers)}\n`);
  } else {
    const removed = removeLauncher(folder);
    io.stdout.write(
      `${removed === null ? `Nothing of egresslab is in ${folder}` : `Removed ${removed}`}\n`,
    );
  }
  return ExitCode.Success;
}

/** What Wireshark asks for, as it was typed: '--name value' or '--name=value'; what is unknown is passed over. */
function questionOf(words: readonly string[]): ReadonlyMap<string, string> {
  const question = new Map<string, string>();
  for (const [at, each] of words.entries()) {
    const [, name, value] = /^(--[a-z-]+)(?:=(.*))?$/s.exec(each) ?? [];
    if (name === undefined) continue;
    const next = words[at + 1] ?? '';
    question.set(name, value ?? (next.startsWith('--') ? '' : next));
  }
  return question;
}

async function answer(question: ReadonlyMap<string, string>, io: Io): Promise<ExitCode> {
  const filter = question.get('--extcap-capture-filter') ?? '';
  if (question.has('--extcap-interfaces')) {
    const offers = await offersOf(io);
    print(interfaceSentences(offers.map(({ offered }) => offered)), io);
  } else if (question.has('--extcap-dlts')) {
    print(LINK_TYPES, io);
  } else if (question.has('--extcap-config')) {
    print(CONFIGURATION, io);
  } else if (filter !== '') {
    throw new EgressLabError('EGL_USAGE', 'labs know no capture filters', {
      hint: 'Choose the ports in the options of the interface, or use a display filter.',
    });
  } else if (question.has('--capture')) {
    return await capture(question, io);
  }
  return ExitCode.Success;
}

async function capture(question: ReadonlyMap<string, string>, io: Io): Promise<ExitCode> {
  const value = question.get('--extcap-interface') ?? '';
  const fifo = question.get('--fifo') ?? '';
  const named = (question.get('--ports') ?? '').split(/[\s,]+/).filter((each) => each !== '');
  if (fifo === '') throw new EgressLabError('EGL_USAGE', '--capture needs --fifo');
  // Whatever happens: Wireshark waits until its pipe was opened and closed.
  const target = await CaptureTarget.open(fifo, io);
  const place = placeOf(target);
  const abort = new AbortController();
  const stopListening = io.onStopSignal(() => abort.abort());
  target.onGone(() => abort.abort());
  try {
    const { lab, offered } = await offerCalled(value, io);
    const ports = named.length > 0 ? named : offered.ports;
    const comments = !question.has('--no-comments');
    await followCapture(lab, { ports, comments, format: 'pcapng' }, place, abort.signal);
  } catch (error) {
    // A lab that was killed has ended, too, and its frames are all there.
    if (!(error instanceof EgressLabError) || error.code !== 'EGL_LAB_UNREACHABLE') throw error;
  } finally {
    stopListening();
    place.sink.close();
    await target.finished();
  }
  return ExitCode.Success;
}

interface Offer {
  readonly lab: LabEntry;
  readonly offered: ExtcapInterface;
}

/** @throws EgressLabError EGL_NO_LAB for what was there when the list was made, or never */
async function offerCalled(value: string, io: Io): Promise<Offer> {
  const found = (await offersOf(io)).find(({ offered }) => offered.value === value);
  if (found !== undefined) return found;
  throw new EgressLabError('EGL_NO_LAB', `no running lab has an interface "${value}"`, {
    hint: 'Start the lab again with `egresslab up`, then refresh the list of interfaces.',
  });
}

/** Of all labs that answer. */
async function offersOf({ environment }: Io): Promise<Offer[]> {
  const offers = await Promise.all(
    runningLabs(environment).map(async (lab) => {
      const ports = await portsOf(lab);
      return ports === null
        ? []
        : interfacesOf(lab.name, ports).map((offered) => ({ lab, offered }));
    }),
  );
  return offers.flat();
}

const portsSchema = z.object({
  ports: z.array(z.object({ name: z.string(), description: z.string() })),
});

/** Null for a lab that does not answer. */
async function portsOf(lab: LabEntry): Promise<readonly CapturePort[] | null> {
  let ports: readonly CapturePort[] | null = null;
  const onMessage = (message: object): void => {
    if ('data' in message) ports = portsSchema.safeParse(message.data).data?.ports ?? null;
  };
  try {
    const { askLab } = await import('../../platform/control/control-client.ts');
    await askLab(lab, { verb: 'ports' }, onMessage, AbortSignal.timeout(PATIENCE_MILLISECONDS));
  } catch (error) {
    if (!(error instanceof EgressLabError)) throw error;
  }
  return ports;
}

function print(lines: readonly string[], { stdout }: Io): void {
  stdout.write(lines.map((line) => `${line}\n`).join(''));
}
