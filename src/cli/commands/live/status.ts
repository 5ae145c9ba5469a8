// egresslab status: the labs that run, and how one of them is.

import type { Argv } from 'yargs';
import { z } from 'zod';
import { findLab, runningLabs } from '../../../platform/control/lab-registry.ts';
import { ExitCode } from '../../exit-code.ts';
import { renderTable } from '../../render/table.ts';
import { printable } from '../../render/text.ts';
import { jsonDocument } from '../../topology-problems.ts';
import { type Action, type Command, JSON_OPTION, type Session, word } from '../command.ts';
import { ask, LAB_OPTION, LIVE_EXIT_CODES } from './ask.ts';

const statusSchema = z.looseObject({
  lab: z.string(),
  pid: z.number(),
  port: z.number().nullable(),
  kubeconfig: z.string().nullable(),
  topology: z.string(),
  description: z.string(),
  seed: z.number(),
  labSeconds: z.number(),
  labTime: z.string(),
  machines: z.array(
    z.looseObject({
      name: z.string(),
      kind: z.string(),
      state: z.string(),
      addresses: z.array(z.string()),
    }),
  ),
  egressIps: z.array(z.looseObject({ address: z.string(), heldBy: z.array(z.string()) })),
});

/** `egresslab status`: running labs, or one of them at a glance. */
export const statusCommand: Command = {
  name: 'status',
  optionNames: ['lab', 'json'],
  exitCodes: LIVE_EXIT_CODES,
  register(parser: Argv, choose: (action: Action) => void): Argv {
    return parser.command(
      'status',
      'Show the state of a running lab, or list the running labs',
      (command) =>
        command
          .options(LAB_OPTION)
          .options(JSON_OPTION)
          .example('$0 status --lab automatic', 'its machines, and who holds which egress IP'),
      (typed) => {
        const lab = word(typed.lab);
        choose((session) => execute(lab, typed.json, session));
      },
    );
  },
};

async function execute(lab: string | null, json: boolean, session: Session): Promise<number> {
  const { io } = session;
  const labs = runningLabs(io.environment);
  if (lab === null && labs.length > 1) {
    if (json) io.stdout.write(jsonDocument({ labs: labs.map(publicEntry) }));
    else io.stdout.write(lines(labsTable(labs, io.stdout.columns)));
    return ExitCode.Success;
  }
  const { name } = findLab(lab, io.environment);
  const code = await ask(name, { verb: 'status' }, session, (data) => {
    const status = statusSchema.parse(data);
    if (json) io.stdout.write(jsonDocument({ status }));
    else io.stdout.write(lines(statusLines(status, io.stdout.columns)));
  });
  return code;
}

type Labs = ReturnType<typeof runningLabs>;

/** Without the names of files that hold secrets. */
function publicEntry({ name, pid, port, kubeconfig, topology, startedAt }: Labs[number]): object {
  return { lab: name, pid, port, kubeconfig, topology, startedAt };
}

function labsTable(labs: Labs, width: number): string[] {
  const rows = labs.map(({ name, pid, port, topology }) => {
    return [name, String(pid), port === null ? 'starting' : String(port), topology];
  });
  const titles = ['LAB', 'PROCESS', 'PORT', 'TOPOLOGY'].map((title) => ({ title }));
  return renderTable(titles, rows, width);
}

function statusLines(status: z.output<typeof statusSchema>, width: number): string[] {
  const { egressIps, kubeconfig, lab, labSeconds, labTime, machines, pid, port, seed } = status;
  const head = [
    `${printable(lab)}: ${printable(status.description)}`,
    `topology ${printable(status.topology)}, seed ${seed}, process ${pid}, port ${port ?? '?'}`,
    `lab time ${labTime} (${labSeconds} s)`,
    ...(kubeconfig === null ? [] : [`kubeconfig ${printable(kubeconfig)}`]),
  ];
  const table = renderTable(
    ['MACHINE', 'KIND', 'STATE', 'ADDRESSES'].map((title) => ({ title })),
    machines.map(({ addresses, kind, name, state }) => [name, kind, state, addresses]),
    width,
  );
  const holders = egressIps.map(({ address, heldBy }) => [
    address,
    heldBy.length === 0 ? 'nobody' : heldBy.join(', '),
  ]);
  if (holders.length === 0) return [...head, '', ...table];
  const held = renderTable([{ title: 'EGRESS IP' }, { title: 'HELD BY' }], holders, width);
  return [...head, '', ...table, '', ...held];
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}
